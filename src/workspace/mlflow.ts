/** @file The curves of a run in MLflow, by its REST API (mlflow.org, "REST API", version 2.0). */
import { PromptuneError, UsageError } from '../errors.js';
import { curveValues } from '../runs/curves.js';
import { say } from '../say.js';
import { keepSecret } from '../secrets.js';
import type { TrainingEvent } from '../training/events.js';

export interface MlflowOptions {
  /** The server's address. Default: `MLFLOW_TRACKING_URI`. */
  trackingUri?: string;
  /** Its name. Default: `MLFLOW_EXPERIMENT_NAME`, or "promptune". */
  experiment?: string;
  /** Default: MLflow draws a name. */
  runName?: string;
  /** The run's configuration. Inner keys are joined by dots. */
  parameters?: Readonly<Record<string, unknown>>;
  /** Called once if the server does not take the curves. Training goes on. */
  onWarning?: (message: string) => void;
}

export type MlflowStatus = 'FINISHED' | 'FAILED' | 'KILLED';

export interface MlflowRun {
  readonly runId: string;
  /** For `trainAdapter`. Never throws, and never waits. */
  onEvent(event: TrainingEvent): void;
  /** Sends what is left, and ends the run. */
  end(status?: MlflowStatus): Promise<void>;
}

interface Metric {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

/** MLflow's limits of a request and of a parameter. */
const metricsPerRequest = 1000;
const parametersPerRequest = 100;
const parameterLength = 6000;

/** Milliseconds that values are collected for before they are sent. */
const interval = 1000;

/**
 * Starts a run in MLflow, or continues that of `MLFLOW_RUN_ID`. `MLFLOW_TRACKING_TOKEN`, or
 * `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD`, are sent if they are set.
 * @throws UsageError without a valid address; PromptuneError if the server cannot be reached or refuses
 */
export async function reportToMlflow(options: MlflowOptions = {}): Promise<MlflowRun> {
  const { env } = process;
  const { experiment = env.MLFLOW_EXPERIMENT_NAME ?? 'promptune', runName, onWarning } = options;
  const call = connect(options.trackingUri ?? env.MLFLOW_TRACKING_URI);
  const runId = env.MLFLOW_RUN_ID || (await createRun(call, experiment, runName));
  await sendParameters(call, runId, options.parameters ?? {});

  let waiting: Metric[] = [];
  let sending: Promise<void> = Promise.resolve();
  let hasWarned = false;
  let timer: NodeJS.Timeout | undefined;

  function send(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    sending = sending.then(async () => {
      while (waiting.length > 0) {
        const metrics = waiting.slice(0, metricsPerRequest);
        try {
          await call('POST', 'runs/log-batch', { run_id: runId, metrics });
        } catch (error) {
          if (!hasWarned) onWarning?.(say`${(error as Error).message}; the run's folder has all values`);
          hasWarned = true;
          return;
        }
        waiting = waiting.slice(metrics.length);
      }
    });
    return sending;
  }

  return {
    runId,
    onEvent(event) {
      const found = curveValues(event);
      if (!found) return;
      const { step, values } = found;
      const timestamp = Date.now();
      waiting.push(...Object.entries(values).map(([key, value]) => ({ key, value, timestamp, step })));
      timer ??= setTimeout(send, interval).unref();
    },
    async end(status = 'FINISHED') {
      await send();
      await call('POST', 'runs/update', { run_id: runId, status, end_time: Date.now() }).catch((error) => {
        if (!hasWarned) onWarning?.((error as Error).message);
      });
    },
  };
}

type Call = (method: 'GET' | 'POST', path: string, content: Record<string, unknown>) => Promise<Json>;
// biome-ignore lint/suspicious/noExplicitAny: answers of another program, of which single fields are read
type Json = Record<string, any>;

class MlflowError extends PromptuneError {
  constructor(
    message: string,
    readonly errorCode?: string,
  ) {
    super(message, { code: 'unavailable' });
  }
}

function connect(address: string | undefined): Call {
  if (!address || !/^https?:\/\//.test(address) || !URL.canParse(address))
    throw new UsageError(
      say`expected the address of an MLflow server (MLFLOW_TRACKING_URI), such as
        http://127.0.0.1:5000, ${address ? say`got "${address}"` : say`got none`}`,
    );
  const base = `${address.replace(/\/+$/, '')}/api/2.0/mlflow/`;
  const authorization = credentials();
  return async (method, path, content) => {
    const url = new URL(base + path);
    if (method === 'GET')
      for (const [name, value] of Object.entries(content)) url.searchParams.set(name, String(value));
    const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) };
    const body = method === 'POST' ? JSON.stringify(content) : undefined;
    const signal = AbortSignal.timeout(30_000);
    let response: Response;
    try {
      response = await fetch(url, { method, headers, body, signal });
    } catch (error) {
      const { cause, message } = error as Error & { cause?: Error };
      throw new MlflowError(
        say`the MLflow server at ${address} cannot be reached: ${cause?.message ?? message}`,
      );
    }
    const answer = (await response.json().catch(() => ({}))) as Json;
    if (response.ok) return answer;
    const reason = answer.message ?? `HTTP status ${response.status}`;
    throw new MlflowError(say`the MLflow server at ${address} refuses ${path}: ${reason}`, answer.error_code);
  };
}

function credentials(): string | undefined {
  const { MLFLOW_TRACKING_TOKEN: token, MLFLOW_TRACKING_USERNAME: user } = process.env;
  const password = process.env.MLFLOW_TRACKING_PASSWORD ?? '';
  for (const secret of [token, password]) keepSecret(secret);
  if (token) return `Bearer ${token}`;
  return user ? `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` : undefined;
}

async function createRun(call: Call, experiment: string, runName: string | undefined): Promise<string> {
  const experimentId = await experimentNamed(call, experiment);
  const { run } = await call('POST', 'runs/create', {
    experiment_id: experimentId,
    start_time: Date.now(),
    ...(runName !== undefined && { run_name: runName }),
  });
  return run.info.run_id;
}

async function experimentNamed(call: Call, name: string): Promise<string> {
  try {
    const { experiment } = await call('GET', 'experiments/get-by-name', { experiment_name: name });
    return experiment.experiment_id;
  } catch (error) {
    if (!(error instanceof MlflowError) || error.errorCode !== 'RESOURCE_DOES_NOT_EXIST') throw error;
    return (await call('POST', 'experiments/create', { name })).experiment_id;
  }
}

async function sendParameters(call: Call, runId: string, parameters: object): Promise<void> {
  const params = flat(parameters).map(([key, value]) => ({ key, value: value.slice(0, parameterLength) }));
  for (let from = 0; from < params.length; from += parametersPerRequest)
    await call('POST', 'runs/log-batch', {
      run_id: runId,
      params: params.slice(from, from + parametersPerRequest),
    });
}

/** [key, value] of all settings; rows in memory and other lists as JSON. */
const flat = (values: object, before = ''): [string, string][] =>
  Object.entries(values).flatMap(([key, value]): [string, string][] => {
    if (value === undefined) return [];
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return flat(value, `${before}${key}.`);
    return [[before + key, typeof value === 'string' ? value : JSON.stringify(value)]];
  });
