/** @file Formats numbers for people and words for shells. */
import { messages } from '../messages/index.js';

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return messages().common.bytes(bytes);
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(0)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

export function formatDuration(seconds: number): string {
  const { common } = messages();
  if (seconds < 60) return common.seconds(Math.ceil(seconds));
  if (seconds < 3600) return common.minutes(Math.floor(seconds / 60), Math.round(seconds % 60));
  return common.hours(Math.floor(seconds / 3600), Math.round((seconds % 3600) / 60));
}

/** Four significant digits. */
export function formatLoss(loss: number): string {
  return loss.toPrecision(4);
}

/** Quotes a word of a command so that it can be copied into a shell. */
export function shellWord(word: string): string {
  return /^[\w./:@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
