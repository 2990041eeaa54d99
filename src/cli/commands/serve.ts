/** @file `promptune serve`: serves one model with many adapters through an OpenAI-compatible API. */

import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { loadSelector, type Selector, UsageError } from '../../index.js';
import { say } from '../../say.js';
import { adaptersBelow } from '../../workspace/index.js';
import { messages } from '../messages/index.js';
import { texts, wholeNumber } from '../options/arguments.js';
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

interface ServeFlags extends ModelFlags, DeviceFlags, ServerFlags, LimitFlags {
  adapters?: string;
  selector?: string[];
  adminPort?: number;
  adminHost?: string;
  drainTimeout: number;
  ping: number;
}

const adminTokenVariable = 'PROMPTUNE_ADMIN_TOKEN';

export const serveCommand = new Command('serve')
  .description('serve an OpenAI-compatible API: one model with any number of adapters')
  .action(runServe);

addOptions(serveCommand, 'Model:', [
  ...Object.values(modelOptions()),
  dtypeOption(),
  new Option(
    '--adapters <folder>',
    'a folder such as runs: every run or adapter in it is a model of the API (default: the model alone)',
  ),
  new Option(
    '--selector <folder>',
    'a selector, which is a model too: it continues each text with the prompt that it chooses; may be repeated (default: none)',
  ).argParser(texts),
]);
addOptions(serveCommand, 'Server:', [
  ...serverOptions(),
  new Option(
    '--admin-port <n>',
    `a second port, for loading adapters and for metrics, with the token in ${adminTokenVariable}`,
  ).argParser(wholeNumber),
  new Option('--admin-host <address>', 'where the second port listens (default: 127.0.0.1)'),
  new Option(
    '--ping <seconds>',
    'a stream that has been silent so long gets a comment, which keeps connections open; 0: none (default: 15)',
  )
    .argParser(wholeNumber)
    .default(15),
  new Option('--drain-timeout <seconds>', 'at its end, how long it waits for running requests (default: 30)')
    .argParser(wholeNumber)
    .default(30),
]);
addOptions(serveCommand, 'Limits:', limitOptions());
addOptions(serveCommand, 'Device:', deviceOptions());

async function runServe(flags: ServeFlags): Promise<void> {
  const signal = interruptSignal(() => console.error(messages().serve.finishing));
  const { adapters: folder, selector: selectors = [], device, threads } = flags;
  const adminToken = process.env[adminTokenVariable];
  if (flags.adminPort !== undefined && !adminToken)
    throw new UsageError([{ path: ['adminPort'], message: say`put its token into ${adminTokenVariable}` }]);
  const folders = folder === undefined ? [] : [...(await adaptersBelow(folder)).values()];
  const { createServer, readKeysFile } = await import('../../serving/index.js'); // hono takes long to load
  if (flags.keys !== undefined) await readKeysFile(flags.keys); // reports faults before the model is loaded
  const { model, tokenizer } = await openModel({ ...flags, adapter: folders }, signal);
  const { host, port, adminPort, adminHost } = flags;
  const { maxRows, maxWaiting, maxCacheTokens, maxLoras, maxLoraRank, promptLookupNumTokens } = flags;
  const chosen = new Map<string, Selector>();
  for (const path of selectors)
    chosen.set(basename(path), await loadSelector(path, { model, tokenizer, device, threads }));
  const server = await createServer({
    ...{ model, tokenizer, id: basename(model.name), host, port, device, threads },
    ...{ adminPort, adminHost, adminToken },
    ...{ maxRows, maxWaiting, maxCacheTokens, maxLoras, maxLoraRank, promptLookupNumTokens },
    adaptersFolder: folder,
    keysFile: flags.keys,
    allowedHosts: flags.allowedHost,
    pingMs: flags.ping * 1000,
    drainTimeoutMs: flags.drainTimeout * 1000,
    onAdapterChange: (change) => console.error(describeChange(change)),
    onRequest: (line) => console.log(JSON.stringify(line)),
    onError: (error) => console.error((error as Error).stack ?? error),
  });
  try {
    for (const [id, selector] of chosen) await server.engine.loadSelector(id, selector);
    console.log(messages().serve.serving([...server.engine.models.keys()], `${server.url}/v1`));
    if (server.adminUrl) console.log(messages().serve.owner(server.adminUrl));
    await aborted(signal);
  } finally {
    await server.close();
    for (const selector of chosen.values()) await selector.dispose();
  }
}
