/**
 * @file An engine in the thread of a test, which sees what each run brings home: the outputs that come to the thread's
 *   memory. Use: `vi.mock('#engine-thread', engineInThread)`.
 */
import * as ort from 'onnxruntime-node';
import { Engine, type Ort } from '../../src/runtime/engine.js';
import { sessionOptions } from '../../src/runtime/node/session-options.js';
import type { ThreadPort } from '../../src/runtime/port.js';
import type { Message, Reply } from '../../src/runtime/protocol.js';
import { serve } from '../../src/runtime/serve.js';

/** The names of the outputs that came home, run by run. A test empties it. */
export const broughtHome: string[][] = [];

export const engineInThread = async (original: () => Promise<object>) => ({
  ...(await original()),
  startEngineThread,
});

function startEngineThread(): ThreadPort {
  let toEngine: (message: Message) => void = () => {};
  let toLibrary: (reply: Reply) => void = () => {};
  const copied = <T>(message: T, transfer: ArrayBuffer[]): T => structuredClone(message, { transfer });
  serve(new Engine({ Tensor: ort.Tensor, InferenceSession: { create } } as unknown as Ort, sessionOptions), {
    post: (reply, moved) => toLibrary(copied(reply, moved)),
    onMessage: (listener) => {
      toEngine = listener;
    },
  });
  return {
    post: (message, moved) => toEngine(copied(message, moved)),
    onMessage: (listener) => {
      toLibrary = listener;
    },
    onEnd() {},
    async terminate() {},
    ref() {},
    unref() {},
  };
}

/** A session as ONNX Runtime makes it. The CPU has no memory of its own in which outputs could stay. */
async function create(onnx: Uint8Array, options: ort.InferenceSession.SessionOptions) {
  const { preferredOutputLocation = {}, ...others } = options;
  const isOnCpu = options.executionProviders?.[0] === 'cpu';
  const session = await ort.InferenceSession.create(onnx, isOnCpu ? others : options);
  return {
    outputNames: session.outputNames,
    release: () => session.release(),
    async run(feeds: ort.InferenceSession.FeedsType, names?: readonly string[]) {
      const results = await session.run(feeds, names ?? session.outputNames);
      const stays = (name: string) =>
        isOnCpu ? name in (preferredOutputLocation as object) : results[name]!.location !== 'cpu';
      broughtHome.push(Object.keys(results).filter((name) => !stays(name)));
      return results;
    },
  };
}
