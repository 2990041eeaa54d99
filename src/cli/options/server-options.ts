/** @file Options of the commands that listen on a port, and waiting for their end. */

import { Option } from 'commander';
import type { AdapterChange } from '../../workspace/index.js';
import { messages } from '../messages/index.js';
import { countingNumber, texts, wholeNumber } from './arguments.js';

export interface ServerFlags {
  port: number;
  host: string;
  keys?: string;
  allowedHost?: string[];
}

export interface LimitFlags {
  maxRows?: number;
  maxWaiting?: number;
  maxCacheTokens?: number;
  maxLoras?: number;
  maxLoraRank?: number;
  promptLookupNumTokens?: number;
}

/** Each call creates new options, since commands keep state in them. */
export const serverOptions = () => [
  new Option('--port <n>', 'port to listen on; 0: any free port (default: 8080)')
    .argParser(wholeNumber)
    .default(8080),
  new Option('--host <address>', 'address to listen on (default: reachable from this machine only)').default(
    '127.0.0.1',
  ),
  new Option('--keys <file>', 'who may ask, for which models and how much (default: whoever reaches it)'),
  new Option(
    '--allowed-host <name>',
    'a name besides localhost under which it is reached; may be repeated (default: none)',
  ).argParser(texts),
];

export const limitOptions = () => [
  new Option('--max-rows <n>', 'maximum number of requests that run at once (default: 16)').argParser(
    countingNumber,
  ),
  new Option(
    '--max-waiting <n>',
    'maximum number of requests that wait; others are refused (default: 256)',
  ).argParser(wholeNumber),
  new Option(
    '--max-cache-tokens <n>',
    'maximum number of positions in the cache of all requests (default: as many as they can need)',
  ).argParser(countingNumber),
  new Option(
    '--max-loras <n>',
    'maximum number of LoRAs and the like that run at once (default: 8)',
  ).argParser(countingNumber),
  new Option('--max-lora-rank <n>', 'maximum rank of a LoRA (default: 64)').argParser(countingNumber),
  new Option(
    '--prompt-lookup-num-tokens <n>',
    'guess up to this many tokens per step from the text so far, for speed where it repeats (default: none)',
  ).argParser(countingNumber),
];

export function describeChange({ id, change, error, note }: AdapterChange): string {
  if (change === 'noted') return note!;
  const { refused, loaded, unloaded } = messages().serve;
  if (change === 'refused') return refused(id, error!.message);
  return change === 'loaded' ? loaded(id) : unloaded(id);
}

/** Resolves when the signal comes. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
