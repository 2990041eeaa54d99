/** @file A progress line on the terminal, removed when done. */
import { messages } from '../messages/index.js';

export interface ProgressLine {
  show(text: string): void;
  clear(): void;
}

/** On stderr, so that it never mixes with results. Shows nothing if stderr is not a terminal. */
export function progressLine(): ProgressLine {
  const { stderr } = process;
  let shown = false;
  return {
    show(text) {
      if (!stderr.isTTY) return;
      stderr.write(`\r\x1b[K${text.slice(0, stderr.columns - 1)}`);
      shown = true;
    },
    clear() {
      if (shown) stderr.write('\r\x1b[K');
      shown = false;
    },
  };
}

export interface Counted {
  done: number;
  total: number;
}

/** "Reading the data: 1,200 of 42,061" */
export function counted(what: string, { done, total }: Counted): string {
  return messages().common.counted(what, done.toLocaleString('en'), total.toLocaleString('en'));
}
