import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { FileError, UsageError } from '../errors.js';
import { useTemporaryFolder } from '../formats/temporary-folder.fixture.js';
import { loadModel } from '../loading/load-model.js';
import { loadTokenizer } from '../text/tokenizer.js';
import { createUntrainedModel, type UntrainedModelOptions } from './untrained-model.js';

const inFolder = useTemporaryFolder();
const sentences = ['the cat sat on the mat', 'the cat ate the rat', '猫坐在垫子上', '猫吃了老鼠'];

beforeEach(async () => {
  const lines = sentences.map((text) => JSON.stringify({ text }));
  await writeFile(inFolder('texts.jsonl'), lines.join('\n'));
});

const create = (options: Partial<UntrainedModelOptions> = {}) =>
  createUntrainedModel({
    output: inFolder('model'),
    data: [inFolder('texts.jsonl')],
    vocabSize: 264,
    hiddenSize: 8,
    numLayers: 1,
    numAttentionHeads: 2,
    maxPositions: 16,
    seed: 3,
    ...options,
  });

describe('createUntrainedModel', () => {
  it('learns a tokenizer from the texts, and makes a model for it', async () => {
    const progress: { done: number; total: number }[] = [];
    await create({ onProgress: (step) => progress.push(step) });
    expect(progress.at(-1)).toEqual({ done: 7, total: 7 });
    const tokenizer = await loadTokenizer(inFolder('model', 'start'));
    expect([tokenizer.vocabSize, tokenizer.eosTokenId]).toEqual([264, 263]);
    const ids = tokenizer.encode('the cat');
    expect(ids.length).toBeLessThan('the cat'.length);
    expect(tokenizer.decode(ids)).toBe('the cat');
    const { config, source } = await loadModel(inFolder('model', 'start'));
    expect(config).toMatchObject({ vocabSize: 264, hiddenSize: 8, numLayers: 1, maxPositions: 16 });
    expect(source.config.eos_token_id).toBe(263);
  });

  it('makes the model as large as the vocabulary that the texts give', async () => {
    await create({ vocabSize: 5000 });
    const { vocabSize, eosTokenId } = await loadTokenizer(inFolder('model', 'start'));
    expect(vocabSize).toBeLessThan(400);
    expect(eosTokenId).toBe(vocabSize - 1);
    expect((await loadModel(inFolder('model', 'start'))).config.vocabSize).toBe(vocabSize);
  });

  it('gives the same bytes again, replacing what is there, and other weights for another seed', async () => {
    const bytes = async (options?: Partial<UntrainedModelOptions>) => {
      await create(options);
      return Promise.all(
        ['model.safetensors', 'tokenizer.json'].map((name) =>
          readFile(inFolder('model', 'start', name), 'base64'),
        ),
      );
    };
    const [weights, tokenizer] = await bytes();
    await writeFile(inFolder('model', 'start', 'leftover'), '');
    expect(await bytes()).toEqual([weights, tokenizer]);
    expect(await readdir(inFolder('model', 'start'))).not.toContain('leftover');
    const other = await bytes({ seed: 4 });
    expect(other[0]).not.toBe(weights);
    expect(other[1]).toBe(tokenizer);
  });

  describe('with an existing tokenizer', () => {
    beforeEach(() => create({ output: inFolder('given') }));

    it('takes its files, and reads no text', async () => {
      await create({ tokenizer: inFolder('given', 'start'), data: [], vocabSize: 1 });
      for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
        const content = async (folder: string) =>
          JSON.parse(await readFile(inFolder(folder, 'start', name), 'utf8'));
        expect(await content('model')).toEqual(await content('given'));
      }
      const { config, source } = await loadModel(inFolder('model', 'start'));
      expect([config.vocabSize, source.config.eos_token_id]).toEqual([264, 263]);
    });

    it('needs tokenizer.json alone, if <|endoftext|> is a token of it', async () => {
      await rm(inFolder('given', 'start', 'tokenizer_config.json'));
      await create({ tokenizer: inFolder('given', 'start') });
      expect((await loadTokenizer(inFolder('model', 'start'))).eosTokenId).toBe(263);
      expect(await readdir(inFolder('model', 'start'))).not.toContain('tokenizer_config.json');
    });

    it('needs a token that ends a text', async () => {
      await writeFile(inFolder('given', 'start', 'tokenizer_config.json'), '{"eos_token": null}');
      const creating = create({ tokenizer: inFolder('given', 'start') });
      await expect(creating).rejects.toThrow(FileError);
      await expect(creating).rejects.toThrow('tokenizer_config.json (eos_token): it names no eos_token');
    });

    it('is refused if it is not a tokenizer', async () => {
      await mkdir(inFolder('empty'));
      await expect(create({ tokenizer: inFolder('empty') })).rejects.toThrow('no tokenizer here');
    });

    it('needs tokenizer.json, and not only the files that it could be made of', async () => {
      await mkdir(inFolder('old'));
      const vocab = JSON.parse(await readFile(inFolder('given', 'start', 'tokenizer.json'), 'utf8')).model
        .vocab;
      await writeFile(inFolder('old', 'vocab.json'), JSON.stringify(vocab));
      await writeFile(inFolder('old', 'merges.txt'), '');
      await copyFile(
        inFolder('given', 'start', 'tokenizer_config.json'),
        inFolder('old', 'tokenizer_config.json'),
      );
      await expect(create({ tokenizer: inFolder('old') })).rejects.toThrow('tokenizer.json');
    });
  });

  it('refuses invalid sizes, and stops when aborted', async () => {
    await expect(create({ numAttentionHeads: 3 })).rejects.toThrow(UsageError);
    await expect(create({ vocabSize: 256 })).rejects.toThrow(UsageError);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(create({ signal })).rejects.toThrow('enough');
    expect(await readdir(inFolder())).toEqual(['texts.jsonl']);
  });
});
