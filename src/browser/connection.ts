/** @file The page's end of the library's worker: calls, what they call back, and their signals. */
import { PromptuneError, UsageError } from '../errors.js';
import { type WebWorker, web } from '../platform/web-apis.js';
import { say } from '../say.js';
import { type FromWorker, pack, type ToWorker } from './messages.js';
import type { Methods } from './methods.js';
import { thrownError } from './stored-error.js';

type Name = keyof Methods;
type Result<Of extends Name> = Awaited<ReturnType<Methods[Of]>>;

interface Pending {
  resolve(result: unknown): void;
  reject(error: unknown): void;
  readonly callbacks: readonly ((value: unknown) => void)[];
  /** Is aborted when the call is through, so that nobody listens to its signals any more. */
  readonly through: AbortController;
}

export class Connection {
  readonly #worker: WebWorker;
  readonly #pending = new Map<number, Pending>();
  #nextCall = 0;
  #ended: PromptuneError | undefined;

  constructor(script: string) {
    this.#worker = new web.Worker(script, { type: 'module', name: 'promptune' });
    this.#worker.onmessage = ({ data }) => this.#hear(data as FromWorker);
    this.#worker.onerror = ({ message }) =>
      this.#end(message ?? say`${script} could not be loaded; is it there, and of the page's own origin?`);
  }

  /** Calls a method. Its error is the one that it throws in the worker. */
  call<Of extends Name>(name: Of, ...args: unknown[]): Promise<Result<Of>> {
    if (this.#ended) return Promise.reject(this.#ended);
    const call = this.#nextCall++;
    return new Promise((resolve, reject) => {
      const { value, callbacks, signals } = pack(args);
      this.#post({ type: 'call', call, name, args: value });
      const through = new AbortController();
      this.#pending.set(call, { resolve: resolve as (result: unknown) => void, reject, callbacks, through });
      for (const [number, signal] of signals.entries()) {
        const abort = () => this.#post({ type: 'abort', call, signal: number, reason: signal.reason });
        if (signal.aborted) abort();
        else signal.addEventListener('abort', abort, { signal: through.signal });
      }
    });
  }

  close(): void {
    this.#worker.terminate();
    this.#end(say`it was closed`);
  }

  #post(message: ToWorker): void {
    try {
      this.#worker.postMessage(message);
    } catch (cause) {
      if ((cause as Error).name !== 'DataCloneError') throw cause;
      const problem = say`the options have an object that no other thread can get, where the library is`;
      throw new UsageError(`${problem}: ${(cause as Error).message}`, { code: 'unsupported', cause });
    }
  }

  #hear(message: FromWorker): void {
    const pending = this.#pending.get(message.call);
    if (!pending) return;
    if (message.type === 'callback') {
      pending.callbacks[message.callback]!(message.value);
      return;
    }
    this.#pending.delete(message.call);
    pending.through.abort();
    if (message.type === 'result') pending.resolve(message.result);
    else pending.reject(thrownError(message.error));
  }

  #end(why: string): void {
    this.#ended ??= new PromptuneError(say`the library's worker has ended: ${why}`, { code: 'unavailable' });
    for (const { reject, through } of this.#pending.values()) {
      through.abort();
      reject(this.#ended);
    }
    this.#pending.clear();
  }
}
