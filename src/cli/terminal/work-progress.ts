/** @file Shows works that several processes have at hand on one line of the terminal. */

import type { JobEvent, WorkState } from '../../workspace/index.js';
import { messages } from '../messages/index.js';
import { formatBytes, formatDuration } from './format.js';
import { progressLine } from './progress-line.js';

interface AtHand {
  readonly what: string;
  /** How much of it is done, 0 to 1. */
  readonly share: number;
}

/** `2 of 8 done, about 3 min left; lora-50-seed-1: training 12 of 60, lora-50-seed-2: training 9 of 60`. */
export function workProgress() {
  const line = progressLine();
  const atHand = new Map<string, AtHand>();
  let total = 0;
  let done = 0;
  /** Works that were computed here and now, which tell how long the others take. */
  let begun: number | undefined;
  let computed = 0;

  const show = () => {
    const parts = [messages().progress.works(done, total, timeLeft())];
    const works = [...atHand].map(([id, { what }]) => `${id}: ${what}`);
    line.show([...parts, ...(works.length > 0 ? [works.join(', ')] : [])].join('; '));
  };

  function timeLeft(): string {
    const underway = [...atHand.values()].reduce((sum, { share }) => sum + share, 0);
    const equal = computed + underway;
    if (begun === undefined || equal < 0.1) return '';
    const seconds = (((performance.now() - begun) / 1000) * (total - done - underway)) / equal;
    return messages().progress.timeLeft(formatDuration(Math.max(0, seconds)));
  }

  return {
    start(count: number): void {
      total = count;
    },
    state(id: string, state: WorkState): void {
      if (state === 'running') {
        begun ??= performance.now();
        atHand.set(id, { what: messages().progress.starting, share: 0 });
      } else {
        if (atHand.delete(id) && state === 'done') computed++;
        if (state === 'done' || state === 'failed') done++;
      }
      show();
    },
    event(id: string, event: JobEvent): void {
      if (event.type === 'download') {
        const { loadedBytes, totalBytes, file } = event;
        atHand.set(id, {
          what: messages().common.counted(file, formatBytes(loadedBytes), formatBytes(totalBytes)),
          share: 0,
        });
      } else if (event.type === 'progress') {
        const { stage, done: count, total: of } = event;
        // Scoring comes last, and is taken for a tenth of the time.
        const share =
          stage === 'training' ? (0.9 * count) / of : stage === 'scoring' ? 0.9 + (0.1 * count) / of : 0;
        const { stages, part } = messages().progress;
        atHand.set(id, { what: part(stages[stage], count, of), share });
      } else return;
      show();
    },
    clear: line.clear,
  };
}
