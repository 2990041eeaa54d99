/** @file Chinese words of the view Serve. */
import type { Messages } from '../en/index.js';

export const serve: Messages['serve'] = {
  title: '服务',
};
