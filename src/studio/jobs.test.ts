import { appendFile, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { PromptuneError } from '../errors.js';
import { spoken } from '../say.js';
import { chinese } from '../sentences/index.js';
import { parseJob, type TrainJob, type TrainJobResult } from '../workspace/index.js';
import type { JobMessage } from './api/index.js';
import { Jobs, type JobsOptions, type Task } from './jobs.js';
import { speaking } from './languages.js';

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'promptune-jobs-'));
});

const jobFor = (run: string) =>
  parseJob({
    type: 'train',
    output: join(base, run),
    config: { data: [{ text: 'a' }], maxSteps: 3 },
  }) as TrainJob;

type Run = NonNullable<JobsOptions['runJob']>;
const result = (more: Partial<TrainJobResult> = {}): TrainJobResult => ({
  ...{ step: 3, stopped: false, stoppedEarly: false, best: null, adapterPath: 'adapter' },
  ...more,
});

/** A run of three steps, each of which waits until it may go on. */
function steppedRun() {
  const jobs: TrainJob[] = [];
  let goOn = () => {};
  const run: Run = async (job, { signal, onEvent } = {}) => {
    jobs.push(job as TrainJob);
    const totalSteps = 3;
    for (let step = 1; step <= totalSteps; step++) {
      await new Promise<void>((resolve) => {
        goOn = resolve;
        signal?.addEventListener('abort', () => resolve());
      });
      if (signal?.aborted) return result({ step: step - 1, stopped: true }) as never;
      const figures = { epoch: 1, loss: 1, learningRate: 1, gradNorm: 1, seconds: 1 };
      onEvent?.({ type: 'step', step, totalSteps, ...figures, tokensPerSecond: 1, etaSeconds: 1 });
    }
    return result() as never;
  };
  return { jobs, run, goOn: () => goOn() };
}

const open = (runJob: Run, more: Partial<JobsOptions> = {}) =>
  Jobs.open(join(base, '.studio/jobs'), { runJob, onUsable: async () => {}, onError: () => {}, ...more });

async function messagesOf(jobs: Jobs, id: string, from = 0): Promise<JobMessage[]> {
  const messages: JobMessage[] = [];
  for await (const message of jobs.messages(id, from, new AbortController().signal)) messages.push(message);
  return messages;
}

const short = ({ event }: JobMessage) =>
  event.type === 'state' ? event.state : event.type === 'step' ? event.step : event.type;

it('runs one job after another, and readers get all that happens from any message on', async () => {
  const { run, goOn } = steppedRun();
  let usable = 0;
  const jobs = await open(run, { onUsable: async () => void usable++ });
  const first = await jobs.add({ name: 'a' }, jobFor('a'));
  const second = await jobs.add({ name: 'b' }, jobFor('b'));
  expect(jobs.list().map(({ name, state }) => [name, state])).toEqual([
    ['b', 'waiting'],
    ['a', 'running'],
  ]);
  const whole = messagesOf(jobs, first.id);
  const reader = jobs.messages(first.id, 2, new AbortController().signal);
  const third = reader.next();
  goOn();
  expect(short((await third).value!)).toBe(1);
  for (let step = 2; step <= 3; step++) {
    await new Promise(setImmediate);
    goOn();
  }
  expect((await whole).map(short)).toEqual(['waiting', 'running', 1, 2, 3, 'done']);
  expect((await whole).map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(usable).toBe(1);
  expect(jobs.get(first.id)).toMatchObject({ state: 'done', step: 3, totalSteps: 3, messages: 6 });
  expect(jobs.get(second.id).state).toBe('running');
  await jobs.close();
  expect((await messagesOf(jobs, second.id)).at(-1)!.event).toMatchObject({ state: 'interrupted' });
});

it('stops and resumes a job; one that has no run yet begins again', async () => {
  const { jobs: seen, run } = steppedRun();
  const jobs = await open(run);
  const request = { run: 'a', config: { data: 'a.jsonl', maxSteps: 3 } };
  const { id } = await jobs.add({ name: 'a' }, jobFor('a'), request);
  expect(jobs.request(id)).toEqual(request);
  await jobs.stop(id);
  expect((await messagesOf(jobs, id)).map(short)).toEqual(['waiting', 'running', 'stopped']);
  await jobs.resume(id);
  await expect(jobs.resume(id)).rejects.toThrow('a job works on "a"');
  await expect(jobs.add({ name: 'a' }, jobFor('a'))).rejects.toThrow('a job works on "a"');
  await expect(jobs.remove(id)).rejects.toThrow('stop it first');
  await jobs.stop(id);
  await messagesOf(jobs, id);
  expect(seen.map(({ resume }) => resume)).toEqual([undefined, false]);
  await jobs.remove(id);
  expect(jobs.list()).toEqual([]);
  await jobs.close();
});

it('lets no two jobs write to one folder, even if they are asked for at once', async () => {
  const jobs = await open(steppedRun().run);
  const both = await Promise.allSettled([1, 2].map(() => jobs.add({ name: 'a' }, jobFor('a'))));
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  await expect(jobs.add({ name: 'a/b' }, jobFor('a/b'))).rejects.toThrow('a job works on "a/b"');
  const comparison = parseJob({
    type: 'compare',
    config: { data: 'a.jsonl', test: 'b.jsonl', methods: ['lora'], metrics: ['f1'], output: join(base, 'a') },
  }) as Task;
  await expect(jobs.add({ name: 'a', report: 'a/report.html' }, comparison)).rejects.toMatchObject({
    problems: [{ path: ['name'] }],
  });
  await jobs.add({ name: 'ab' }, jobFor('ab'));
  expect(jobs.list().map(({ name }) => name)).toEqual(['ab', 'a']);
  await jobs.close();
});

it('says why a job failed', async () => {
  const worded = (message: string) => message.replace(`${base}/`, '');
  const fail = async () => {
    throw new PromptuneError(`${base}/a.jsonl: the loss is NaN`);
  };
  const jobs = await open(fail, { worded });
  const { id } = await jobs.add({ name: 'a' }, jobFor('a'));
  expect((await messagesOf(jobs, id)).at(-1)!.event).toMatchObject({
    state: 'failed',
    error: 'a.jsonl: the loss is NaN',
  });
  await jobs.close();
});

it('a job speaks the language of who started it, and what the studio itself says that of its reader', async () => {
  const heard: string[] = [];
  const { run, goOn } = steppedRun();
  const jobs = await open(async (job, options) => {
    heard.push(spoken().language);
    return run(job, options) as never;
  });
  const inChinese = <T>(work: () => T) => speaking(chinese, work);
  const { id } = await inChinese(() => jobs.add({ name: 'a' }, jobFor('a')));
  const { id: second } = await jobs.add({ name: 'b' }, jobFor('b'));
  await inChinese(() => jobs.stop(id)); // the other begins
  await messagesOf(jobs, id);
  expect(heard).toEqual(['zh', 'en']);
  goOn();
  await jobs.close();
  expect(inChinese(() => jobs.get(second).error)).toBe('任务进行时服务器被关闭了；请恢复任务');
  expect(jobs.get(second).error).toBe('the server was closed while the job was under way; resume it');
  const last = (await inChinese(() => messagesOf(jobs, second))).at(-1)!.event;
  expect(last).toMatchObject({ state: 'interrupted', error: '任务进行时服务器被关闭了；请恢复任务' });
});

it('a server that starts again says what became of its jobs, whose last line may be torn', async () => {
  const { run, goOn } = steppedRun();
  const before = await open(run);
  const request = { run: 'a', config: { data: 'a.jsonl' } };
  const { id } = await before.add({ name: 'a' }, jobFor('a'), request);
  const { id: withoutRequest } = await before.add({ name: 'b' }, jobFor('b'));
  goOn();
  await new Promise(setImmediate);
  await expect(open(run)).rejects.toThrow('a studio is open over this folder already');
  await before.close();
  const path = join(base, '.studio/jobs', id, 'messages.jsonl');
  await appendFile(path, '{"index":4,"ti');
  const after = await open(run);
  expect(after.get(id)).toMatchObject({
    state: 'interrupted',
    step: 1,
    error: expect.stringContaining('resume'),
  });
  expect(after.request(id)).toEqual(request);
  expect(() => after.request(withoutRequest)).toThrow('the settings of job');
  await after.resume(id);
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, 4);
  expect(lines.map((line) => short(JSON.parse(line)))).toEqual(['waiting', 'running', 1, 'interrupted']);
  await after.close();
});
