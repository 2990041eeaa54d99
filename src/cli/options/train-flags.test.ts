import { expect, it } from 'vitest';
import { trainRequestSchema } from '../../workspace/index.js';
import { configFlags } from './train-flags.js';

it('has a flag for every key of a run but packing, which pretrain sets', () => {
  const flagged = new Set(Object.values(configFlags).flatMap((flags) => flags.map(({ path }) => path[0])));
  expect(Object.keys(trainRequestSchema.shape).filter((key) => !flagged.has(key))).toEqual(['packing']);
});
