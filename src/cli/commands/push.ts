/** @file `promptune push`: uploads an adapter to the Hugging Face Hub. */
import { Command, Option } from 'commander';
import { say } from '../../say.js';
import { adapterUpload, findAdapter, type PushedAdapter, pushAdapter } from '../../workspace/index.js';
import { addOptions } from '../options/model-options.js';
import { formatBytes } from '../terminal/format.js';
import { interruptSignal } from '../terminal/interrupt.js';

interface PushFlags {
  private?: boolean;
  baseModel?: string;
  dryRun?: boolean;
}

export const pushCommand = new Command('push')
  .description('upload an adapter to the Hugging Face Hub, and print its address')
  .argument('<adapter>', 'folder of the adapter or of its run, such as runs/cats')
  .argument('<name>', 'owner/name on the Hub; the repository is created if needed')
  .action(runPush);

addOptions(pushCommand, 'Hub:', [
  new Option('--private', 'create a private repository; an existing one must be private (default: public)'),
  new Option(
    '--base-model <name>',
    "the base model's name on the Hub, such as openai-community/gpt2 (default: the adapter's)",
  ),
  new Option('--dry-run', 'list what would be uploaded, print the README.md, and send nothing'),
]);

async function runPush(path: string, name: string, flags: PushFlags): Promise<void> {
  const folder = await findAdapter(path, say`only adapters are uploaded`);
  const { baseModel } = flags;
  if (flags.dryRun) {
    const { files, readme, ...notes } = await adapterUpload(folder, name, { baseModel });
    for (const [file, { length }] of files)
      if (file !== 'README.md' || readme === undefined) listFile(file, length);
    if (readme !== undefined)
      console.error(say`  README.md  generated as below, unless the repository has one`);
    tellNotes(notes);
    console.error(say`Nothing was sent.`);
    if (readme !== undefined) console.log(readme);
    return;
  }
  const { url, isNew, files, hasNewCard, ...notes } = await pushAdapter(folder, name, {
    baseModel,
    isPrivate: flags.private,
    signal: interruptSignal(),
  });
  for (const { file, bytes } of files) listFile(file, bytes, hasNewCard && file === 'README.md');
  tellNotes(notes);
  if (isNew)
    console.error(
      flags.private
        ? say`The private repository ${name} is new.`
        : say`The public repository ${name} is new.`,
    );
  console.log(url);
}

const listFile = (file: string, bytes: number, isGenerated = false) =>
  console.error(`  ${file}  ${formatBytes(bytes)}${isGenerated ? say`, generated` : ''}`);

function tellNotes({ leftOut, localBase }: Pick<PushedAdapter, 'leftOut' | 'localBase'>): void {
  if (leftOut.length > 0)
    console.error(say`Not uploaded, because they are not files of an adapter: ${leftOut.join(', ')}`);
  if (localBase !== undefined)
    console.error(
      say`The adapter names its base model "${localBase}", which is not on the Hub by that name: give its
        name with --base-model, or state its origin in README.md.`,
    );
}
