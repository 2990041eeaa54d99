/** @file The loop of an engine's thread: it answers requests one after another. */
import type { Engine } from './engine.js';
import type { EnginePort } from './port.js';
import { buffersOf, type Message } from './protocol.js';

/** Requests take turns, because two concurrent runs freeze a WebGPU session in a browser. */
export function serve(engine: Pick<Engine, 'handle'>, port: EnginePort): void {
  let turn = Promise.resolve();
  port.onMessage((message) => {
    turn = turn.then(() => answer(message));
  });

  async function answer({ id, request }: Message): Promise<void> {
    try {
      const result = await engine.handle(request);
      port.post({ id, result }, result ? [...buffersOf(result.outputs), ...buffersOf(result.lent)] : []);
    } catch (error) {
      const lent = request.type === 'run' ? request.lent : {};
      const message = error instanceof Error ? error.message : String(error);
      port.post({ id, error: message, lent }, buffersOf(lent));
    }
  }
}
