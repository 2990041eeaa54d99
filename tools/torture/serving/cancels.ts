/**
 * @file Clients that leave, as in vLLM's test of it (200 requests of 10,000 tokens, whose clients wait half a second),
 *   and clients that stop reading: rows are free within a step, and nobody else notices.
 */
import { connect } from 'node:net';
import type { LanguageModel } from '../../../src/models/model.js';
import { createServer, type Server } from '../../../src/serving/index.js';
import { characterTokenizer } from '../../../test/serving/adapters.js';
import type { Attempt } from '../campaign.js';
import { attemptOf, complete, memory, post, until } from './outcome.js';

const requests = 200;
export const longest = 10_000;
const patienceMs = 500;

/** @param model with room for `longest` tokens */
export async function clientsWhoLeave(model: LanguageModel): Promise<Attempt> {
  await using server = await createServer({ model, tokenizer: characterTokenizer, port: 0 });
  const long = { model: model.name, prompt: [1, 2], max_tokens: longest, ignore_eos: true };
  const probe = () => complete(server.url, { ...long, max_tokens: 8, temperature: 0 });
  const alone = await probe();
  const before = server.engine.stats();
  const faults: string[] = [];
  const leaving = new AbortController();
  const answers = Array.from({ length: requests }, async (_, number) => {
    const body = { ...long, stream: number % 2 === 0 };
    const response = await post(server.url, body, { signal: leaving.signal });
    return `status ${response.status}: ${(await response.text()).slice(-200)}`;
  });
  const reasons = Promise.all(answers.map((each) => each.catch((error: Error) => error.name)));
  const submitted = () => server.engine.stats().running + server.engine.stats().waiting;
  if (!(await until(() => submitted() === requests)))
    faults.push(`${submitted()} of ${requests} requests are there`);
  setTimeout(() => leaving.abort(), patienceMs);
  const others = (await reasons).filter((reason) => reason !== 'AbortError');
  if (others.length > 0) faults.push(`${others.length} did not wait in vain: ${others[0]}`);
  const cancelled = () => server.engine.stats().cancelled - before.cancelled;
  if (!(await until(() => cancelled() === requests)))
    faults.push(`${cancelled()} of ${requests} were canceled`);
  // What was under way may still be beside the next request's first token, but not beside its second.
  const options = { maxNewTokens: 2, eosTokenId: [] };
  let beside = 0;
  for await (const _ of await server.engine.submit({ prompt: [1, 2], options })) beside = submitted() - 1;
  if (beside > 0) faults.push(`${beside} others are left beside the next request`);
  const after = await probe();
  if (after.text !== alone.text) faults.push(`the next answer is ${after.text}`);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  if (!metrics.includes(`promptune:http_requests_total{status="499"} ${requests}\n`))
    faults.push('the metrics have another count');
  return attemptOf(`${requests} clients that leave`, faults);
}

const stalled = 3;
/** Megabytes that their unread tokens may take: 10,000 tokens with 5 alternatives each. */
const maxGrowth = 64 * stalled;

/** @param model as for `clientsWhoLeave` */
export async function clientsWhoStopReading(model: LanguageModel): Promise<Attempt> {
  const statuses: number[] = [];
  await using server = await createServer({
    ...{ model, tokenizer: characterTokenizer, port: 0 },
    onRequest: ({ status }) => statuses.push(status),
  });
  const short = { model: model.name, prompt: [1, 2], max_tokens: 8, temperature: 0 };
  const alone = await complete(server.url, short);
  statuses.length = 0;
  const before = memory();
  const sockets = Array.from({ length: stalled }, () => neverReads(server, model.name));
  const faults: string[] = [];
  let most = 0;
  const isCut = () => statuses.filter((status) => status === 499).length === stalled;
  for (const end = performance.now() + 10 * 60_000; !isCut() && performance.now() < end; ) {
    const { status, text } = await complete(server.url, short);
    if (status !== 200 || text !== alone.text) faults.push(`somebody else got ${status}: ${text}`);
    most = Math.max(most, memory());
    await new Promise((later) => setTimeout(later, 250));
  }
  if (!isCut()) faults.push(`they were not cut off: ${statuses.filter((status) => status !== 200)}`);
  if (most - before > maxGrowth) faults.push(`${(most - before).toFixed(0)} MB more memory`);
  if (server.engine.stats().running > 0) faults.push('rows are left');
  for (const socket of sockets) socket.destroy();
  return attemptOf(`${stalled} clients that stop reading`, faults);
}

function neverReads({ url }: Server, model: string) {
  const { port, hostname } = new URL(url);
  const body = JSON.stringify({
    ...{ model, prompt: [1, 2], max_tokens: longest, ignore_eos: true, stream: true, logprobs: 5 },
  });
  const socket = connect(Number(port), hostname);
  socket.pause();
  socket.on('error', () => {});
  socket.write(
    `POST /v1/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n` +
      `content-length: ${body.length}\r\n\r\n${body}`,
  );
  return socket;
}
