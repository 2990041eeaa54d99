/** @file `session`: the time until a process can train or generate, each measured in a fresh process. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { timesOf } from '../measure.js';
import type { Part } from '../part.js';
import type { SessionTimes } from '../session-once.js';

const script = fileURLToPath(new URL('../session-once.js', import.meta.url));

export const session: Part = async ({ model }) => {
  const runs = Array.from({ length: 7 }, (): SessionTimes => {
    return JSON.parse(execFileSync(process.execPath, [script, model], { encoding: 'utf8' }));
  });
  const row = (what: string, of: (run: SessionTimes) => number) => {
    const { median, min, max } = timesOf(runs.map(of));
    return { what, 'median ms': median, 'min ms': min, 'max ms': max };
  };
  const ready = row('a training step is ready: both', (run) => run.graphWritten + run.sessionMade);
  return {
    rows: [
      row('modules are loaded', (run) => run.modulesLoaded),
      row('a model is opened', (run) => run.modelOpened),
      row('the graph is built and written', (run) => run.graphWritten),
      row('the worker is started and the session made', (run) => run.sessionMade),
      ready,
      row('then generation is ready, in the same worker', (run) => run.generationReady),
    ],
    targets: [{ name: 'training step ready', value: ready['median ms'], unit: 'ms', atMost: 500 }],
    notes: ['Each is the time of that alone, in a fresh process; the files are in the page cache.'],
  };
};
