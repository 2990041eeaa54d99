/** @file What the scenarios have in common: outcomes by their faults, memory, and requests over HTTP. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Attempt } from '../campaign.js';

export function attemptOf(row: string, faults: readonly string[]): Attempt {
  const [outcome = 'as promised'] = faults;
  return { row, outcome, ...(faults.length > 0 && { fault: faults.join('; ') }) };
}

/** Megabytes of the process, after what can be collected has been. */
export function memory(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage.rss() / 2 ** 20;
}

export const post = (url: string, body: object, init: RequestInit = {}): Promise<Response> =>
  fetch(`${url}/v1/completions`, {
    ...{ method: 'POST', body: JSON.stringify(body), ...init },
    headers: { 'content-type': 'application/json', ...init.headers },
  });

export interface Completed {
  readonly status: number;
  readonly text: string;
  /** Those of all its events, each once. */
  readonly fingerprints: readonly string[];
}

/** A completion, read to its end, whole or in a stream. */
export async function complete(url: string, body: object, init?: RequestInit): Promise<Completed> {
  const response = await post(url, body, init);
  const answer = await response.text();
  const { status } = response;
  if (!response.ok) return { status, text: answer, fingerprints: [] };
  const events = answer.startsWith('data: ')
    ? answer.split('\n').filter((line) => line.startsWith('data: {'))
    : [answer];
  const objects = events.map((event) => JSON.parse(event.replace(/^data: /, '')));
  const failed = objects.find(({ error }) => error);
  if (failed) return { status: 500, text: JSON.stringify(failed), fingerprints: [] };
  return {
    status,
    text: objects.map(({ choices }) => choices[0].text).join(''),
    fingerprints: [...new Set<string>(objects.map((each) => each.system_fingerprint))],
  };
}

/** Waits for a condition, in turns of the event loop. */
export async function until(isSo: () => boolean, timeoutMs = 60_000): Promise<boolean> {
  for (const end = performance.now() + timeoutMs; !isSo(); ) {
    if (performance.now() > end) return false;
    await new Promise((later) => setTimeout(later, 1));
  }
  return true;
}
