/**
 * @file Instance-dependent prompts (IDPG: Wu et al. 2022, arXiv:2204.04497): a small model predicts the prompt for each
 *   input, E(x) = E + g(x). g is a linear map, a bottleneck or a small Transformer over the frozen model's last hidden
 *   states for x (one more pass through it), or over the embeddings of x. E and g are trained together, through the
 *   frozen language model.
 */
import * as z from 'zod';
import { type Adapter, defineMethod, type Learner, type LearnerOptions } from '../attach/method.js';
import { tensorError } from '../attach/peft-tensors.js';
import { FileError, UsageError } from '../errors.js';
import { configPath, expectPeft, nameOf, type PeftContent } from '../formats/adapter-content.js';
import { add } from '../graph/index.js';
import { embedTokens } from '../models/embed-tokens.js';
import type { LanguageModel } from '../models/model.js';
import { seededRandom } from '../random.js';
import { say } from '../say.js';
import type { TrainableTensors } from '../tensor.js';
import { earlierContent, initAdapterOption, takeOver } from './parts/earlier-adapter.js';
import { promptLearningConfig, promptName } from './parts/prompt-vectors.js';
import { startingIds, virtualTokensOption } from './parts/starting-prompt.js';
import { configFields } from './parts/stored-config.js';
import { addEncoder, type EncoderSizes, encoderKinds, encodeText } from './parts/text-encoders.js';

const readKinds = ['states', 'embeddings'] as const;
type Reads = (typeof readKinds)[number];

const schema = z.strictObject({
  numVirtualTokens: virtualTokensOption('soft prompt', 'initText'),
  encoder: z
    .enum(encoderKinds)
    .default('mlp')
    .describe('the network that predicts the prompt from the input'),
  encoderReads: z
    .enum(readKinds)
    .optional()
    .describe(
      "what it reads: the frozen model's last hidden states of the input (one more pass), or its embeddings, which are free (default: states in causal models)",
    ),
  encoderHiddenSize: z.int().positive().default(64).describe('width of the bottleneck or of the Transformer'),
  encoderNumLayers: z.int().positive().default(1).describe('layers of the Transformer'),
  initText: z
    .string()
    .min(1)
    .optional()
    .describe('the text that every prompt starts from (default: random tokens of the vocabulary)'),
  initAdapter: initAdapterOption,
});

/** Not one of PEFT's types: PEFT has no input-dependent prompts. */
const adapterType = 'PROMPTUNE_INSTANCE_PROMPT';

async function createLearner({
  model,
  config,
  tokenizer,
  seed,
  files,
}: LearnerOptions<z.output<typeof schema>>): Promise<Learner> {
  const { encoderReads: reads = model.bidirectional ? 'embeddings' : 'states' } = config;
  if (reads === 'states' && model.bidirectional)
    throw new UsageError(
      say`the hidden states of ${model.name} depend on later tokens; use encoderReads embeddings`,
      { code: 'unsupported' },
    );
  const random = seededRandom(seed);
  const ids = startingIds({ model, tokenizer }, config, random);
  const count = ids.length;
  const start = await embedTokens(model, ids);
  const sizes = sizesFor(model, {
    kind: config.encoder,
    numVirtualTokens: count,
    width: config.encoderHiddenSize,
    layers: config.encoderNumLayers,
  });
  const tensors: TrainableTensors = new Map([[promptName, start]]);
  addEncoder(tensors, sizes, random);
  const earlier = await earlierContent({ config, files });
  if (earlier) {
    takeOver(tensors, earlier);
    const files = expectPeft(earlier);
    const { encoder_reads: earlierReads } = configFields(files, storedSchema);
    if (earlierReads !== reads) {
      const problem = say`its encoder reads ${earlierReads}, and that of this run ${reads}; give encoderReads
        ${earlierReads}`;
      throw new FileError(configPath(files), 'encoder_reads', problem);
    }
  }
  const from =
    config.initText === undefined
      ? say`${count} random tokens of the vocabulary`
      : say`the text ${JSON.stringify(config.initText)}`;
  return {
    ...instanceAdapter(tensors, sizes, reads),
    initialization: earlier ? nameOf(earlier) : say`${from}, the same for every input`,
    content: () => ({
      form: 'peft',
      config: {
        ...promptLearningConfig(model, adapterType, count),
        encoder: config.encoder,
        encoder_reads: reads,
        encoder_hidden_size: config.encoderHiddenSize,
        encoder_num_layers: config.encoderNumLayers,
      },
      tensors,
    }),
  };
}

function sizesFor(
  { config }: LanguageModel,
  own: Pick<EncoderSizes, 'kind' | 'numVirtualTokens' | 'width' | 'layers'>,
): EncoderSizes {
  return { ...own, hiddenSize: config.hiddenSize };
}

function instanceAdapter(tensors: TrainableTensors, sizes: EncoderSizes, reads: Reads): Adapter {
  return {
    method: instancePrompt.name,
    tensors,
    numVirtualTokens: sizes.numVirtualTokens,
    readsText: true,
    attach: (values, text) => {
      const { mask, embeddings } = text!;
      const vectors = reads === 'states' ? text!.states() : embeddings;
      return { prompt: add(values.get(promptName)!, encodeText(values, sizes, { vectors, mask })) };
    },
  };
}

const storedSchema = z.object({
  num_virtual_tokens: z.int().positive(),
  encoder: z.enum(encoderKinds),
  encoder_reads: z.enum(readKinds),
  encoder_hidden_size: z.int().positive(),
  encoder_num_layers: z.int().positive(),
});

function load(files: PeftContent, model: LanguageModel): Adapter {
  const {
    num_virtual_tokens: count,
    encoder,
    encoder_reads,
    encoder_hidden_size,
    encoder_num_layers,
  } = configFields(files, storedSchema);
  const own = {
    kind: encoder,
    numVirtualTokens: count,
    width: encoder_hidden_size,
    layers: encoder_num_layers,
  };
  const sizes = sizesFor(model, own);
  // A new encoder of the same sizes has the expected tensors.
  const expected: TrainableTensors = new Map();
  addEncoder(expected, sizes, seededRandom(0));
  const shapes = new Map([...expected].map(([name, { shape }]) => [name, shape]));
  shapes.set(promptName, [count, model.config.hiddenSize]);
  for (const [name, shape] of shapes) {
    const found = files.tensors.get(name);
    if (`${found?.shape}` !== `${shape}`) throw tensorError(files, name, shape, found);
  }
  return instanceAdapter(
    new Map([...shapes.keys()].map((name) => [name, files.tensors.get(name)!])),
    sizes,
    encoder_reads,
  );
}

export const instancePrompt = defineMethod({
  name: 'instance-prompt',
  summary: 'a small model that predicts the prompt for each input (Wu et al. 2022)',
  schema,
  defaultLearningRate: 0.003,
  suitsEncoders: true,
  createLearner,
  peftType: adapterType,
  load,
});
