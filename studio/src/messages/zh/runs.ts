/** @file Chinese words of the view Runs. */
import type { Messages } from '../en/index.js';

export const runs: Messages['runs'] = {
  title: '记录',
};
