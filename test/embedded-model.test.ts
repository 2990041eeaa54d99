/** @file The model that comes with the package: how it is found, what uses it, and the real one where it is there. */

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { savable } from '../src/adapters/saved-adapter.js';
import { embeddedModel } from '../src/embedded-model.js';
import { PromptuneError } from '../src/errors.js';
import { readPeftAdapter } from '../src/formats/adapter-folder.fixture.js';
import { resolveModel } from '../src/hub/index.js';
import { chatFormatOf, computeLogits, fromPretrained } from '../src/index.js';
import { methodNamed } from '../src/methods/registry.js';
import { readTrainRequest } from '../src/workspace/train-request.js';
import { createTinyModel } from './support/tiny-model.js';

/** A stand-in for the package's `models/`. */
let embeddedDir: string;
let root: string;

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'promptune-embedded-')));
  embeddedDir = join(root, 'models');
  await createTinyModel(join(embeddedDir, embeddedModel));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('the name promptune-mini', () => {
  it('is a folder of the package, wherever one stands and whatever the cache holds', async () => {
    const elsewhere = join(root, 'elsewhere');
    await mkdir(join(elsewhere, embeddedModel), { recursive: true });
    const cwd = vi.spyOn(process, 'cwd').mockReturnValue(elsewhere);
    const options = { embeddedDir, cacheDir: join(root, 'no-cache'), endpoint: 'http://127.0.0.1:9' };
    expect(await resolveModel(embeddedModel, options)).toEqual({
      folder: join(embeddedDir, embeddedModel),
      source: 'embedded',
    });
    expect(await resolveModel(`./${embeddedModel}`, options)).toEqual({
      folder: join(elsewhere, embeddedModel),
      source: 'folder',
    });
    cwd.mockRestore();
    expect(existsSync(options.cacheDir)).toBe(false);
  });

  it('is reported missing if the package does not include it', async () => {
    const missing = resolveModel(embeddedModel, { embeddedDir: root });
    await expect(missing).rejects.toThrow(PromptuneError);
    await expect(missing).rejects.toThrow(
      `the model "promptune-mini" is part of promptune, but ${join(root, embeddedModel)} is missing; install promptune again`,
    );
  });

  it("is the default model, and the base model's name in adapters", async () => {
    const { model, tokenizer } = await fromPretrained(undefined, { embeddedDir });
    expect(model.name).toBe(embeddedModel);
    expect(tokenizer.decode(tokenizer.encode('一只猫'))).toBe('一只猫');
    const config = { numVirtualTokens: 2 };
    const learner = await methodNamed('prompt-tuning').createLearner({ model, tokenizer, config, seed: 1 });
    await savable(learner).save(join(root, 'adapter'));
    expect((await readPeftAdapter(join(root, 'adapter'))).config.base_model_name_or_path).toBe(embeddedModel);
  });

  it('is the default model of a run', async () => {
    const data = { path: ['data'], value: 'pairs.jsonl' };
    expect((await readTrainRequest({}, [data])).model).toBe(embeddedModel);
    const file = join(root, 'run.yaml');
    await writeFile(file, 'model: gpt2\ndata: pairs.jsonl\n');
    expect((await readTrainRequest({ config: file })).model).toBe('gpt2');
  });
});

describe.skipIf(!existsSync(join(import.meta.dirname, '../models', embeddedModel, 'config.json')))(
  'the embedded model itself',
  () => {
    it('is small, knows both languages, and continues a text about a cat', async () => {
      const { folder, source } = await resolveModel(embeddedModel);
      expect(source).toBe('embedded');
      const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size);
      const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
      expect(bytes).toBeLessThanOrEqual(16 * 1024 * 1024);

      const { model, tokenizer } = await fromPretrained();
      const text = '一只可爱的猫，毛茸茸的，喜欢 A cute cat, all fluffy, likes to';
      const ids = tokenizer.encode(text);
      expect(tokenizer.decode(ids)).toBe(text);
      expect(ids.length).toBeLessThan(24);
      expect(tokenizer.vocabSize).toBe(model.config.vocabSize);

      // What it finds likely here says whether it learned anything.
      const question = tokenizer.encode('问题：奥地利在哪个洲？答案：');
      const { data } = await computeLogits({ model, texts: [question] });
      const last = data.subarray(data.length - model.config.vocabSize);
      const likeliest = last.indexOf(Math.max(...last));
      expect(tokenizer.tokenOf(likeliest)).toBe('欧洲');
    });

    it('writes conversations as plain turns, each answer with its end, as transformers does', async () => {
      const { tokenizer } = await fromPretrained();
      const { format, endTokenId } = chatFormatOf(tokenizer);
      const messages = [
        { role: 'system', content: 'It is hot.' },
        { role: 'user', content: 'Hello! ' },
        { role: 'assistant', content: ' Hi.' },
        { role: 'user', content: 'Bye' },
      ];
      expect(endTokenId).toBe(tokenizer.eosTokenId);
      expect(format(messages, { addGenerationPrompt: true })).toBe(
        'It is hot.\nA: Hello!\nB: Hi.<|endoftext|>\nA: Bye\nB:',
      );
    });
  },
);
