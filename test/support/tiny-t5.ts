/** @file A T5 of 45,000 weights with a tokenizer in T5's form, for tests that need a whole model's folder. */
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readAllFloat32, writeSafetensors } from '../../src/formats/safetensors.js';

const model = join(import.meta.dirname, '../golden/cases/t5__ia3/model');

const special = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true };
// As many that the model has no token without a text.
const characters = [
  ...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;!?-()[]{}<>/@#$%^&*+=_~',
];

/** SentencePiece's unigrams as T5 has them: padding, the end of a text and the unknown first, `▁` for a space. */
const tokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: ['<pad>', '</s>', '<unk>'].map((content, id) => ({ id, content, ...special })),
  normalizer: null,
  pre_tokenizer: metaspace,
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '</s>', type_id: 0 } }],
    pair: [
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '</s>', type_id: 0 } },
      { Sequence: { id: 'B', type_id: 0 } },
      { SpecialToken: { id: '</s>', type_id: 0 } },
    ],
    special_tokens: { '</s>': { id: '</s>', ids: [1], tokens: ['</s>'] } },
  },
  decoder: metaspace,
  model: {
    type: 'Unigram',
    unk_id: 2,
    vocab: [
      ...['<pad>', '</s>', '<unk>'].map((token) => [token, 0]),
      ['▁', -2],
      ['▁the', -3],
      ['▁a', -3.5],
      ...characters.map((character, i) => [character, -5 - i / 100]),
    ],
    byte_fallback: false,
  },
};

/** Makes the folder. The embeddings are as large as T5's own, so that it can learn to be sure of something. */
export async function createTinyT5(folder: string): Promise<void> {
  await cp(model, folder, { recursive: true });
  const weights = join(folder, 'model.safetensors');
  const tensors = await readAllFloat32(weights);
  const { shape, data } = tensors.get('shared.weight')!;
  tensors.set('shared.weight', { dtype: 'float32', shape, data: data.map((value) => 8 * value) });
  await writeSafetensors(weights, tensors);
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  const config = {
    tokenizer_class: 'T5Tokenizer',
    pad_token: '<pad>',
    eos_token: '</s>',
    unk_token: '<unk>',
  };
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(config));
}
