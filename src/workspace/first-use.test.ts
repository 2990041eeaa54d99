import { expect, it } from 'vitest';
import { firstUse } from './first-use.js';

it('shortens a long prompt between characters', async () => {
  const { options } = await firstUse({
    config: {
      data: [{ prompt: `a${'😀'.repeat(80)}`, completion: 'b' }],
      ...{ method: 'prompt-tuning', taskType: 'causal-lm' },
    },
    usage: { reading: {} },
    ...{ output: 'run', adapterPath: 'run/adapter' },
  });
  expect(options).toEqual({ adapter: 'run', prompt: `a${'😀'.repeat(59)}` });
});
