/**
 * @file `rowLengths`: steps of prompt tuning in graphs that are written for their rows, beside plain ones: about 2,000
 *   tokens in rows of 64 to 1,004; rows of 64 tokens with more and more padding, in a decoder, an encoder and an
 *   encoder-decoder; and rows of 64 tokens that begin with more and more of the same. CPU time of one thread, in turns.
 */
import { join } from 'node:path';
import { loadModel } from '../../src/loading/load-model.js';
import { sizesOf } from '../../src/loss/frozen-states.js';
import { lossGraph } from '../../src/loss/loss-graph.js';
import { createModelStep } from '../../src/loss/model-step.js';
import { rowLengthsOf } from '../../src/loss/row-lengths.js';
import { bert } from '../../src/models/bert.js';
import type { LanguageModel } from '../../src/models/model.js';
import { t5 } from '../../src/models/t5.js';
import { datasetOf } from '../../src/text/dataset.js';
import { promptLearner, randomExamples, standardStep } from '../example-step.js';
import { makeRandomModel } from '../make-model.js';
import { interleave } from '../measure.js';
import type { Part } from '../part.js';
import type { Row } from '../report.js';
import { cpuSecondsOf } from '../serving.js';

type Lengths = readonly number[];

const repeated = (count: number, length: number): Lengths => new Array(count).fill(length);

/** The lengths of the rows of batches with little and with much padding. */
const withPadding: readonly Lengths[] = [
  [64, 62, 60, 58, 56, 54, 52, 55],
  [64, 60, 56, 52, 48, 44, 40, 46],
  [64, 50, 45, 40, 35, 30, 25, 18],
];

const longer: readonly Lengths[] = [
  repeated(32, 64),
  repeated(16, 128),
  repeated(8, 256),
  repeated(4, 512),
  repeated(2, 1004),
];

/** How many tokens rows of 64 begin with alike. */
const alike: readonly number[] = [4, 16, 32];

const plain = { longest: 0, padding: 0 };

export const rowLengths: Part = async ({ model, scratch }) => {
  const others = { bert: join(scratch, 'bert'), t5: join(scratch, 't5') };
  await makeRandomModel(others.bert, bert, {
    ...{ model_type: 'bert', hidden_size: 768, num_hidden_layers: 6, num_attention_heads: 12 },
    ...{ intermediate_size: 3072, vocab_size: 30522, max_position_embeddings: 512 },
  });
  await makeRandomModel(others.t5, t5, { model_type: 't5', d_model: 512, d_ff: 2048, num_layers: 6 });
  const rows: Row[] = [];
  for (const [name, folder, batches] of [
    ['GPT-2 small', model, [...longer, ...withPadding]],
    ['BERT base, 6 layers', others.bert, withPadding],
    ['T5 small', others.t5, withPadding],
  ] as const) {
    const loaded = await loadModel(folder);
    for (const lengths of batches) rows.push({ model: name, ...(await costsOf(loaded, lengths)) });
    if (loaded.bidirectional || loaded.encoder) continue;
    for (const count of alike) rows.push({ model: name, ...(await costsOf(loaded, repeated(8, 64), count)) });
  }
  return { rows, notes: ['The memory of values is that of the estimate, from shapes and order.'] };
};

async function costsOf(model: LanguageModel, lengths: Lengths, alike = 0): Promise<Row> {
  const learner = await promptLearner(model, standardStep.virtualTokens);
  const examples = lengths.flatMap((length) =>
    randomExamples(model, { batch: 1, length, labels: Math.min(standardStep.labels, length / 2) }),
  );
  // All draw the same tokens.
  for (const [row, { inputIds }] of examples.entries()) inputIds[alike] = row;
  const found = await rowLengthsOf(datasetOf(examples), undefined, {
    ...{ batchSize: lengths.length, seed: 1 },
    hasEncoder: model.encoder !== undefined,
  });
  const graphs = [plain, found].map((rowLengths) =>
    lossGraph(model, learner, { differentiate: true, rowLengths }),
  );
  const steps = [];
  for (const graph of graphs) steps.push(await createModelStep(model, learner, { graph, threads: 1 }));
  const [before, now] = steps.map((step) => () => cpuSecondsOf(() => step.run(examples, 1)));
  const times = await interleave(3, { plain: before!, written: now! });
  for (const step of steps) await step.dispose();
  const [plainBytes, bytes] = graphs.map((graph) => graph.peakBytes(sizesOf(graph, graph.feeds(examples))));
  return {
    rows: lengths.length,
    longest: Math.max(...lengths),
    'padding, %': 100 * found.padding,
    'as an earlier row, %': 100 * (found.repetition ?? 0),
    'plain: CPU s per step': times.plain.median,
    'for these lengths': times.written.median,
    ratio: times.written.median / times.plain.median,
    'plain: values, MB': plainBytes! / 1e6,
    'values, MB': bytes! / 1e6,
  };
}
