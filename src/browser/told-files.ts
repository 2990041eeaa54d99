/** @file Where the package's files are, as the page told its worker. */
import type { BrowserFiles } from './files.js';

let files: BrowserFiles;

export const browserFiles = (): BrowserFiles => files;

export function useFiles(told: BrowserFiles): void {
  files = told;
}
