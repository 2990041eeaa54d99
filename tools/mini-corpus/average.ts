/**
 * @file Averages the weights of two models of the same shape (a model soup, Wortsman et al. 2022, arXiv:2203.05482):
 *   npx tsx tools/mini-corpus/average.ts --from MODEL --to MODEL --share S --output DIR. Writes (1 - S) · from + S · to
 *   in float16, with the other files of `to`.
 */
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { float32ToFloat16 } from '../../src/formats/half.js';
import { readAllFloat32, writeSafetensors } from '../../src/formats/safetensors.js';
import { tensorOf } from '../../src/tensor.js';

const weightsName = 'model.safetensors';

async function run({ from, to, share, output }: Record<'from' | 'to' | 'share' | 'output', string>) {
  const weight = Number(share);
  const [first, second] = await Promise.all(
    [from, to].map((folder) => readAllFloat32(join(folder, weightsName))),
  );
  const averaged = [...second!].map(([name, { shape, data }]) => {
    const other = first!.get(name)!.data;
    const mean = data.map((value, i) => (1 - weight) * other[i]! + weight * value);
    return [name, tensorOf('float16', shape, float32ToFloat16(mean))] as const;
  });
  await mkdir(output, { recursive: true });
  for (const file of await readdir(to))
    if (file !== weightsName) await copyFile(join(to, file), join(output, file));
  await writeSafetensors(join(output, weightsName), new Map(averaged));
}

await new Command('average')
  .description('Averages the weights of two models of one shape.')
  .requiredOption('--from <dir>', 'a model')
  .requiredOption('--to <dir>', 'another, trained on from it')
  .requiredOption('--share <number>', 'how much of the second, from 0 to 1')
  .requiredOption('--output <dir>', 'a folder for the result')
  .action(run)
  .parseAsync();
