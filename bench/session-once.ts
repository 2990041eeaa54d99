/** @file `node session-once.js MODEL`: prints, as JSON, the milliseconds until this process can train and generate. */
import { createModelDecoder } from '../src/generation/model-decoder.js';
import { loadModel } from '../src/loading/load-model.js';
import { lossGraph } from '../src/loss/loss-graph.js';
import { startRuntime } from '../src/runtime/engine-connection.js';
import { Session } from '../src/runtime/index.js';
import { promptLearner, rowLengthsOf, standardStep } from './example-step.js';

export interface SessionTimes {
  readonly modulesLoaded: number;
  readonly modelOpened: number;
  readonly graphWritten: number;
  readonly sessionMade: number;
  readonly generationReady: number;
}

async function milliseconds<T>(work: () => Promise<T>): Promise<[number, T]> {
  const start = performance.now();
  const result = await work();
  return [performance.now() - start, result];
}

const modulesLoaded = performance.now();
const [modelOpened, model] = await milliseconds(() => loadModel(process.argv[2]!));
const learner = await promptLearner(model, standardStep.virtualTokens);
// The two halves of createModelStep.
const [graphWritten, graph] = await milliseconds(async () => {
  startRuntime();
  return lossGraph(model, learner, { differentiate: true, rowLengths: rowLengthsOf(standardStep) });
});
const [sessionMade, session] = await milliseconds(() =>
  Session.create(graph.bytes, { weights: model.files }),
);
const [generationReady, decoder] = await milliseconds(() => createModelDecoder({ model }));
await decoder.dispose();
await session.dispose();
const times: SessionTimes = { modulesLoaded, modelOpened, graphWritten, sessionMade, generationReady };
console.log(JSON.stringify(times));
