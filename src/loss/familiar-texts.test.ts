import { beforeAll, expect, it } from 'vitest';
import { characterTokenizer } from '../../test/serving/adapters.js';
import { useTemporaryFolder } from '../formats/temporary-folder.fixture.js';
import { createGpt2 } from '../loading/create-model.js';
import { loadModel } from '../loading/load-model.js';
import type { LanguageModel } from '../models/model.js';
import { datasetOf } from '../text/dataset.js';
import { loadTokenizer, type Tokenizer } from '../text/tokenizer.js';
import { unfamiliarTexts } from './familiar-texts.js';

const folder = 'models/promptune-mini';
const inFolder = useTemporaryFolder();
let model: LanguageModel;
let tokenizer: Tokenizer;
beforeAll(async () => {
  model = await loadModel(folder);
  tokenizer = await loadTokenizer(folder);
});

const polish =
  'Każdego ranka starszy pan spaceruje po parku i karmi kaczki. Mówi, że świeże powietrze dobrze mu robi.';

const warningsOf = (...texts: string[]) => unfamiliarTexts(dataset(...texts), { model, tokenizer });
const dataset = (...texts: string[]) => {
  const examples = texts.map((text) => {
    const inputIds = Int32Array.from(tokenizer.encode(text));
    return { inputIds, lossMask: new Uint8Array(inputIds.length).fill(1) };
  });
  return datasetOf(examples);
};

it('says that a model needs many bits for texts in a language that it was not trained on', async () => {
  expect(await warningsOf(polish, polish, polish)).toEqual([
    expect.stringMatching(
      /^the model needs \d\.\d times as many bits for these texts as for plain (?:English|Chinese) \(/,
    ),
  ]);
});

it('measures the same texts once, as plans of one run ask with every change of their settings', async () => {
  const lines = await warningsOf(polish, polish, polish);
  const aborted = { model, tokenizer, signal: AbortSignal.abort() }; // so nothing is measured
  expect(await unfamiliarTexts(dataset(polish, polish, polish), aborted)).toEqual(lines);
  await expect(unfamiliarTexts(dataset(polish, polish), aborted)).rejects.toThrow('aborted');
});

it('says nothing of the languages of its corpus, and of too little text', async () => {
  const english = 'Every morning the old man walks through the park and feeds the ducks. The air is fresh.';
  const chinese = '每天早上，老张都会先去公园散步，然后在路边的小店吃一碗热豆浆和两根油条。';
  expect(await warningsOf(english, english, english)).toEqual([]);
  expect(await warningsOf(chinese, chinese, chinese)).toEqual([]);
  expect(await warningsOf('Każdego ranka')).toEqual([]);
});

it('reads no more tokens at once than the model does', async () => {
  await createGpt2({
    ...{ folder: inFolder('short'), vocabSize: 96, hiddenSize: 8, numLayers: 1, numAttentionHeads: 1 },
    maxPositions: 16,
  });
  const short = { model: await loadModel(inFolder('short')), tokenizer: characterTokenizer };
  const texts = Array.from({ length: 16 }, () => ({
    inputIds: Int32Array.from({ length: 16 }, (_, i) => 20 + i),
    lossMask: new Uint8Array(16).fill(1),
  }));
  expect(await unfamiliarTexts(datasetOf(texts), short)).toEqual([]); // it knows nothing, and all texts equally well
});

it('leaves out tokens that the tokenizer has and the model has not', async () => {
  const encode: Tokenizer['encode'] = (text) => [...tokenizer.encode(text), model.config.vocabSize + 5];
  const larger = { ...tokenizer, encode, vocabSize: model.config.vocabSize + 10 };
  expect(await unfamiliarTexts(dataset(polish, polish, polish), { model, tokenizer: larger })).toHaveLength(
    1,
  );
});
