/** @file `promptune models`: lists local models, and shows what a name is or would download. */
import { Command, Option } from 'commander';
import { UsageError } from '../../index.js';
import { said, say } from '../../say.js';
import { listModels, lookUpModel, type PresentModel, type RemoteModel } from '../../workspace/index.js';
import { addOptions, type ModelFlags, modelOptions } from '../options/model-options.js';
import { formatBytes } from '../terminal/format.js';
import { interruptSignal } from '../terminal/interrupt.js';
import { printTable } from '../terminal/text-table.js';

interface ModelsFlags extends Pick<ModelFlags, 'revision' | 'offline'> {
  json?: boolean;
}

export const modelsCommand = new Command('models')
  .description('list local models, or show what a name is or would download')
  .argument('[name]', 'a folder, a GGUF file, or a model of the Hugging Face Hub (default: list them all)')
  .action(runModels);

const { revision, offline } = modelOptions();
offline.description =
  'do not ask the Hub; also HF_HUB_OFFLINE=1 (default: ask it about models that are not local)';
addOptions(modelsCommand, 'Model:', [revision, offline]);
addOptions(modelsCommand, 'Output:', [
  new Option('--json', 'print one JSON object per model (default: a table, or a few lines)'),
]);

async function runModels(name: string | undefined, { json, ...flags }: ModelsFlags): Promise<void> {
  if (name === undefined && flags.revision !== undefined)
    throw new UsageError(say`--revision requires the name of a model`);
  const found =
    name === undefined
      ? await listModels()
      : [await lookUpModel(name, { ...flags, signal: interruptSignal() })];
  if (json) for (const model of found) console.log(JSON.stringify(model));
  else if (name === undefined) printList(found as PresentModel[]);
  else for (const model of found) model.source === 'hub' ? printRemote(model) : printPresent(model);
}

function printList(models: readonly PresentModel[]): void {
  const rows = models.map(({ name, family, dtype, bytes, commit, revisions, problem }) => [
    name,
    family ?? '',
    dtype ?? '',
    formatBytes(bytes),
    revisions?.join(', ') || (commit?.slice(0, 7) ?? ''),
    problem === undefined ? '' : say`not usable`,
  ]);
  printTable([[say`model`, say`family`, 'dtype', say`size`, say`revision`, ''], ...rows]);
  for (const { name, problem } of models) if (problem) console.error(say`${name}: ${problem}`);
}

const sources: Readonly<Record<PresentModel['source'], string>> = {
  embedded: 'included in promptune',
  folder: 'a folder',
  file: 'a GGUF file',
  cache: 'in the cache',
};

function printPresent({ name, source, path, commit, family, dtype, bytes }: PresentModel): void {
  console.log(say`${name}: ${said(sources[source])}, ${describe(family, dtype)}, ${formatBytes(bytes)}`);
  if (commit) console.log(say`commit ${commit}`);
  console.log(path);
}

function printRemote({ name, page, commit, family, dtype, files }: RemoteModel): void {
  const sum = (key: 'bytes' | 'presentBytes') => files.reduce((total, file) => total + file[key], 0);
  const total = sum('bytes');
  const present = sum('presentBytes');
  console.log(say`${name}: on the Hub (${page}), ${describe(family, dtype)}`);
  console.log(say`commit ${commit}`);
  for (const { file, bytes } of files) console.log(`  ${file}  ${formatBytes(bytes)}`);
  const rest = present > 0 ? say`, of which ${formatBytes(present)} are cached` : '';
  console.log(say`would download ${formatBytes(total)}${rest}`);
}

function describe(family = say`of an unnamed family`, dtype?: string): string {
  return dtype === undefined ? family : `${family}, ${dtype}`;
}
