/** @file Chinese words of the view See. */
import type { Messages } from '../en/index.js';

export const see: Messages['see'] = {
  title: '观察',
};
