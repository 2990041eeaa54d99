/** @file Shows the progress of a job on one line of the terminal. */

import type { JobEvent, JobProgress } from '../../workspace/index.js';
import { messages } from '../messages/index.js';
import { formatBytes } from './format.js';
import { type Counted, counted, progressLine } from './progress-line.js';

/** Shows progress, and warnings on standard error. Ignores other events. */
export function jobProgress() {
  const line = progressLine();
  const download = ({
    file,
    loadedBytes,
    totalBytes,
  }: {
    file: string;
    loadedBytes: number;
    totalBytes: number;
  }) => line.show(messages().common.counted(file, formatBytes(loadedBytes), formatBytes(totalBytes)));
  return {
    download,
    /** @param title what is counted. Default: from the event */
    event(event: JobEvent, title?: string): void {
      if (event.type === 'download') download(event);
      if (event.type === 'progress') line.show(counted(title ?? titleOf(event), event));
      if (event.type !== 'warning') return;
      line.clear();
      console.error(messages().common.warning(event.message));
    },
    show: (what: string, counts: Counted) => line.show(counted(what, counts)),
    clear: line.clear,
  };
}

function titleOf({ stage, of }: JobProgress): string {
  const { progress } = messages();
  if (stage !== 'scoring') return progress[stage];
  return of === 'model' || of === 'adapter' || of === 'head' ? progress[of] : progress.other(of ?? '');
}
