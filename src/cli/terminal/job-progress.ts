/** @file Shows the progress of a job on one line of the terminal. */
import type { JobEvent, JobProgress } from '../../workspace/index.js';
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
  }) => line.show(`${file}: ${formatBytes(loadedBytes)} of ${formatBytes(totalBytes)}`);
  return {
    download,
    /** @param title what is counted. Default: from the event */
    event(event: JobEvent, title?: string): void {
      if (event.type === 'download') download(event);
      if (event.type === 'progress') line.show(counted(title ?? titleOf(event), event));
      if (event.type !== 'warning') return;
      line.clear();
      console.error(event.message);
    },
    show: (what: string, counts: Counted) => line.show(counted(what, counts)),
    clear: line.clear,
  };
}

function titleOf({ stage, of }: JobProgress): string {
  if (stage === 'tokenizer') return 'Learning a tokenizer';
  if (stage === 'data') return 'Reading the data';
  if (stage === 'training') return 'Training';
  if (of === 'model') return 'The model alone';
  return of === 'adapter' || of === 'head' ? `With the ${of}` : `With ${of}`;
}
