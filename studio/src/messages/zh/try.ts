/** @file Chinese words of the view Try. */
import type { Messages } from '../en/index.js';

export const tryOut: Messages['try'] = {
  title: '试用',
};
