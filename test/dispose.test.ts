import { expect, it } from 'vitest';
import { input, multiply, toOnnx } from '../src/graph/index.js';
import { fromPretrained, openDataset } from '../src/index.js';
import { Session } from '../src/runtime/index.js';
import { float32Tensor } from '../src/tensor.js';

it('`await using` disposes of a session and of a data set at the end of its block', async () => {
  const x = input('x', 'float32', [1]);
  const { tokenizer } = await fromPretrained('promptune-mini');
  let session: Session | undefined;
  let get: ((index: number) => Promise<unknown>) | undefined;
  {
    await using used = await Session.create(toOnnx({ y: multiply(x, x) }).bytes);
    await using data = await openDataset({ data: [{ text: 'A cat sat.' }], tokenizer });
    const { y } = await used.run({ x: float32Tensor([1], [3]) });
    expect([...y!.data]).toEqual([9]);
    expect(data.length).toBe(1);
    session = used;
    get = data.get;
  }
  await expect(session.run({})).rejects.toThrow('disposed of');
  await expect(get(0)).rejects.toThrow('disposed of');
});
