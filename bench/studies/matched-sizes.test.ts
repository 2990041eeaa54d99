import { expect, it } from 'vitest';
import { fromPretrained } from '../../src/pretrained.js';
import {
  adapter,
  lora,
  modelNumbers,
  nearestSize,
  optionsOfCount,
  prefix,
  prompt,
  type SizedMethod,
  trainedNumbers,
} from './matched-sizes.js';

it('the nearest size of counts that grow evenly', () => {
  // 100 for each, and 10 in common.
  expect(nearestSize(549, 110, 210)).toBe(5);
  expect(nearestSize(561, 110, 210)).toBe(6);
  expect(nearestSize(3, 110, 210)).toBe(1);
});

it('options train about as many numbers as are wanted', async () => {
  const pretrained = await fromPretrained();
  expect(modelNumbers(pretrained)).toBe(6_852_608);
  const wanted = 12_288; // of 6 layers, 256 wide
  const found = (sized: SizedMethod) => optionsOfCount(sized, wanted, pretrained);
  // 6 layers × keys and values × 256 × 4
  expect(await found(prefix)).toEqual({ numVirtualTokens: 4 });
  // 6 layers × rank 2 × (256 in + 768 out)
  expect(await found(lora)).toEqual({ r: 2, loraAlpha: 4 });
  expect(await found(prompt)).toEqual({ numVirtualTokens: 48 });
  // 6 layers × (2 × 256 × 3 + 3 + 256): bottlenecks of 3, and not of 2
  const narrow = await found(adapter(256));
  expect(narrow).toEqual({ reductionFactor: 256 / 3.5 });
  expect(await trainedNumbers('bottleneck-adapter', narrow, pretrained)).toBe(10_770);
});
