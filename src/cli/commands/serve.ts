/** @file `promptune serve`: serves one model with many adapters through an OpenAI-compatible API. */
import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { type Adapter, PromptuneError } from '../../index.js';
import { adaptersBelow, openAdapter } from '../../workspace/index.js';
import { wholeNumber } from '../options/arguments.js';
import {
  addOptions,
  type DeviceFlags,
  deviceOptions,
  dtypeOption,
  type ModelFlags,
  modelOptions,
  openModel,
} from '../options/model-options.js';
import { interruptSignal } from '../terminal/interrupt.js';

interface ServeFlags extends ModelFlags, DeviceFlags {
  adapters?: string;
  port: number;
  host: string;
}

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
]);
addOptions(serveCommand, 'Server:', [
  new Option('--port <n>', 'port to listen on; 0: any free port (default: 8080)')
    .argParser(wholeNumber)
    .default(8080),
  new Option('--host <address>', 'address to listen on (default: reachable from this machine only)').default(
    '127.0.0.1',
  ),
]);
addOptions(serveCommand, 'Device:', deviceOptions());

async function runServe({ adapters: folder, port, host, ...flags }: ServeFlags): Promise<void> {
  const signal = interruptSignal(() =>
    console.error('Finishing active requests. Press Ctrl-C again to end at once.'),
  );
  const folders = folder === undefined ? new Map<string, string>() : await adaptersBelow(folder);
  const { model, tokenizer } = await openModel({ ...flags, adapter: [...folders.values()] }, signal);
  const adapters: Record<string, Adapter> = {};
  for (const [id, path] of folders) {
    try {
      adapters[id] = (await openAdapter({ adapters: [path] }, model))!;
    } catch (error) {
      if (!(error instanceof PromptuneError)) throw error;
      console.error(`${id} is not served: ${error.message}`);
    }
  }
  const { createServer } = await import('../../serving/index.js'); // hono takes longer to load than a command should
  const { device, threads } = flags;
  const onError = (error: unknown) => console.error((error as Error).stack ?? error);
  const id = basename(model.name);
  const server = await createServer({ model, tokenizer, id, adapters, port, host, device, threads, onError });
  console.log(`Serving ${[...server.engine.models.keys()].join(', ')} at ${server.url}/v1`);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
  await server.close();
}
