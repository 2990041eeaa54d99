/**
 * @file A process that does pieces of work for its parent, one after the other, and keeps the model in between. Its
 *   argument is the language that it speaks.
 */
import '../../hub-datasets.js';
import type { ResultFiles, Work } from '../../distribution/work.js';
import { type Language, speak } from '../../say.js';
import { catalogs } from '../../sentences/index.js';
import { errorAsJson, type JobError } from '../jobs/job-error.js';
import { type PieceModel, PieceWorker } from './pieces.js';

/** `open`: a piece with this model is about to come. It has no answer. */
export type PieceRequest =
  | ({ type: 'run' } & Pick<Work, 'kind' | 'input' | 'blobs'>)
  | { type: 'open'; of: PieceModel };

export type PieceAnswer = { type: 'done'; files: ResultFiles } | { type: 'error'; error: JobError };

speak(catalogs[process.argv[2] as Language] ?? catalogs.en);
const worker = new PieceWorker();
// The parent also gets a terminal's Ctrl-C and end, and decides what to do.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM']) process.on(signal, () => {});
process.once('disconnect', () => process.exit(0));
process.on('message', async (request: PieceRequest) => {
  if (request.type === 'open') return worker.open(request.of);
  let answer: PieceAnswer;
  try {
    answer = { type: 'done', files: await worker.run(request) };
  } catch (error) {
    answer = { type: 'error', error: errorAsJson(error) };
  }
  process.send!(answer);
});
