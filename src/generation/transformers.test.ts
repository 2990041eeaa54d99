/** @file Generation against transformers itself: ids, beam scores and sampling distributions that it computed. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generate } from './generate.js';
import { candidatesOf, type GenerationOptions, resolveGenerationOptions } from './options.js';
import { samplingDistribution } from './sampling.js';
import { fixtureDecoder, tableLogit, tableModel } from './table-decoder.fixture.js';

const candidatesFor = (options: GenerationOptions) => candidatesOf(resolveGenerationOptions(options));

interface GenerationCase {
  seed: number;
  vocabSize: number;
  prompt: number[];
  options: Record<string, unknown>;
  ids: number[];
  score: number | null;
}

interface DistributionCase {
  seed: number;
  vocabSize: number;
  options: { temperature: number; topK: number; topP: number };
  probabilities: Record<string, number>;
}

const expected: { generation: GenerationCase[]; distributions: DistributionCase[] } = JSON.parse(
  readFileSync(new URL('./transformers.fixture.json', import.meta.url), 'utf8'),
);

/** num_beams -> numBeams */
function camelCase(options: Record<string, unknown>): GenerationOptions {
  const camel = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [camel(name), value]));
}

describe('generation gives the ids and scores of transformers', () => {
  const named = expected.generation.map((each) => ({ ...each, name: JSON.stringify(each.options) }));
  it.each(named)('$name', async ({ seed, vocabSize, prompt, options, ids, score }) => {
    const generation = camelCase(options);
    const model = tableModel(seed, vocabSize);
    for (const candidates of [candidatesFor(generation), 'all'] as const) {
      const decoder = fixtureDecoder(model, { vocabSize, candidates });
      const [row] = await generate(decoder, [prompt], generation);
      expect(row!.ids).toEqual(ids);
      if (score !== null) expect(row!.score).toBeCloseTo(score, 4);
    }
  });
});

describe('tokens are drawn from the distribution of transformers', () => {
  const named = expected.distributions.map((each) => ({ ...each, name: JSON.stringify(each.options) }));
  it.each(named)('$name', ({ seed, vocabSize, options, probabilities }) => {
    const values = Float32Array.from({ length: vocabSize }, (_, token) => tableLogit(seed, 0, 0, token));
    const { ids, weights, total } = samplingDistribution({ values }, options);
    const found = Array.from(weights, (weight, i) => [ids?.[i] ?? i, weight / total] as const);

    expect(new Set(found.map(([id]) => id))).toEqual(new Set(Object.keys(probabilities).map(Number)));
    for (const [id, probability] of found) expect(probability).toBeCloseTo(probabilities[id]!, 5);
  });
});
