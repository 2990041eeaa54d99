/** @file `promptune export`: an adapter in another form. */
import { Command, Option } from 'commander';
import { exportAsPrefix } from '../../adapters/export-prefix.js';
import { UsageError } from '../../errors.js';
import {
  type AdapterFlags,
  adapterOptions,
  addOptions,
  loadAdapterIfGiven,
  type ModelFlags,
  modelOptions,
  newFolder,
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
  const output = await newFolder(flags.output);
  const { model } = await openModel(flags, interruptSignal());
  const adapter = await loadAdapterIfGiven(flags, model);
  if (!adapter) throw new UsageError('no adapter is given; add --adapter with its folder');
  await exportAsPrefix(adapter, model, output);
  console.log(`${adapter.numVirtualTokens} keys and values a layer are in ${output}`);
}
