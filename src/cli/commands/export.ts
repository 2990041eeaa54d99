/** @file `promptune export`: an adapter in another form. */
import { Command, Option } from 'commander';
import { exportAsPrefix, UsageError } from '../../index.js';
import { openAdapter, requireNewFolder } from '../../workspace/index.js';
import {
  type AdapterFlags,
  adapterChoice,
  adapterOptions,
  addOptions,
  type ModelFlags,
  modelOptions,
  openModel,
} from '../options/model-options.js';
import { interruptSignal } from '../terminal/interrupt.js';

interface ExportFlags extends ModelFlags, AdapterFlags {
  as: 'prefix';
  output?: string;
}

export const exportCommand = new Command('export')
  .description("write a soft prompt's keys and values as a prefix that PEFT loads")
  .action(runExport);

addOptions(exportCommand, 'Model:', [...Object.values(modelOptions()), ...adapterOptions()]);
addOptions(exportCommand, 'Output:', [
  new Option('--as <form>', 'what it becomes: prefix (default: prefix)')
    .choices(['prefix'])
    .default('prefix'),
  new Option('--output <folder>', 'where the prefix goes, a folder that is not there yet'),
]);

async function runExport(flags: ExportFlags): Promise<void> {
  const output = await requireNewFolder(flags.output);
  const { model } = await openModel(flags, interruptSignal());
  const adapter = await openAdapter(adapterChoice(flags), model);
  if (!adapter) throw new UsageError('no adapter is given; add --adapter with its folder');
  await exportAsPrefix(adapter, model, output);
  console.log(`${adapter.numVirtualTokens} keys and values a layer are in ${output}`);
}
