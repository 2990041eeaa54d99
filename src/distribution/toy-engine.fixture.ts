/** @file Works without models, and an engine that does them in this process, for tests. */
import type { Engine, ResultFiles, RunWorkOptions, Work } from './work.js';
import { workKey } from './work-key.js';

const encoder = new TextEncoder();

export const filesOf = (files: Readonly<Record<string, string>>): ResultFiles =>
  new Map(Object.entries(files).map(([name, text]) => [name, encoder.encode(text)]));

export const textOf = (files: ResultFiles | undefined, name = 'result.json') =>
  new TextDecoder().decode(files?.get(name));

export function toyWork(label: string, more: Partial<Work> = {}): Work {
  const key = workKey({ kind: 'toy', machineClass: 'one', contents: {}, settings: { label } });
  return { key, kind: 'toy', label, input: label, ...more };
}

/** What every right doer of a toy work gives. */
export const toyResult = ({ label }: Pick<Work, 'label'>): ResultFiles =>
  filesOf({ 'result.json': `"${label}"`, 'measured.json': String(Math.random()) });

export function toyEngine(
  run: (work: Work, options: RunWorkOptions) => Promise<ResultFiles> | ResultFiles,
  atOnce = 2,
): Engine {
  return {
    atOnce,
    async run(work, options = {}) {
      options.onState?.('running');
      return run(work, options);
    },
    async close() {},
  };
}
