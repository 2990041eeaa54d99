/** @file `promptune push`: an adapter onto the Hugging Face Hub. */
import { Command, Option } from 'commander';
import { findAdapter, pushAdapter } from '../../workspace/index.js';
import { addOptions } from '../options/model-options.js';
import { formatBytes } from '../terminal/format.js';
import { interruptSignal } from '../terminal/interrupt.js';

interface PushFlags {
  private?: boolean;
}

export const pushCommand = new Command('push')
  .description('send an adapter to the Hugging Face Hub, and print its address there')
  .argument('<adapter>', 'its folder, or that of its run, such as runs/cats')
  .argument('<name>', 'owner/name on the Hub; the repository is made where there is none')
  .action(runPush);

addOptions(pushCommand, 'Hub:', [
  new Option(
    '--private',
    'make the repository private; one that exists must be so already (default: a new one is public)',
  ),
]);

async function runPush(path: string, name: string, flags: PushFlags): Promise<void> {
  const folder = await findAdapter(path, 'only adapters are sent');
  const { url, isNew, files, hasNewCard, leftOut, localBase } = await pushAdapter(folder, name, {
    isPrivate: flags.private,
    signal: interruptSignal(),
  });
  for (const { file, bytes } of files) {
    const note = hasNewCard && file === 'README.md' ? ', written for it' : '';
    console.error(`  ${file}  ${formatBytes(bytes)}${note}`);
  }
  if (leftOut.length > 0)
    console.error(`Not sent, since these are no files of an adapter: ${leftOut.join(', ')}`);
  if (isNew) console.error(`The ${flags.private ? 'private' : 'public'} repository ${name} is new.`);
  if (localBase !== undefined)
    console.error(
      `The adapter names its base model "${localBase}", which is not on the Hub by that name: say in README.md where it is from.`,
    );
  console.log(url);
}
