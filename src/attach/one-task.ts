/** @file Refuses an adapter with a prompt per task where no text names its task. */
import { UsageError } from '../errors.js';
import { say } from '../say.js';
import type { Adapter } from './method.js';

/** @throws UsageError for an adapter of which no task was chosen */
export function requireOneTask(adapter: Adapter | undefined, name = say`the adapter`): void {
  if (adapter?.tasks)
    throw new UsageError(
      say`${name} has ${adapter.tasks.count} tasks; choose one of them first
        (adapter.tasks.adapterFor)`,
      { code: 'unsupported' },
    );
}
