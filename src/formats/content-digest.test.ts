import { expect, it } from 'vitest';
import { float32Tensor } from '../tensor.js';
import type { PeftContent } from './adapter-content.js';
import { contentDigest } from './content-digest.js';

const content = (values: number[], config: object = {}): PeftContent => {
  const tensor = float32Tensor([values.length]);
  tensor.data.set(values);
  return { form: 'peft', config: { peft_type: 'LORA', r: 2, ...config }, tensors: new Map([['a', tensor]]) };
};

it('is that of what an adapter does, and not of where it is from', () => {
  const digest = contentDigest(content([1, 2]));
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect(contentDigest({ ...content([1, 2]), where: '/tmp/a', training: undefined })).toBe(digest);
  expect(
    contentDigest({ tensors: content([1, 2]).tensors, config: { r: 2, peft_type: 'LORA' }, form: 'peft' }),
  ).toBe(digest);
  const others = [content([1, 3]), content([1, 2], { r: 3 }), content([1, 2], { lora_alpha: 1 })];
  expect(new Set([digest, ...others.map(contentDigest)]).size).toBe(4);
});
