/** @file The job that computes a comparison: trains and scores its cells in turn, each in a process of its own. */
import * as z from 'zod';
import { resolveComparison } from '../../comparison/config.js';
import { type ComparisonEvent, type ComparisonResults, compareMethods } from '../compare-methods.js';
import type { JobOptions } from './events.js';

export const compareJobSchema = z.strictObject({
  type: z.literal('compare'),
  config: z
    .record(z.string(), z.unknown())
    .describe('the keys of a configuration of promptune compare: model, output, data, test, methods …'),
  offline: z.boolean().optional().describe('use only local files'),
});
export type CompareJob = z.input<typeof compareJobSchema>;

export interface CompareJobResult extends Partial<ComparisonResults> {
  /** Whether the signal stopped it. Finished cells are kept, and the same job goes on from there. */
  readonly stopped: boolean;
}

/** @throws UsageError with every invalid key; what `compareMethods` throws */
export async function runCompareJob(
  { config, offline }: CompareJob,
  { signal, onEvent = () => {} }: JobOptions,
): Promise<CompareJobResult> {
  let begun: string | undefined;
  let done = 0;
  let count = 0;
  /** Every cell has the same notes. */
  const warned = new Set<string>();
  const tell = (event: ComparisonEvent): void => {
    switch (event.type) {
      case 'cell event': {
        const { id, number } = event;
        count = event.count;
        if (begun !== id) onEvent({ type: 'part', name: id, number, count });
        begun = id;
        if (event.event.type === 'progress') onEvent({ ...event.event, of: id });
        else if (event.event.type === 'download') onEvent(event.event);
        else if (event.event.type === 'warning') warn(event.event.message);
        return;
      }
      case 'cell': {
        const { id, kept, result } = event;
        done++;
        onEvent({ type: 'scores', name: id, scores: result.scores, done, ...(kept && { kept }) });
        return;
      }
      case 'cell failed':
        done++;
        warn(`${event.id}: ${event.error.message}`);
        return;
      case 'warning':
        warn(event.message);
    }
  };
  const warn = (message: string) => {
    if (!warned.has(message)) onEvent({ type: 'warning', message });
    warned.add(message);
  };
  const results = await compareMethods(resolveComparison(config), { offline, signal, onEvent: tell });
  return { stopped: results === undefined, ...results };
}
