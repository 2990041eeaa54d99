/** @file What the types of the public API refuse: `npm run typecheck` fails for a line below that compiles. */
import { expect, it } from 'vitest';
import type { MethodChoice } from '../src/index.js';

it('a method has its own options, and no other name compiles', () => {
  const choices: MethodChoice[] = [
    { methodOptions: { numVirtualTokens: 20 } },
    { method: 'lora', methodOptions: { r: 8, targetModules: 'all-linear' } },
    { method: 'prompt-tuning+lora', methodOptions: { numVirtualTokens: 20, r: 8 } },
    // @ts-expect-error: there is no such method
    { method: 'lorra' },
    // @ts-expect-error: an option of another method
    { method: 'lora', methodOptions: { numVirtualTokens: 20 } },
    // @ts-expect-error: no option of prompt tuning, the default
    { methodOptions: { r: 8 } },
    // @ts-expect-error: a number is required
    { method: 'lora', methodOptions: { r: 'eight' } },
  ];
  expect(choices).toHaveLength(7);
});
