/** @file All English words of the page. */
import { learn } from './learn.js';
import { options } from './options.js';
import { runs } from './runs.js';
import { see } from './see.js';
import { serve } from './serve.js';
import { shell } from './shell.js';
import { tab } from './tab.js';
import { tryOut } from './try.js';

export const en = { shell, options, learn, try: tryOut, see, runs, serve, tab };

export type Messages = typeof en;
