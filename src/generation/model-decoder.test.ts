import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nextStep, startBatch } from '../../test/support/decode.js';
import { characters, loadTinyGpt2, makeGpt2 } from '../../test/support/tiny-gpt2.js';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import type { Adapter } from '../attach/method.js';
import { PromptuneError } from '../errors.js';
import { computeLogits } from '../evaluation/logits.js';
import { promptTuning } from '../methods/prompt-tuning.js';
import type { LanguageModel } from '../models/model.js';
import type { Decoder, NextTokenScores } from './decoder.js';
import { createModelDecoder } from './model-decoder.js';

useWarmRuntime();

let model: LanguageModel;
let prompt: Adapter;
const promptText = 'seven ch';
const promptIds = characters.encode(promptText);
let decoders: { plain: Decoder; prompted: Decoder };
beforeAll(async () => {
  model = await loadTinyGpt2();
  // A prompt that is still its text's embeddings: what it does is what the text would do.
  prompt = await promptTuning.createLearner({
    model,
    config: { initText: promptText },
    tokenizer: characters,
    seed: 1,
  });
  decoders = {
    plain: await createModelDecoder({ model }),
    prompted: await createModelDecoder({ model, adapter: prompt }),
  };
});
afterAll(async () => {
  await decoders.plain.dispose();
  await decoders.prompted.dispose();
});

/** Expects the scores of every row to be those after its whole text, as they are computed without a cache. */
async function expectPlain(scores: NextTokenScores, rows: readonly (readonly number[])[], of = model) {
  const { data, shape } = await computeLogits({ model: of, texts: rows });
  const [, length, vocab] = shape as [number, number, number];
  expect(scores.rows).toBe(rows.length);
  for (const [row, text] of rows.entries()) {
    const start = (row * length + text.length - 1) * vocab;
    expectClose(rowOf(scores, row), data.subarray(start, start + vocab));
  }
}

const rowOf = ({ logits, candidates }: NextTokenScores, row: number) =>
  logits.subarray(row * candidates, (row + 1) * candidates);

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  const difference = Array.from(actual, (value, i) => Math.abs(value - expected[i]!));
  expect(Math.max(...difference)).toBeLessThan(2e-5);
}

const texts = [[5, 17, 80, 3, 41, 9], [60], [8, 90, 1, 44], [33, 33]];

describe('a batch', () => {
  it('gives every row what it would get without a cache, however rows are reordered', async () => {
    let rows = texts;
    await expectPlain(await startBatch(decoders.plain, rows), rows);
    const steps: [tokens: number[], parents?: number[]][] = [
      [[1, 2, 3, 4]],
      [
        [5, 6, 7, 8],
        [3, 3, 0, 1], // repeated, reordered, one dropped
      ],
      [
        [9, 10],
        [2, 0], // fewer rows
      ],
      [
        [11, 12, 13],
        [1, 0, 1], // more rows
      ],
      [
        [14, 15, 16],
        [0, 1, 2], // as they are
      ],
    ];
    for (const [tokens, parents] of steps) {
      const before = rows;
      rows = tokens.map((token, row) => [...before[parents?.[row] ?? row]!, token]);
      await expectPlain(await nextStep(decoders.plain, tokens, { parents }), rows);
    }
  });

  it('gives every row what it would get alone', async () => {
    for (const decoder of [decoders.plain, decoders.prompted]) {
      const together = [await startBatch(decoder, texts), await nextStep(decoder, [1, 2, 3, 4])];
      for (const [row, text] of texts.entries()) {
        const alone = [await startBatch(decoder, [text]), await nextStep(decoder, [1 + row])];
        for (const [i, { logits }] of alone.entries()) expectClose(rowOf(together[i]!, row), logits);
      }
    }
  });

  it('continues from a learned prompt as from its text', async () => {
    await expectPlain(
      await startBatch(decoders.prompted, texts),
      texts.map((text) => [...promptIds, ...text]),
    );
    const parents = [1, 0, 3, 2];
    await expectPlain(
      await nextStep(decoders.prompted, [1, 2, 3, 4], { parents }),
      parents.map((parent, row) => [...promptIds, ...texts[parent]!, 1 + row]),
    );
  });

  it('is forgotten when the next one starts', async () => {
    const first = await startBatch(decoders.prompted, [texts[0]!]);
    await startBatch(decoders.prompted, texts);
    expect(await startBatch(decoders.prompted, [texts[0]!])).toEqual(first);
  });
});

describe('empty texts', () => {
  it('begin with what the learned prompt predicts, beside texts that are not empty', async () => {
    const rows = [[], texts[0]!, []];
    const whole = rows.map((text) => [...promptIds, ...text]);
    await expectPlain(await startBatch(decoders.prompted, rows), whole);
    await expectPlain(
      await nextStep(decoders.prompted, [7, 8, 9]),
      whole.map((text, row) => [...text, 7 + row]),
    );
  });

  it('may be all there is', async () => {
    const scores = await startBatch(decoders.prompted, [[], []]);
    await expectPlain(scores, [promptIds, promptIds]);
    const sum = Math.log(rowOf(scores, 0).reduce((total, score) => total + Math.exp(score), 0));
    expectClose(scores.logSumExp, [sum, sum]);
    await expectPlain(await nextStep(decoders.prompted, [7, 8]), [
      [...promptIds, 7],
      [...promptIds, 8],
    ]);
  });

  it('have no first token without a learned prompt', async () => {
    const starting = startBatch(decoders.plain, [texts[0]!, []]);
    await expect(starting).rejects.toThrow(PromptuneError);
    await expect(starting).rejects.toThrow('the prompt is empty; expected at least one token');
    // The decoder is as good as before.
    await expectPlain(await startBatch(decoders.plain, [texts[0]!]), [texts[0]!]);
  });
});

describe('candidates', () => {
  it('are the best tokens, best first, with the sum over the whole vocabulary', async () => {
    const decoder = decoders.prompted;
    expect([decoder.vocabSize, decoder.maxLength()]).toEqual([96, 64 - promptIds.length]);
    const rows = [texts[0]!, [], texts[1]!];
    const expectBest = (few: NextTokenScores, all: NextTokenScores) => {
      expect(all.ids).toBeUndefined();
      expect(few.candidates).toBe(3);
      expectClose(few.logSumExp, all.logSumExp);
      for (const row of rows.keys()) {
        const scores = [...rowOf(all, row)];
        const best = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!).slice(0, 3);
        expect([...few.ids!.subarray(3 * row, 3 * row + 3)]).toEqual(best);
        const bestScores = best.map((id) => scores[id]!);
        expectClose(rowOf(few, row), bestScores);
        const sum = scores.reduce((total, score) => total + Math.exp(score), 0);
        expect(all.logSumExp[row]).toBeCloseTo(Math.log(sum), 4);
      }
    };
    const all = [await startBatch(decoder, rows), await nextStep(decoder, [1, 2, 3])];
    const few = [
      await startBatch(decoder, rows, { candidates: 3 }),
      await nextStep(decoder, [1, 2, 3], { candidates: 3 }),
    ];
    expectBest(few[0]!, all[0]!);
    expectBest(few[1]!, all[1]!);
  });

  it('are at most the vocabulary', async () => {
    const scores = await startBatch(decoders.plain, [texts[0]!], { candidates: 1000 });
    expect([scores.candidates, scores.ids]).toEqual([96, undefined]);
    await expectPlain(scores, [texts[0]!]);
  });
});

describe('lengths', () => {
  const longest = Array.from({ length: 64 }, (_, i) => (i * 37) % 96);

  it('reach to the end of the context', async () => {
    await expectPlain(await startBatch(decoders.plain, [longest, [1]]), [longest, [1]]);
    await startBatch(decoders.plain, [longest.slice(0, 63), [1]]);
    await expectPlain(await nextStep(decoders.plain, [longest[63]!, 2]), [longest, [1, 2]]);
    const text = longest.slice(0, decoders.prompted.maxLength());
    await expectPlain(await startBatch(decoders.prompted, [[], text]), [promptIds, [...promptIds, ...text]]);
  });

  it('cross the steps by which the cache grows', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'promptune-decoder-'));
    try {
      const long = await makeGpt2(folder, { n_positions: 300 });
      const decoder = await createModelDecoder({ model: long });
      const rows = [126, 3].map((length) => Array.from({ length }, (_, i) => (i * 7) % 40));
      let scores = await startBatch(decoder, rows);
      for (let i = 0; i < 5; i++) {
        const tokens = [i, 39 - i];
        for (const [row, token] of tokens.entries()) rows[row]!.push(token);
        scores = await nextStep(decoder, tokens);
      }
      await expectPlain(scores, rows, long);
      const whole = Array.from({ length: 300 }, (_, i) => (i * 11) % 40);
      await startBatch(decoder, [whole.slice(0, 299)]);
      await expectPlain(
        await nextStep(decoder, [whole[299]!, whole[299]!], { parents: [0, 0] }),
        [whole, whole],
        long,
      );
      await decoder.dispose();
      await expect(nextStep(decoder, [1, 1])).rejects.toThrow('has been disposed of');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('texts longer than a piece', () => {
  it('get what they would get at once, beside shorter ones and rows that are at work', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'promptune-decoder-'));
    try {
      const long = await makeGpt2(folder, { n_positions: 620 });
      await using decoder = await createModelDecoder({ model: long });
      const [atWork, ...rows] = [5, 600, 3, 257, 256].map((length, row) =>
        Array.from({ length }, (_, i) => (i * (7 + 2 * row)) % 40),
      ) as [number[], ...number[][]];
      await startBatch(decoder, [atWork]);
      const asRows = rows.map((ids) => ({ ids }));
      await expectPlain(await decoder.admit(asRows, 'all'), rows, long);
      const all = [atWork, ...rows].map((ids, row) => [...ids, row]);
      await expectPlain(await nextStep(decoder, [0, 1, 2, 3, 4]), all, long);
      await decoder.reorder([]);
      const best = await decoder.admit(asRows, 2);
      expect([best.rows, best.candidates, best.ids!.length, best.logSumExp.length]).toEqual([4, 2, 8, 4]);
      const alone = await startBatch(decoder, rows.slice(0, 1), { candidates: 2 });
      expect([...best.ids!.subarray(0, 2)]).toEqual([...alone.ids!]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('token ids', () => {
  it.each([96, -1, 1.5, Number.NaN])('that are none are refused: %s', async (id) => {
    await expect(startBatch(decoders.plain, [[1], [2, id]])).rejects.toThrow(
      `row 1, token 1: id ${id} is outside the model's vocabulary of 96`,
    );
    await startBatch(decoders.plain, [[1]]);
    await expect(nextStep(decoders.plain, [id])).rejects.toThrow(PromptuneError);
  });
});
