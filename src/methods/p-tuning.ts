/**
 * @file P-tuning (Liu et al. 2021, arXiv:2103.10385): a soft prompt computed by an encoder, an MLP or a bidirectional
 *   LSTM followed by an MLP, from a table of vectors. Table and encoder are trained. Afterwards only the resulting
 *   prompt is used.
 */

import * as z from 'zod';
import { defineMethod, type Learner, type LearnerOptions } from '../attach/method.js';
import { nameOf } from '../formats/adapter-content.js';
import { linear, relu, type Value } from '../graph/index.js';
import { seededRandom } from '../random.js';
import { say } from '../say.js';
import type { TrainableTensors } from '../tensor.js';
import { softPrompts } from './parts/combine-prompts.js';
import { compute } from './parts/compute.js';
import { earlierContent, initAdapterOption, takeOver } from './parts/earlier-adapter.js';
import { addLinear, matchColumns, normalTensor } from './parts/linear-start.js';
import { addLstm, lstm } from './parts/lstm.js';
import { promptLearningConfig, promptName } from './parts/prompt-vectors.js';
import { defaultVirtualTokens, sampleEmbeddings } from './parts/starting-prompt.js';
import { promptTuning } from './prompt-tuning.js';

const schema = z.strictObject({
  numVirtualTokens: z
    .int()
    .positive()
    .default(defaultVirtualTokens)
    .describe('P, the length of the soft prompt'),
  encoderReparameterizationType: z
    .enum(['MLP', 'LSTM'])
    .default('MLP')
    .describe('the encoder that computes the prompt'),
  encoderHiddenSize: z
    .int()
    .positive()
    .optional()
    .describe("its width; an LSTM's in each direction (default: the model's own)"),
  encoderNumLayers: z.int().positive().max(100).default(2).describe('layers of the LSTM; the MLP has three'),
  initAdapter: initAdapterOption,
});
type PTuningConfig = z.output<typeof schema>;

/** E [P, hidden] from the encoder's tensors, which have PEFT's names. */
function encode(values: ReadonlyMap<string, Value>, config: PTuningConfig): Value {
  const table = values.get('embedding.weight')!;
  const layer = (x: Value, index: number) => {
    const [weight, bias] = ['weight', 'bias'].map((part) => values.get(`mlp_head.${index}.${part}`)!);
    return linear(x, weight!, bias, { transposeWeight: true });
  };
  if (config.encoderReparameterizationType === 'MLP') return layer(relu(layer(relu(layer(table, 0)), 2)), 4);
  return layer(relu(layer(lstm(table, values, 'lstm_head', config.encoderNumLayers), 0)), 2);
}

async function createLearner({
  model,
  config,
  seed,
  files,
}: LearnerOptions<PTuningConfig>): Promise<Learner> {
  const { hiddenSize } = model.config;
  const { numVirtualTokens, encoderReparameterizationType, encoderHiddenSize: h = hiddenSize } = config;
  const random = seededRandom(seed);
  const tensors: TrainableTensors = new Map([
    ['embedding.weight', normalTensor([numVirtualTokens, hiddenSize], random)],
  ]);
  let last = 'mlp_head.4';
  if (encoderReparameterizationType === 'MLP') {
    addLinear(tensors, 'mlp_head.0', hiddenSize, h, random);
    addLinear(tensors, 'mlp_head.2', h, h, random);
    addLinear(tensors, last, h, hiddenSize, random);
  } else {
    addLstm(tensors, 'lstm_head', { inSize: hiddenSize, hidden: h, layers: config.encoderNumLayers }, random);
    addLinear(tensors, 'mlp_head.0', 2 * h, 2 * h, random);
    last = 'mlp_head.2';
    addLinear(tensors, last, 2 * h, hiddenSize, random);
  }
  const encoded = (values: ReadonlyMap<string, Value>) => encode(values, config);
  matchColumns(tensors, last, await compute(tensors, encoded), await sampleEmbeddings(model, seed));
  const earlier = await earlierContent({ config, files });
  if (earlier) takeOver(tensors, earlier);
  return {
    method: pTuning.name,
    tensors,
    numVirtualTokens,
    initialization: earlier
      ? nameOf(earlier)
      : say`a random ${encoderReparameterizationType}, whose prompt has the embeddings' scale`,
    attach: (values) => ({ prompt: encoded(values) }),
    content: async () => ({
      form: 'peft',
      config: {
        ...promptLearningConfig(model, 'P_TUNING', numVirtualTokens),
        encoder_dropout: 0,
        encoder_hidden_size: h,
        encoder_num_layers: config.encoderNumLayers,
        encoder_reparameterization_type: encoderReparameterizationType,
      },
      tensors: new Map([[promptName, await compute(tensors, encoded)]]),
      trainable: tensors,
    }),
  };
}

export const pTuning = defineMethod({
  name: 'p-tuning',
  summary: 'a soft prompt computed by a small encoder (Liu et al. 2021)',
  schema,
  defaultLearningRate: 0.0012, // see bench/studies/defaults.md
  learningRateWidth: 576,
  combinedLearningRate: 0.003, // so that earlier versions' runs of several methods resume as they began
  suitsEncoders: true,
  createLearner,
  peftType: 'P_TUNING',
  isInPeft: true,
  combining: softPrompts,
  // Once trained it is a soft prompt as any other.
  load: (files, model) => ({ ...promptTuning.load!(files, model), method: 'p-tuning' }),
});
