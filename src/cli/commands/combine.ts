/** @file `promptune combine`: combines several trained adapters into one. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { type CombineOptions, combinations, combineAdapters } from '../../index.js';
import { say } from '../../say.js';
import { findAdapter, requireNewFolder } from '../../workspace/index.js';
import { decimalNumber } from '../options/arguments.js';
import { addOptions } from '../options/model-options.js';

interface CombineFlags extends Pick<CombineOptions, 'how' | 'weights'> {
  adapter?: string[];
  output?: string;
}

export const combineCommand = new Command('combine')
  .description('combine adapters of one kind: an average (of LoRAs, a sum), or prompts one after the other')
  .action(runCombine);

addOptions(combineCommand, 'Adapters:', [
  new Option('--adapter <folder>', 'an adapter, such as runs/cats; repeat it for each').argParser<string[]>(
    (written, earlier) => [...(earlier ?? []), written],
  ),
  new Option('--how <way>', `${combinations.join(' or ')} (default: average)`)
    .choices(combinations)
    .default('average'),
  new Option(
    '--weights <list>',
    'weights of an average, one per adapter, such as 0.3,0.7 (default: equal weights that add up to 1)',
  ).argParser(numberList),
  new Option('--output <folder>', 'folder of the new adapter, which must not exist yet'),
]);

async function runCombine({ adapter = [], how, weights, ...flags }: CombineFlags): Promise<void> {
  const output = await requireNewFolder(flags.output);
  const adapters: string[] = [];
  for (const folder of adapter) adapters.push(await findAdapter(folder));
  await combineAdapters({ adapters, how, weights, output });
  console.log(
    how === 'average'
      ? say`The average of ${adapters.join(', ')} is in ${output}`
      : say`The concatenation of ${adapters.join(', ')} is in ${output}`,
  );
}

function numberList(written: string): number[] {
  const parts = written.split(',');
  if (parts.some((part) => part.trim() === ''))
    throw new InvalidArgumentError(say`Expected comma-separated numbers.`);
  return parts.map(decimalNumber);
}
