/** @file `promptune studio`: a page to learn, try, see and compare prompts, over a model and a folder of runs. */

import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { embeddedModel } from '../../workspace/index.js';
import { messages } from '../messages/index.js';
import {
  addOptions,
  type DeviceFlags,
  deviceOptions,
  dtypeOption,
  type ModelFlags,
  modelOptions,
  openModel,
} from '../options/model-options.js';
import {
  aborted,
  describeChange,
  type LimitFlags,
  limitOptions,
  type ServerFlags,
  serverOptions,
} from '../options/server-options.js';
import { interruptSignal } from '../terminal/interrupt.js';
import { openBrowser } from '../terminal/open-browser.js';

interface StudioFlags extends ModelFlags, DeviceFlags, ServerFlags, LimitFlags {
  folder: string;
  queue?: string;
  open: boolean;
  static?: string;
}

export const studioCommand = new Command('studio')
  .description('open a page to learn prompts, try them, look into them and compare runs')
  .action(runStudio);

addOptions(studioCommand, 'Model:', [
  ...Object.values(modelOptions()),
  dtypeOption(),
  new Option(
    '--folder <folder>',
    'where runs and adapters are, and new runs go; it is made if it is missing (default: runs)',
  ).default('runs'),
]);
addOptions(studioCommand, 'Server (it is also that of the command serve):', [
  ...serverOptions(),
  new Option('--no-open', 'print the address without opening a browser'),
]);
addOptions(studioCommand, 'Without a server:', [
  new Option(
    '--static <folder>',
    'write the page into a folder for any host of static files, and end; there it learns in the tab, with promptune-mini',
  ),
]);
addOptions(studioCommand, 'Queue:', [
  new Option(
    '--queue <url>',
    'also show this queue of jobs: redis://host:port (default: PROMPTUNE_QUEUE, if it is set)',
  ),
]);
addOptions(studioCommand, 'Limits:', limitOptions());
addOptions(studioCommand, 'Device:', deviceOptions());

async function runStudio(flags: StudioFlags): Promise<void> {
  if (flags.static !== undefined) {
    const { writeStaticPage } = await import('../../studio/index.js');
    await writeStaticPage(flags.static);
    console.log(messages().studio.written(flags.static));
    return;
  }
  const signal = interruptSignal(() => console.error(messages().studio.stopping));
  const { model: modelName = embeddedModel, folder, host, port, device, threads, open } = flags;
  const { maxRows, maxWaiting, maxCacheTokens, maxLoras, maxLoraRank, promptLookupNumTokens } = flags;
  const { createStudio, readKeysFile } = await import('../../studio/index.js'); // hono takes long to load
  if (flags.keys !== undefined) await readKeysFile(flags.keys); // reports faults before the model is loaded
  const { model, tokenizer } = await openModel({ ...flags, model: modelName }, signal);
  const studio = await createStudio({
    source: { name: modelName, revision: flags.revision, dtype: flags.dtype },
    ...{ model, tokenizer, id: basename(model.name), folder, host, port, device, threads },
    ...{ maxRows, maxWaiting, maxCacheTokens, maxLoras, maxLoraRank, promptLookupNumTokens },
    ...{ offline: flags.offline, queue: flags.queue },
    keysFile: flags.keys,
    allowedHosts: flags.allowedHost,
    onAdapterChange: (change) => console.error(describeChange(change)),
    onError: (error) => console.error((error as Error).stack ?? error),
  });
  try {
    console.log(messages().studio.open(modelName, folder, studio.pageUrl));
    if (open && process.stdout.isTTY) openBrowser(studio.pageUrl);
    await aborted(signal);
  } finally {
    await studio.close();
  }
}
