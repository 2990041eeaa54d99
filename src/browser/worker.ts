/**
 * @file The library's worker: does what a page calls for. Its thread stays free to hear that a call is to stop, since
 *   ONNX Runtime works in one of its own.
 */
import { join, mount } from '../platform/web.js';
import { type WorkerScope, web } from '../platform/web-apis.js';
import { type FromWorker, type ToWorker, type Unpacking, unpack } from './messages.js';
import { methods } from './methods.js';
import { objectAt } from './objects.js';
import { storedError } from './stored-error.js';

const scope = web as unknown as WorkerScope;
const post = (message: FromWorker, moved: ArrayBuffer[] = []) => scope.postMessage(message, moved);

/** What may yet stop a call, by the numbers of its signals. */
const running = new Map<number, Map<number, AbortController>>();

/** The same for the same file whenever it is picked, so that a run which is resumed finds the path that it had. */
function pathOfFile(file: File): string {
  const path = join('/picked', `${file.lastModified}-${file.size}`, file.name);
  mount(path, file);
  return path;
}

const unpackingOf = (call: number): Unpacking => {
  const controllers = new Map<number, AbortController>();
  running.set(call, controllers);
  return {
    object: objectAt,
    file: pathOfFile,
    callback: (callback) => (value) => post({ type: 'callback', call, callback, value }),
    signal(signal) {
      const controller = controllers.get(signal) ?? new AbortController();
      controllers.set(signal, controller);
      return controller.signal;
    },
  };
};

/** Whoever asks after a choice of language is answered in that. */
let chosen: Promise<unknown> = Promise.resolve();

async function answer({ call, name, args }: Extract<ToWorker, { type: 'call' }>): Promise<void> {
  try {
    const method = methods[name as keyof typeof methods] as (...args: unknown[]) => unknown;
    const given = unpack(args, unpackingOf(call)) as unknown[];
    const done = chosen.then(() => method(...given));
    if (name === 'start' || name === 'speak') chosen = done.catch(() => {});
    const result = await done;
    post({ type: 'result', call, result });
  } catch (error) {
    post({ type: 'error', call, error: storedError(error) });
  } finally {
    running.delete(call);
  }
}

scope.addEventListener('message', ({ data }) => {
  const message = data as ToWorker;
  if (message.type === 'call') void answer(message);
  else running.get(message.call)?.get(message.signal)?.abort(message.reason);
});
