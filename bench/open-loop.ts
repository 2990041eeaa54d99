/**
 * @file An open-loop generator of requests: they come at moments that are fixed before (a Poisson process), however
 *   slow the server is, and times count from those moments. A closed loop, whose clients wait for their answers, would
 *   not see the time that requests wait (G. Tene on "coordinated omission").
 */
import { Agent, request } from 'node:http';
import { seededRandom } from '../src/random.js';

export interface Load {
  /** Of the server. */
  readonly url: string;
  /** Requests per second, on average. */
  readonly rate: number;
  readonly seconds: number;
  readonly seed: number;
  /** Ids of the models that take turns. */
  readonly models: readonly string[];
  readonly prompt: readonly number[];
  readonly maxTokens: number;
}

/** Milliseconds since the beginning of the load. */
export interface Served {
  /** When the request was to be sent. */
  readonly due: number;
  /** 0 where the connection failed. */
  readonly status: number;
  /** When each token came. */
  readonly tokens: readonly number[];
  readonly end: number;
  /** Whether the stream came to its own end. */
  readonly isWhole: boolean;
}

/** Sends the load, and resolves when all of it has been answered. */
export async function openLoop({ rate, seconds, seed, ...load }: Load): Promise<Served[]> {
  const random = seededRandom(seed);
  const uniform = () => (1 + random.below(2 ** 30)) / 2 ** 30;
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const begin = performance.now();
  const sent: Promise<Served>[] = [];
  for (let due = 0; due < seconds * 1000; due += (-Math.log(uniform()) * 1000) / rate) {
    const wait = due - (performance.now() - begin);
    if (wait > 0) await new Promise((later) => setTimeout(later, wait));
    sent.push(send(load, agent, { begin, due, number: sent.length }));
  }
  const served = await Promise.all(sent);
  agent.destroy();
  return served;
}

/** In an event with a token; the last event has none. The server's tokenizer writes an x for each. */
const mark = '"text":"x';

function send(
  { url, models, prompt, maxTokens }: Omit<Load, 'rate' | 'seconds' | 'seed'>,
  agent: Agent,
  { begin, due, number }: { begin: number; due: number; number: number },
): Promise<Served> {
  const body = JSON.stringify({
    ...{ model: models[number % models.length], prompt, max_tokens: maxTokens },
    ...{ stream: true, temperature: 0, ignore_eos: true },
  });
  const now = () => performance.now() - begin;
  return new Promise((resolve) => {
    const failed = () => resolve({ due, status: 0, tokens: [], end: now(), isWhole: false });
    const options = { agent, method: 'POST', headers: { 'content-type': 'application/json' } };
    const outgoing = request(`${url}/v1/completions`, options, (response) => {
      const tokens: number[] = [];
      let text = '';
      let seen = 0;
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        for (let at = text.indexOf(mark, seen); at !== -1; at = text.indexOf(mark, seen)) {
          tokens.push(now());
          seen = at + 1;
        }
      });
      response.on('error', failed);
      response.on('end', () => {
        const status = response.statusCode!;
        resolve({
          due,
          status,
          tokens: status === 200 ? tokens : [],
          end: now(),
          isWhole: text.includes('[DONE]'),
        });
      });
    });
    outgoing.on('error', failed);
    outgoing.end(body);
  });
}
