/** @file `profile`: how ONNX Runtime spends a step's time, by kind of operator. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { loadModel } from '../../src/loading/load-model.js';
import { scale } from '../../src/loss/inputs.js';
import { lossGraph } from '../../src/loss/loss-graph.js';
import { Session } from '../../src/runtime/index.js';
import { promptLearner, randomExamples, rowLengthsOf, standardStep } from '../example-step.js';
import type { Part } from '../part.js';

const steps = 5;

/** One entry of ONNX Runtime's profile; `dur` is in microseconds. */
interface ProfileEvent {
  cat: string;
  name: string;
  dur: number;
  args?: { op_name?: string };
}

export const profile: Part = async ({ model: folder, scratch }) => {
  const model = await loadModel(folder);
  const learner = await promptLearner(model, standardStep.virtualTokens);
  const graph = lossGraph(model, learner, { differentiate: true, rowLengths: rowLengthsOf(standardStep) });
  const profilePrefix = join(scratch, 'profile');
  const session = await Session.create(graph.bytes, { weights: model.files, profilePrefix });
  const feeds = {
    ...graph.feeds(randomExamples(model, standardStep)),
    ...Object.fromEntries(learner.tensors),
    [scale.name]: scale.feed(1),
  };
  for (let i = 0; i < steps; i++) await session.run(feeds);
  await session.dispose();

  const file = readdirSync(dirname(profilePrefix)).find((name) => name.startsWith(basename(profilePrefix)));
  const events: ProfileEvent[] = JSON.parse(readFileSync(join(scratch, file!), 'utf8'));
  const kernels = events.filter(({ cat, args }) => cat === 'Node' && args?.op_name);
  const kinds = new Map<string, { count: number; ms: number }>();
  for (const { dur, args } of kernels) {
    const kind = kinds.get(args!.op_name!) ?? { count: 0, ms: 0 };
    kinds.set(args!.op_name!, { count: kind.count + 1 / steps, ms: kind.ms + dur / 1000 / steps });
  }
  const total = [...kinds.values()].reduce((sum, { ms }) => sum + ms, 0);
  return {
    rows: [...kinds]
      .sort(([, a], [, b]) => b.ms - a.ms)
      .map(([operator, { count, ms }]) => ({ operator, 'a step': count, ms, '%': (100 * ms) / total })),
    notes: [`Means of ${steps} steps, the first one included.`],
  };
};
