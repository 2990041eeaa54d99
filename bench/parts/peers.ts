/** @file `peers`: the same work by PEFT and transformers, alternating with ours, if a Python has them. */

import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { savable } from '../../src/adapters/saved-adapter.js';
import { generate } from '../../src/generation/generate.js';
import { createModelDecoder } from '../../src/generation/model-decoder.js';
import { loadModel } from '../../src/loading/load-model.js';
import { createModelStep } from '../../src/loss/model-step.js';
import type { RowLengths } from '../../src/loss/row-lengths.js';
import type { LanguageModel } from '../../src/models/model.js';
import { paddingShare } from '../../src/text/batches.js';
import type { EncodedExample } from '../../src/text/encode.js';
import { optimizerSchema } from '../../src/training/config.js';
import { createOptimizer } from '../../src/training/optimizers.js';
import { randomPrompts } from '../decoding.js';
import { promptLearner, standardStep } from '../example-step.js';
import { interleave, type Times } from '../measure.js';
import type { Context, Part } from '../part.js';
import { e2eBatches } from '../peers/e2e-batches.js';
import { peerPython, startPeer } from '../peers/peer-process.js';
import type { Report, Row } from '../report.js';

const threads = `${availableParallelism()}`;

export const peers: Part = async (context) => {
  const python = peerPython(['torch', 'transformers', 'peft']);
  if (!python) {
    const note =
      'no Python with torch, transformers and peft was found; PROMPTUNE_PEER_PYTHON can name one: nothing is compared';
    return { rows: [], notes: [note] };
  }
  const model = await loadModel(context.model);
  const training = await compareTraining(context, model, python);
  const generation = await compareGeneration(context, model, python);
  return {
    rows: [...training.rows, ...generation.rows],
    targets: [...training.targets!, ...generation.targets!],
    notes: [...training.notes!, ...generation.notes!],
  };
};

async function compareTraining(context: Context, model: LanguageModel, python: string): Promise<Report> {
  const { source, planned, shuffled } = await e2eBatches(model, context.e2e);
  const learner = await promptLearner(model, standardStep.virtualTokens);
  const adapterFolder = join(context.scratch, 'peer-adapter');
  const batchesPath = join(context.scratch, 'peer-batches.json');
  await savable(learner).save(adapterFolder);
  writeFileSync(batchesPath, JSON.stringify([...planned, ...shuffled].map(toJson)));
  const peft = await startPeer<{ seconds: number; loss: number }>(
    python,
    join(context.peers, 'peft_train.py'),
    [context.model, adapterFolder, batchesPath, threads],
  );
  const step = await createModelStep(model, learner, { rowLengths: rowLengthsOf(planned) });
  const optimizer = createOptimizer(optimizerSchema.parse({ name: 'adamw' }), learner.tensors);

  const losses = new Map<EncodedExample[], number>();
  const train = async (examples: EncodedExample[]) => {
    const labels = labelsOf(examples);
    const { lossSum, gradients } = await step.run(examples, 1 / labels);
    await optimizer.update(gradients, 0);
    losses.set(examples, lossSum / labels);
  };
  const trainPeer = async (first: number, batches: readonly EncodedExample[][]) => {
    let sum = 0;
    for (const [i, examples] of batches.entries()) {
      const { seconds, loss } = await peft.ask(first + i);
      checkLoss(losses.get(examples), loss);
      sum += seconds;
    }
    return sum;
  };
  const times = await interleave(3, {
    ours: async () => {
      for (const examples of planned) await train(examples);
    },
    peft: () => trainPeer(0, planned),
    peftShuffled: () => trainPeer(planned.length, shuffled),
  });
  peft.stop();
  await step.dispose();

  const tokens = planned.flat().reduce((sum, { inputIds }) => sum + inputIds.length, 0);
  const rows = [
    comparison(`training, ${source}`, tokens, times.ours, times.peft),
    comparison(`training, ${source}; PEFT in plain shuffled order`, tokens, times.ours, times.peftShuffled),
  ];
  return {
    rows,
    targets: [
      { name: `training, ${source}: real tokens/s`, value: ratio(rows[0]!), unit: '× PEFT', atLeast: 2 },
    ],
    notes: [
      `${planned.length} batches of 8, ${tokens} real tokens, padding not counted; forward, backward and AdamW on ${threads} threads.`,
      `The losses agree. Peer: ${peft.versions}.`,
    ],
  };
}

async function compareGeneration(context: Context, model: LanguageModel, python: string): Promise<Report> {
  const maxNewTokens = 48;
  const batches = [1, 8].map((count) => randomPrompts(model, count, 16));
  const promptsPath = join(context.scratch, 'peer-prompts.json');
  writeFileSync(promptsPath, JSON.stringify(batches));
  const transformers = await startPeer<{ seconds: number; ids: number[][] }>(
    python,
    join(context.peers, 'transformers_generate.py'),
    [context.model, promptsPath, `${maxNewTokens}`, threads],
  );
  const decoder = await createModelDecoder({ model, prepacking: true });
  const rows: Row[] = [];
  for (const [which, prompts] of batches.entries()) {
    let ours: readonly (readonly number[])[] = [];
    const times = await interleave(5, {
      ours: async () => {
        ours = (await generate(decoder, prompts, { maxNewTokens })).map(({ ids }) => ids);
      },
      transformers: async () => {
        const { seconds, ids } = await transformers.ask(which);
        if (`${ids}` !== `${ours}`) throw new Error(`transformers generated ${ids}, but here it was ${ours}`);
        return seconds;
      },
    });
    const name = `generation, batch ${prompts.length}, prefill included`;
    rows.push(comparison(name, prompts.length * maxNewTokens, times.ours, times.transformers));
  }
  transformers.stop();
  await decoder.dispose();
  return {
    rows,
    targets: [
      { name: 'generation, batch 8: tokens/s', value: ratio(rows[1]!), unit: '× transformers', atLeast: 3 },
    ],
    notes: [
      `Greedy, 16 tokens of prompt, ${maxNewTokens} new ones, float32; the tokens are the same. Peer: ${transformers.versions}.`,
    ],
  };
}

const timesColumn = '× the peer';

function comparison(name: string, tokens: number, ours: Times, peer: Times): Row {
  const range = ({ min, max }: Times) => `${(tokens / max).toFixed(1)}–${(tokens / min).toFixed(1)}`;
  return {
    case: name,
    'tokens/s': tokens / ours.median,
    'min–max': range(ours),
    'peer tokens/s': tokens / peer.median,
    'peer min–max': range(peer),
    [timesColumn]: peer.median / ours.median,
  };
}

function rowLengthsOf(batches: readonly EncodedExample[][]): RowLengths {
  const counts = batches.flat().map(({ inputIds }) => inputIds.length);
  let first = 0;
  const indices = batches.map((batch) => batch.map(() => first++));
  return { longest: Math.max(...counts), padding: paddingShare([counts], indices) };
}

const ratio = (row: Row) => Number(row[timesColumn]);

function labelsOf(examples: readonly EncodedExample[]): number {
  return examples.reduce((sum, { lossMask }) => sum + lossMask.reduce((count, flag) => count + flag, 0), 0);
}

function toJson(examples: readonly EncodedExample[]) {
  return examples.map(({ inputIds, lossMask }) => ({
    ids: [...inputIds],
    labels: lossMask.reduce((sum, flag) => sum + flag, 0),
  }));
}

/** Both must do the same work. The losses of shuffled batches are known only to the peer. */
function checkLoss(ours: number | undefined, theirs: number): void {
  if (ours !== undefined && Math.abs(ours - theirs) > 1e-4) {
    throw new Error(`PEFT's loss is ${theirs}, but here it is ${ours}`);
  }
}
