import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { useTemporaryFolder } from '../formats/temporary-folder.fixture.js';
import { describeAdapter } from './describe-adapter.js';

const inFolder = useTemporaryFolder();

it('says which tensor has numbers that are not finite', async () => {
  await cp(join(import.meta.dirname, '../../test/golden/cases/gpt2__lora/adapter'), inFolder('lora'), {
    recursive: true,
  });
  const problemOf = async () => (await describeAdapter(inFolder('lora'), { nearest: 1 })).parts[0]!.problem;
  expect(await problemOf()).toBeUndefined();
  const path = inFolder('lora/adapter_model.safetensors');
  const bytes = await readFile(path);
  bytes.writeFloatLE(Number.NaN, bytes.length - 4);
  await writeFile(path, bytes);
  expect(await problemOf()).toMatch(
    /^base_model\S+ has numbers that are NaN or infinite; train the adapter again$/,
  );
});
