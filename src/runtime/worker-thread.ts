/** @file The worker thread that all sessions of a process share: started with the first session, ended after the last. */
import './no-telemetry.js';
import { Worker } from 'node:worker_threads';
import { PromptuneError } from '../errors.js';
import { buffersOf, type NamedTensors, type Reply, type Request, type RunResult } from './protocol.js';

interface Pending {
  resolve(result: RunResult | undefined): void;
  reject(error: Error): void;
}

/** The package ships the worker as JavaScript; from source (tests, examples) it is TypeScript and needs tsx's loader. */
function startWorker(): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./worker.js', import.meta.url));
  const source = new URL('./worker.ts', import.meta.url);
  const load = `import('tsx/esm/api').then((tsx) => { tsx.register(); return import('${source}'); })`;
  return new Worker(load, { eval: true });
}

/** ONNX Runtime refused something. The buffers that a run borrowed come back with the error. */
export class RunError extends PromptuneError {
  constructor(
    message: string,
    readonly lent: NamedTensors,
  ) {
    super(`ONNX Runtime: ${message.trim().replace(/\s*\n\s*/g, ' ')}`);
  }
}

class WorkerThread {
  readonly #pending = new Map<number, Pending>();
  readonly #worker: Worker;
  #nextRequest = 0;
  #sessions = 0;

  constructor() {
    this.#worker = startWorker();
    this.#worker.unref();
    this.#worker.on('message', (reply: Reply) => {
      const pending = this.#pending.get(reply.id)!;
      this.#settle(reply.id);
      if ('error' in reply) pending.reject(new RunError(reply.error, reply.lent));
      else pending.resolve(reply.result);
    });
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () =>
      this.#fail(new PromptuneError('the worker thread of ONNX Runtime has ended')),
    );
  }

  /** Sends a request; the buffers of lent tensors change threads instead of being copied. */
  request(request: Request): Promise<RunResult | undefined> {
    const id = this.#nextRequest++;
    if (request.type === 'create') this.#sessions++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.ref(); // a process with work under way stays alive; an idle one may end
      this.#worker.postMessage({ id, request }, request.type === 'run' ? buffersOf(request.lent) : []);
    });
  }

  /** Counts one session out; ends the thread, and with it all memory of ONNX Runtime, after the last one. */
  async release(): Promise<void> {
    this.#sessions--;
    if (this.#sessions > 0) return;
    if (current === this) current = undefined;
    await this.#worker.terminate();
  }

  #settle(id: number): void {
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#worker.unref();
  }

  #fail(error: Error): void {
    if (current === this) current = undefined;
    for (const [id, pending] of this.#pending) {
      this.#settle(id);
      pending.reject(error);
    }
  }
}

let current: WorkerThread | undefined;

export function workerThread(): WorkerThread {
  current ??= new WorkerThread();
  return current;
}

/** Starts the thread where there is none yet: it loads ONNX Runtime while its caller makes a graph for it. */
export function startRuntime(): void {
  workerThread();
}

export type { WorkerThread };
