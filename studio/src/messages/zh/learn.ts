/** @file Chinese words of the view Learn. */
import type { Messages } from '../en/index.js';

export const learn: Messages['learn'] = {
  title: '训练',
};
