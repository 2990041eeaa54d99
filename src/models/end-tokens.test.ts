import { expect, it } from 'vitest';
import type { ModelFolder } from '../formats/model-folder.js';
import fixture from './end-tokens.fixture.json' with { type: 'json' };
import { modelEnds, namedEnd } from './end-tokens.js';

const folder = (files: Pick<ModelFolder, 'config' | 'generationConfig'>): ModelFolder => ({
  folder: '',
  configPath: '',
  tensors: new Map(),
  ...files,
});

it.each(fixture)('a model ends where that of transformers does: %j', ({ ends, ...files }) => {
  expect(modelEnds(folder(files))).toEqual(ends);
});

it('ignores values that are not token ids', () => {
  expect(modelEnds(folder({ config: { eos_token_id: [3, -1, '4', 0.5, null] } }))).toEqual([3]);
});

it("a tokenizer without an end token gets the one in the model's files", () => {
  expect(namedEnd(folder({ config: { eos_token_id: 5 }, generationConfig: {} }))).toBe(5);
  expect(namedEnd(folder({ config: { eos_token_id: 5 }, generationConfig: { eos_token_id: [7, 8] } }))).toBe(
    7,
  );
  expect(namedEnd(folder({ config: {} }))).toBeUndefined();
});
