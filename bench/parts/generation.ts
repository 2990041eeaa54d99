/** @file `generation`: tokens per second, compared with the limit set by reading the weights once per token. */
import { generate } from '../../src/generation/generate.js';
import { createModelDecoder } from '../../src/generation/model-decoder.js';
import { loadModel } from '../../src/loading/load-model.js';
import type { LanguageModel } from '../../src/models/model.js';
import { elementCount } from '../../src/tensor.js';
import { randomPrompts, secondsPerStep } from '../decoding.js';
import { promptLearner, standardStep } from '../example-step.js';
import { interleave, secondsOf } from '../measure.js';
import type { Part } from '../part.js';
import { createReader } from '../read-rate.js';
import type { Row } from '../report.js';

const promptLength = 32;
const maxNewTokens = 32;
const beams = { numBeams: 4, maxNewTokens };

export const generation: Part = async ({ model: folder }) => {
  const model = await loadModel(folder);
  const adapter = await promptLearner(model, standardStep.virtualTokens);
  const reader = createReader();
  const mapped = await createModelDecoder({ model });
  const packed = await createModelDecoder({ model, prepacking: true });
  const packedWithPrompt = await createModelDecoder({ model, adapter, prepacking: true });
  const one = randomPrompts(model, 1, promptLength);
  const eight = randomPrompts(model, 8, promptLength);
  const long = randomPrompts(model, 1, 512);

  const times = await interleave(5, {
    read: reader.read,
    oneMapped: () => secondsPerStep(mapped, one, { maxNewTokens }),
    one: () => secondsPerStep(packed, one, { maxNewTokens }),
    onePrompted: () => secondsPerStep(packedWithPrompt, one, { maxNewTokens }),
    eightMapped: () => secondsPerStep(mapped, eight, { maxNewTokens }),
    eight: () => secondsPerStep(packed, eight, { maxNewTokens }),
    eightPrompted: () => secondsPerStep(packedWithPrompt, eight, { maxNewTokens }),
    afterLong: () => secondsPerStep(packed, long, { maxNewTokens }),
    beams: async () => (await secondsOf(() => generate(packed, one, beams))) / maxNewTokens,
    prefill: async () => {
      await packed.reorder([]);
      await packed.admit([{ ids: long[0]! }], 1);
    },
  });
  for (const each of [reader, mapped, packed, packedWithPrompt]) await each.dispose();

  const readRate = reader.bytes / times.read.median;
  const allowed = readRate / bytesPerToken(model);
  const row = (name: string, { median, min, max }: (typeof times)['one'], tokens: number): Row => ({
    case: name,
    'tokens/s': tokens / median,
    'slowest run': tokens / max,
    'fastest run': tokens / min,
    'ms a step': 1000 * median,
  });
  return {
    rows: [
      {
        case: `reading the weights once a token, at ${(readRate / 1e9).toFixed(1)} GB/s`,
        'tokens/s': allowed,
      },
      row('one stream, mapped weights', times.oneMapped, 1),
      row('one stream', times.one, 1),
      row('one stream after a learned prompt of 20', times.onePrompted, 1),
      row('one stream behind 512 tokens', times.afterLong, 1),
      row('batch 8, mapped weights', times.eightMapped, 8),
      row('batch 8', times.eight, 8),
      row('batch 8 after a learned prompt of 20', times.eightPrompted, 8),
      row('beam search, 4 beams, one text', times.beams, 1),
      row('prefill of 512 tokens', times.prefill, 512),
    ],
    targets: [
      {
        name: 'generation, one stream: share of what reading the weights once a token allows',
        value: (100 * (1 / times.one.median)) / allowed,
        unit: '%',
        atLeast: 75,
      },
    ],
    notes: [
      'With prepacking, but where it says that weights are mapped.',
      `Greedy, ${promptLength} tokens of prompt and ${maxNewTokens} new ones, float32; the prefill is not counted but in beam search.`,
    ],
  };
};

/** Every weight is read per token, except position embeddings, and token embeddings if the head is not tied to them. */
function bytesPerToken({ parameters, embeddingName }: LanguageModel): number {
  const hasOwnHead = parameters.has('lm_head.weight');
  const read = [...parameters].filter(
    ([name]) => !name.endsWith('wpe.weight') && !(name === embeddingName && hasOwnHead),
  );
  return read.reduce((bytes, [, shape]) => bytes + 4 * elementCount(shape), 0);
}
