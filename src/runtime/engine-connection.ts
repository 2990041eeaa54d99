/** @file The thread that all sessions of a process share: started with the first session, ended after the last. */
import { startEngineThread } from '#engine-thread';
import { PromptuneError } from '../errors.js';
import { say } from '../say.js';
import type { ThreadPort } from './port.js';
import { buffersOf, type NamedTensors, type Request, type RunResult } from './protocol.js';

interface Pending {
  resolve(result: RunResult | undefined): void;
  reject(error: Error): void;
}

/** ONNX Runtime rejected a request. The buffers that a run borrowed come back with the error. */
export class RunError extends PromptuneError {
  constructor(
    message: string,
    readonly lent: NamedTensors,
  ) {
    super(`ONNX Runtime: ${message.trim().replace(/\s*\n\s*/g, ' ')}`);
  }
}

/** The thread has ended, and with it every session. What keeps sessions between requests then opens others. */
export class ThreadEndedError extends PromptuneError {
  constructor(cause: Error | undefined) {
    const why = cause ? ` (${cause.message})` : '';
    super(
      say`the worker thread of ONNX Runtime has ended${why} with all of its sessions; ask a
        generator or a classifier again, and create anything else anew`,
      { cause, code: 'unavailable' },
    );
  }
}

export class EngineConnection {
  readonly #pending = new Map<number, Pending>();
  #nextRequest = 0;
  #sessions = 0;
  #ended: PromptuneError | undefined;

  constructor(private readonly port: ThreadPort) {
    port.unref();
    port.onMessage((reply) => {
      const pending = this.#settle(reply.id);
      if (!pending) return; // the thread's end was reported before its last replies
      if ('error' in reply) pending.reject(new RunError(reply.error, reply.lent));
      else pending.resolve(reply.result);
    });
    port.onEnd((reason) => this.#end(reason));
  }

  /** The error of every further request, once the thread has ended. */
  get ended(): PromptuneError | undefined {
    return this.#ended;
  }

  /**
   * Sends a request; the buffers of lent tensors are transferred instead of copied.
   * @throws RunError if ONNX Runtime rejects it; PromptuneError once the thread has ended
   */
  request(request: Request): Promise<RunResult | undefined> {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = this.#nextRequest++;
    if (request.type === 'create') this.#sessions++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.port.ref(); // keeps the process alive while requests are running
      this.port.post({ id, request }, request.type === 'run' ? buffersOf(request.lent) : []);
    });
  }

  /** Frees a session. If its thread has ended, it is free already. */
  async dispose(session: number): Promise<void> {
    try {
      await this.request({ type: 'dispose', session });
    } catch (error) {
      if (error !== this.#ended) throw error;
    } finally {
      await this.release();
    }
  }

  /** Unregisters a session; after the last one, ends the thread, which frees all memory of ONNX Runtime. */
  async release(): Promise<void> {
    this.#sessions--;
    if (this.#sessions > 0) return;
    this.#end();
    await this.port.terminate();
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.port.unref();
    return pending;
  }

  /** From now on, no request is answered. */
  #end(reason?: Error): void {
    if (current === this) current = undefined;
    this.#ended ??= new ThreadEndedError(reason);
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(this.#ended);
  }
}

let current: EngineConnection | undefined;

/** The connection for new sessions. Starts its thread if necessary. */
export function engineConnection(): EngineConnection {
  current ??= new EngineConnection(startEngineThread());
  return current;
}

/** Starts the thread if necessary, so that it loads ONNX Runtime while the caller builds a graph. */
export function startRuntime(): void {
  engineConnection();
}
