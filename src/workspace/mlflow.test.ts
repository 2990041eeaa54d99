import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { TrainingEvent } from '../training/events.js';
import { reportToMlflow } from './mlflow.js';

let server: Server;
let trackingUri: string;
/** Requests, in order: the path behind the API's prefix, and the query or the body. */
let requests: { path: string; content: Record<string, unknown>; authorization?: string }[];
let refuses: (path: string) => boolean;

beforeEach(async () => {
  requests = [];
  refuses = () => false;
  for (const name of [
    'MLFLOW_RUN_ID',
    'MLFLOW_TRACKING_TOKEN',
    'MLFLOW_TRACKING_USERNAME',
    'MLFLOW_EXPERIMENT_NAME',
  ])
    vi.stubEnv(name, undefined);
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url!, 'http://localhost');
    const path = url.pathname.replace('/api/2.0/mlflow/', '');
    const content =
      chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : Object.fromEntries(url.searchParams);
    requests.push({ path, content, authorization: request.headers.authorization });
    const answer = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body));
    if (refuses(path)) answer(503, { error_code: 'TEMPORARILY_UNAVAILABLE', message: 'later' });
    else if (path === 'experiments/get-by-name')
      answer(404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'no such experiment' });
    else if (path === 'experiments/create') answer(200, { experiment_id: '7' });
    else if (path === 'runs/create') answer(200, { run: { info: { run_id: 'r1' } } });
    else answer(200, {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  trackingUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await new Promise((resolve) => server.close(resolve));
});

const step = (number: number): TrainingEvent => ({
  type: 'step',
  step: number,
  totalSteps: 2,
  epoch: number / 2,
  loss: 1 / number,
  learningRate: 0.1,
  gradNorm: 2,
  seconds: 0.5,
  tokensPerSecond: 100,
  etaSeconds: 1,
});

it('an experiment is created, parameters are sent, and the curves at the end at the latest', async () => {
  vi.stubEnv('MLFLOW_TRACKING_TOKEN', 'a-long-token');
  const run = await reportToMlflow({
    trackingUri,
    runName: 'cats',
    parameters: { seed: 1, optimizer: { name: 'sgd' } },
  });
  for (const number of [1, 2]) run.onEvent(step(number));
  run.onEvent({ type: 'validation', step: 2, loss: 0.25, best: 0.25 });
  await run.end();
  expect(requests.map(({ path }) => path)).toEqual([
    'experiments/get-by-name',
    'experiments/create',
    'runs/create',
    'runs/log-batch',
    'runs/log-batch',
    'runs/update',
  ]);
  const [byName, , created, parameters, curves, ended] = requests.map(({ content }) => content);
  expect(byName).toEqual({ experiment_name: 'promptune' });
  expect(created).toMatchObject({ experiment_id: '7', run_name: 'cats' });
  const params = [
    { key: 'seed', value: '1' },
    { key: 'optimizer.name', value: 'sgd' },
  ];
  expect(parameters).toEqual({ run_id: 'r1', params });
  const { metrics } = curves as { metrics: { key: string; step: number; value: number }[] };
  expect(metrics).toHaveLength(9);
  expect(metrics.at(4)).toMatchObject({ key: 'train/loss', step: 2, value: 0.5 });
  expect(metrics.at(-1)).toMatchObject({ key: 'validation/loss', step: 2, value: 0.25 });
  expect(ended).toMatchObject({ run_id: 'r1', status: 'FINISHED' });
  expect(new Set(requests.map(({ authorization }) => authorization))).toEqual(
    new Set(['Bearer a-long-token']),
  );
});

it('a run of the environment is continued', async () => {
  vi.stubEnv('MLFLOW_RUN_ID', 'r9');
  const run = await reportToMlflow({ trackingUri });
  await run.end('KILLED');
  expect(requests).toMatchObject([{ path: 'runs/update', content: { run_id: 'r9', status: 'KILLED' } }]);
});

it('a server that fails later is said once, and nothing is thrown', async () => {
  const warnings: string[] = [];
  const run = await reportToMlflow({ trackingUri, onWarning: (message) => warnings.push(message) });
  refuses = () => true;
  run.onEvent(step(1));
  await run.end();
  expect(warnings).toEqual([
    `the MLflow server at ${trackingUri} refuses runs/log-batch: later; the run's folder has all values`,
  ]);
});

it('an address that is none is refused, and a server that is not there', async () => {
  await expect(reportToMlflow({ trackingUri: 'mlruns' })).rejects.toThrow(
    /expected the address of an MLflow server/,
  );
  await expect(reportToMlflow({ trackingUri: 'http://127.0.0.1:9' })).rejects.toThrow(/cannot be reached/);
});
