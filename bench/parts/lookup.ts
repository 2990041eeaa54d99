/**
 * @file `lookup`: tokens per second with guesses from the text so far, for texts that repeat their prompt and for one
 *   that does not. The weights are random, so what follows a prompt is given: scores are replaced, and costs are real.
 */
import { join } from 'node:path';
import type { Decoder, NextTokenScores } from '../../src/generation/decoder.js';
import { generate } from '../../src/generation/generate.js';
import { createModelDecoder } from '../../src/generation/model-decoder.js';
import { loadModel } from '../../src/loading/load-model.js';
import { loadTokenizer } from '../../src/text/tokenizer.js';
import { writeGpt2Tokenizer } from '../gpt2-tokenizer.js';
import { lookupTexts } from '../lookup-texts.js';
import { interleave } from '../measure.js';
import type { Part } from '../part.js';
import type { Row } from '../report.js';
import { cpuSecondsOf } from '../serving.js';

const promptLookupNumTokens = 10;

export const lookup: Part = async ({ model: folder, peers, scratch }) => {
  writeGpt2Tokenizer(folder, join(peers, '../../test/golden/tokenizers'));
  const tokenizer = await loadTokenizer(folder);
  const rows: Row[] = [];
  for (const dtype of ['fp32', 'q8', 'q4'] as const) {
    const model = await loadModel(folder, folder, { dtype, cacheDir: join(scratch, 'precision') });
    const decoder = await createModelDecoder({ model, threads: 1 });
    for (const [title, [prompt, continuation]] of Object.entries(lookupTexts)) {
      const ids = tokenizer.encode(prompt);
      const script = tokenizer.encode(continuation);
      const { decoder: scripted, steps } = saying(decoder, script);
      const run = (options: object) => async () => {
        const seconds = (maxNewTokens: number) =>
          cpuSecondsOf(() => generate(scripted, [ids], { ...options, maxNewTokens }));
        return -(await seconds(1)) + (await seconds(script.length));
      };
      const { plain, looked } = await interleave(3, {
        plain: run({}),
        looked: run({ promptLookupNumTokens }),
      });
      rows.push({
        case: `${title}, ${dtype}`,
        tokens: script.length,
        steps: steps() + 1,
        'tokens/s': (script.length - 1) / plain.median,
        'tokens/s, with lookup': (script.length - 1) / looked.median,
        '×': plain.median / looked.median,
      });
    }
    await decoder.dispose();
  }
  const worst = Math.min(...rows.map((row) => Number(row['×'])));
  return {
    rows,
    targets: [
      {
        name: 'the text that gains least: of the speed without lookup',
        value: worst,
        unit: '×',
        atLeast: 0.96,
      },
    ],
    notes: [
      `GPT-2 small's shape and tokenizer, one stream, greedy, up to ${promptLookupNumTokens} guesses per step; the prefill is not counted.`,
      'One thread, and CPU time instead of the time of the clock: the ratios hold on a busy machine.',
    ],
  };
};

/** A decoder of one row that says `script`, whatever its scores are. */
function saying(decoder: Decoder, script: readonly number[]) {
  let said = 0;
  let steps = 0;
  const replaced = (scores: NextTokenScores): NextTokenScores => ({
    ...scores,
    ids: Int32Array.from({ length: scores.rows }, (_, i) => script[said + i] ?? 0),
  });
  const scripted: Decoder = {
    vocabSize: decoder.vocabSize,
    guessCost: decoder.guessCost,
    maxLength: (adapter) => decoder.maxLength(adapter),
    reorder: (parents) => decoder.reorder(parents),
    async admit(rows, candidates) {
      [said, steps] = [0, 0];
      return replaced(await decoder.admit(rows, candidates));
    },
    async step(tokens, candidates) {
      said++;
      steps++;
      return replaced(await decoder.step(tokens, candidates));
    },
    async stepSeveral(tokens, candidates) {
      said++;
      steps++;
      const scores = replaced(await decoder.stepSeveral(tokens, candidates));
      said += tokens[0]!.length - 1;
      return scores;
    },
    async takeBack(counts) {
      said -= counts[0]!;
      await decoder.takeBack(counts);
    },
    dispose: () => decoder.dispose(),
    [Symbol.asyncDispose]: () => decoder.dispose(),
  };
  return { decoder: scripted, steps: () => steps };
}
