import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

it('whatever says that it can be disposed of can be used with `await using`', () => {
  const src = join(import.meta.dirname, '../src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const lacking = files.filter((name) => {
    const code = readFileSync(join(src, name), 'utf8');
    const declares = /^ {2}(async )?dispose\(\): Promise<void>/m.test(code);
    return declares && !/\[Symbol\.asyncDispose\]|AsyncDisposable/.test(code);
  });
  expect(lacking.map((name) => name.replaceAll('\\', '/')).sort()).toEqual([]);
});
