import type { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { PromptuneError } from '../errors.js';
import { input, multiply, toOnnx } from '../graph/index.js';
import { float32Tensor } from '../tensor.js';
import { EngineConnection } from './engine-connection.js';
import type { EnginePort, ThreadPort } from './port.js';
import type { Message, Reply } from './protocol.js';
import { serve } from './serve.js';

/** Both ends of a port in one thread. */
function portPair(): {
  engine: EnginePort;
  thread: ThreadPort & { end(reason?: Error): void; held: boolean };
} {
  let toEngine: (message: Message) => void = () => {};
  let toLibrary: (reply: Reply) => void = () => {};
  const ends: ((reason?: Error) => void)[] = [];
  return {
    engine: {
      post: (reply) => queueMicrotask(() => toLibrary(reply)),
      onMessage: (listener) => {
        toEngine = listener;
      },
    },
    thread: {
      held: true,
      post: (message) => queueMicrotask(() => toEngine(message)),
      onMessage: (listener) => {
        toLibrary = listener;
      },
      onEnd: (listener) => ends.push(listener),
      end: (reason) => {
        for (const listener of ends) listener(reason);
      },
      async terminate() {
        this.end();
      },
      ref() {
        this.held = true;
      },
      unref() {
        this.held = false;
      },
    },
  };
}

describe('a connection to an engine', () => {
  it('answers requests in order, and keeps the process alive while one is open', async () => {
    const { engine, thread } = portPair();
    const began: number[] = [];
    const ended: number[] = [];
    const handle = async ({ session }: { session: number }) => {
      began.push(session);
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      expect(began.length).toBe(ended.length + 1);
      ended.push(session);
      if (session === 1) throw new Error('no\n  such session');
      return { outputs: { y: float32Tensor([1], [session]) }, lent: {} };
    };
    serve({ handle }, engine);
    const connection = new EngineConnection(thread);
    expect(thread.held).toBe(false);
    const answers = [0, 1, 2].map((session) => connection.request({ type: 'hold', session, tensors: {} }));
    expect(thread.held).toBe(true);
    expect((await answers[0])!.outputs.y!.data[0]).toBe(0);
    await expect(answers[1]).rejects.toThrow('ONNX Runtime: no such session');
    expect((await answers[2])!.outputs.y!.data[0]).toBe(2);
    expect(began).toEqual([0, 1, 2]);
    expect(thread.held).toBe(false);
  });

  it('that has ended rejects waiting and later requests, and has nothing left to dispose of', async () => {
    const { engine, thread } = portPair(); // whose engine does not answer in time
    const connection = new EngineConnection(thread);
    const settings = { provider: 'cpu', threads: 1, prepacking: false, folding: true };
    const waiting = connection.request({ type: 'create', session: 0, onnx: new Uint8Array(), settings });
    const disposing = connection.dispose(0);
    thread.end(new Error('out of memory'));
    const problem =
      'the worker thread of ONNX Runtime has ended (out of memory) with all of its sessions; ask a generator or a classifier again, and create anything else anew';
    await expect(waiting).rejects.toThrow(new PromptuneError(problem, { code: 'unavailable' }));
    await disposing;
    await expect(connection.request({ type: 'hold', session: 0, tensors: {} })).rejects.toThrow(problem);
    await connection.dispose(0);
    expect(thread.held).toBe(false);
    engine.post({ id: 0 }, []); // an answer that comes after the news of the end must not throw
    await Promise.resolve();
  });
});

// Loaded anew, with a thread of its own: other files have sessions in that of this process.
vi.resetModules();
const { Session } = await import('./session.js');

describe('a session whose worker thread dies', () => {
  const x = input('x', 'float32', ['n']);
  const graph = toOnnx({ y: multiply(x, 2) });
  const feeds = { x: float32Tensor([1], [3]) };

  it('refuses at once, can be disposed of, and makes room for a new thread', async () => {
    // From source, the first thread comes with one of the compiler.
    await (await Session.create(graph.bytes)).dispose();
    const workers: Worker[] = [];
    const note = (worker: Worker) => workers.push(worker);
    process.on('worker', note);
    onTestFinished(() => void process.off('worker', note));
    const session = await Session.create(graph.bytes);
    const other = await Session.create(graph.bytes);
    expect(workers).toHaveLength(1);
    await session.run(feeds);
    // It dies of an error of its own, between two requests: ended amid one, ONNX Runtime's binding aborts the process.
    workers[0]!.postMessage(null);
    const running = [session.run(feeds), session.run(feeds)];
    for (const run of running)
      await expect(run).rejects.toThrow('the worker thread of ONNX Runtime has ended (');
    await expect(session.run(feeds)).rejects.toThrow('create anything else anew');
    expect(session.lost?.message).toContain('has ended');
    await expect(other.hold({})).rejects.toThrow('the worker thread of ONNX Runtime has ended');
    await session.dispose();

    const next = await Session.create(graph.bytes);
    await other.dispose(); // which is no session of the new thread
    expect((await next.run(feeds)).y!.data).toEqual(Float32Array.of(6));
    expect(workers).toHaveLength(2);
    await next.dispose();
  });
});
