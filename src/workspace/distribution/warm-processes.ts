/** @file Processes that do pieces, each one at a time, and stay for the next. */
import { type ChildProcess, fork } from 'node:child_process';
import type { ResultFiles, Work } from '../../distribution/work.js';
import { spoken } from '../../say.js';
import { errorFromJson } from '../jobs/job-error.js';
import { ProcessEndedError } from '../jobs/run-in-process.js';
import type { PieceAnswer, PieceRequest } from './piece-process.js';
import type { PieceModel } from './pieces.js';

/** At most `count` processes, which are started when there is something to do, or before. */
export class WarmProcesses {
  readonly #idle: ChildProcess[] = [];
  readonly #all = new Set<ChildProcess>();
  readonly #waiting: ((child: ChildProcess) => void)[] = [];

  constructor(readonly count: number) {}

  /** Starts all processes, and has them open a model. Where they cannot, the first piece says so. */
  prepare(of: PieceModel): void {
    while (this.#all.size < this.count) this.#idle.push(this.#start());
    const request: PieceRequest = { type: 'open', of };
    for (const child of this.#idle) child.send(request, () => {});
  }

  /** @throws what the piece throws; ProcessEndedError if its process ends before; the signal's reason */
  async run({ kind, input, blobs }: Work, signal?: AbortSignal): Promise<ResultFiles> {
    signal?.throwIfAborted();
    const child = await this.#take();
    signal?.throwIfAborted();
    const request: PieceRequest = { type: 'run', kind, input, blobs };
    const answer = await new Promise<PieceAnswer>((resolve, reject) => {
      const settle = (end: () => void) => {
        child.off('message', onMessage);
        child.off('close', onClose);
        signal?.removeEventListener('abort', onAbort);
        end();
      };
      const onMessage = (message: unknown) => settle(() => resolve(message as PieceAnswer));
      const onClose = (code: number | null, killedBy: string | null) =>
        settle(() => reject(new ProcessEndedError(`${killedBy ?? code}`)));
      // What it is computing cannot be interrupted; the next piece gets another process.
      const onAbort = () =>
        settle(() => {
          child.kill('SIGKILL');
          reject(signal!.reason);
        });
      child.on('message', onMessage);
      child.on('close', onClose);
      signal?.addEventListener('abort', onAbort, { once: true });
      child.send(request, () => {}); // where it cannot be sent, the process has ended
    });
    this.#giveBack(child);
    if (answer.type === 'error') throw errorFromJson(answer.error);
    return answer.files;
  }

  /** Ends all processes. */
  close(): void {
    for (const child of this.#all) if (child.connected) child.disconnect();
  }

  async #take(): Promise<ChildProcess> {
    const idle = this.#idle.pop();
    if (idle) return idle;
    if (this.#all.size < this.count) return this.#start();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #giveBack(child: ChildProcess): void {
    const next = this.#waiting.shift();
    if (next) next(child);
    else this.#idle.push(child);
  }

  #start(): ChildProcess {
    const isSource = import.meta.url.endsWith('.ts'); // as in this repository's own tests
    const name = isSource ? './piece-process.ts' : './piece-process.js';
    const child = fork(new URL(name, import.meta.url), [spoken().language], {
      serialization: 'advanced', // maps and bytes arrive as they are
      ...(isSource && { execArgv: ['--import', 'tsx'] }),
    });
    this.#all.add(child);
    child.on('error', () => {}); // its end is told by 'close'
    child.once('close', () => {
      this.#all.delete(child);
      const at = this.#idle.indexOf(child);
      if (at >= 0) this.#idle.splice(at, 1);
      const next = this.#waiting.shift();
      if (next) next(this.#start());
    });
    return child;
  }
}
