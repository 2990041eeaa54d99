import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTinyModel } from '../../test/support/tiny-model.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { loadModel } from '../loading/load-model.js';
import { lora } from '../methods/lora.js';
import { promptTuning } from '../methods/prompt-tuning.js';
import type { LanguageModel } from '../models/model.js';
import { loadTokenizer, type Tokenizer } from '../text/tokenizer.js';
import { candidatesOf } from './candidates.js';
import { type Trial, tuneAdapter } from './tune-adapter.js';

describe('candidates', () => {
  const given = { methodOptions: {}, isPlaced: false, defaultRate: 0.01 };
  it('begin with the defaults, and differ', () => {
    const candidates = candidatesOf(promptTuning, given, { count: 8, seed: 1 });
    expect(candidates[0]).toEqual({
      learningRate: 0.01,
      methodOptions: { numVirtualTokens: 20, init: 'sample-vocab' },
    });
    expect(new Set(candidates.map((candidate) => JSON.stringify(candidate))).size).toBe(8);
    expect(candidatesOf(promptTuning, given, { count: 8, seed: 1 })).toEqual(candidates);
    expect(candidatesOf(promptTuning, given, { count: 99, seed: 1 })).toHaveLength(4 * 3 * 2);
  });

  it('leave what is given as it is', () => {
    const fixed = {
      learningRate: 0.5,
      defaultRate: 0.01,
      methodOptions: { numVirtualTokens: 4, initText: 'a' },
      isPlaced: false,
    };
    expect(candidatesOf(promptTuning, fixed, { count: 8, seed: 1 })).toEqual([
      { learningRate: 0.5, methodOptions: { numVirtualTokens: 4, initText: 'a' } },
    ]);
    const rates = candidatesOf(lora, { ...given, defaultRate: 0.002 }, { count: 8, seed: 1 }).map(
      ({ learningRate }) => learningRate,
    );
    expect(rates.sort()).toEqual([0.0006, 0.002, 0.006, 0.02]);
  });
});

describe('tuning', () => {
  useWarmRuntime();
  let folder: string;
  let pretrained: { model: LanguageModel; tokenizer: Tokenizer };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'promptune-tuning-'));
    await createTinyModel(join(folder, 'model'));
    const model = join(folder, 'model');
    pretrained = { model: await loadModel(model), tokenizer: await loadTokenizer(model) };
  });
  afterAll(() => rm(folder, { recursive: true }));

  const rows = Array.from({ length: 10 }, (_, i) => ({
    prompt: `${i % 2}:`,
    completion: i % 2 ? ' a' : ' b',
  }));
  const config = {
    data: rows,
    method: 'lora',
    methodOptions: { r: 1 },
    batchSize: 8,
    maxSteps: 40,
    threads: 1,
  };
  async function tune(output: string, onTrial?: (trial: Trial) => void, signal?: AbortSignal) {
    return tuneAdapter({
      ...pretrained,
      config,
      output: join(folder, output),
      candidates: 4,
      onTrial,
      signal,
    });
  }

  it('halves the candidates until one is left, and goes on where it was stopped', async () => {
    const { config: chosen, trials } = await tune('whole');
    expect(trials.map(({ number, steps }) => [number, steps]).slice(0, 4)).toEqual([
      [1, 20],
      [2, 20],
      [3, 20],
      [4, 20],
    ]);
    const second = trials.slice(4);
    expect(second.map(({ steps }) => steps)).toEqual([40, 40]);
    const best = second.reduce((a, b) => (b.loss! < a.loss! ? b : a));
    expect(chosen).toMatchObject({ learningRate: best.learningRate, maxSteps: 40, method: 'lora' });

    const stop = new AbortController();
    const seen: number[] = [];
    const stopped = tune(
      'stopped',
      ({ number }) => {
        seen.push(number);
        if (number === 2) stop.abort();
      },
      stop.signal,
    );
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen).toEqual([1, 2]);
    expect((await tune('stopped')).trials).toEqual(trials);
    const { losses } = JSON.parse(await readFile(join(folder, 'stopped/tuning.json'), 'utf8'));
    expect(Object.keys(losses)).toHaveLength(6);
  });

  it('begins again where the data is other data', async () => {
    const folderOfTrials = join(folder, 'other');
    const of = (label: string) =>
      tuneAdapter({
        ...pretrained,
        config: { ...config, data: rows.map(({ prompt }) => ({ prompt, completion: label })), maxSteps: 1 },
        output: folderOfTrials,
        candidates: 2,
      });
    // The first trial finds no room for its folder, as one that is stopped has no loss yet.
    await mkdir(folderOfTrials);
    await writeFile(join(folderOfTrials, '1'), '');
    await expect(of(' c')).rejects.toThrow('is a file');
    const [first, other] = [await of(' a'), await of(' b')];
    expect(other.trials[0]!.loss).not.toBe(first.trials[0]!.loss);
  });

  it('has nothing to try where all is given', async () => {
    const given = { ...config, learningRate: 0.01 };
    const { config: chosen, trials } = await tuneAdapter({
      ...{ ...pretrained, config: given, output: join(folder, 'given') },
    });
    expect(chosen).toMatchObject({ learningRate: 0.01, methodOptions: { r: 1 } });
    expect(trials).toEqual([]);
  });
});
