/** @file `promptune push`: uploads an adapter to the Hugging Face Hub. */
import { Command, Option } from 'commander';
import { findAdapter, pushAdapter } from '../../workspace/index.js';
import { addOptions } from '../options/model-options.js';
import { formatBytes } from '../terminal/format.js';
import { interruptSignal } from '../terminal/interrupt.js';

interface PushFlags {
  private?: boolean;
}

export const pushCommand = new Command('push')
  .description('upload an adapter to the Hugging Face Hub, and print its address')
  .argument('<adapter>', 'folder of the adapter or of its run, such as runs/cats')
  .argument('<name>', 'owner/name on the Hub; the repository is created if needed')
  .action(runPush);

addOptions(pushCommand, 'Hub:', [
  new Option('--private', 'create a private repository; an existing one must be private (default: public)'),
]);

async function runPush(path: string, name: string, flags: PushFlags): Promise<void> {
  const folder = await findAdapter(path, 'only adapters are uploaded');
  const { url, isNew, files, hasNewCard, leftOut, localBase } = await pushAdapter(folder, name, {
    isPrivate: flags.private,
    signal: interruptSignal(),
  });
  for (const { file, bytes } of files) {
    const note = hasNewCard && file === 'README.md' ? ', generated' : '';
    console.error(`  ${file}  ${formatBytes(bytes)}${note}`);
  }
  if (leftOut.length > 0)
    console.error(`Not uploaded, because they are not files of an adapter: ${leftOut.join(', ')}`);
  if (isNew) console.error(`The ${flags.private ? 'private' : 'public'} repository ${name} is new.`);
  if (localBase !== undefined)
    console.error(
      `The adapter names its base model "${localBase}", which is not on the Hub by that name: state its origin in README.md.`,
    );
  console.log(url);
}
