import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { compileProgram } from '../../test/support/compile-program.js';
import { isTemporaryName } from '../formats/files.js';
import { readSafetensorsHeader, readTensor } from '../formats/safetensors.js';
import { countLabels } from '../loss/label-counts.js';
import { readCheckpoint } from '../runs/checkpoint.js';
import { runFolderBytes } from '../runs/folder-bytes.fixture.js';
import { type ToyRunOptions, toyRun } from '../runs/toy-run.fixture.js';
import { datasetOf } from '../text/dataset.js';
import type { EncodedExample } from '../text/encode.js';
import type { StepEvent, TrainingEvent } from './events.js';
import { toyDataset, toyStep } from './toy-step.fixture.js';

let root: string;
let folders = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'promptune-train-'));
});
afterAll(() => rm(root, { recursive: true }));
const newFolder = () => join(root, `run-${folders++}`);

const ofType = <Type extends TrainingEvent['type']>(events: TrainingEvent[], type: Type) =>
  events.filter((event): event is Extract<TrainingEvent, { type: Type }> => event.type === type);

/** An example whose last `labels` tokens are labels. */
function example(ids: number[], labels: number): EncodedExample {
  return {
    inputIds: Int32Array.from(ids),
    lossMask: new Uint8Array(ids.length).fill(1, ids.length - labels),
  };
}

test('a run learns, reports each step and leaves its folder in order', async () => {
  const path = newFolder();
  const { result, events } = await toyRun(path);
  const steps = ofType(events, 'step');
  expect(result).toEqual({ step: 40, stopped: false, stoppedEarly: false, best: result.best });
  expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  expect(steps[4]).toMatchObject({ type: 'step', totalSteps: 40, epoch: 1 });
  expect(steps[0]!.learningRate).toBe(0);
  expect(steps[5]!.learningRate).toBe(0.5);
  expect(steps[39]!.loss).toBeLessThan(0.6 * steps[0]!.loss);
  expect(steps.every(({ tokensPerSecond }) => tokensPerSecond > 0)).toBe(true);
  expect(steps[39]!.etaSeconds).toBe(0);

  const validations = ofType(events, 'validation');
  expect(validations.map(({ step }) => step)).toEqual([4, 8, 12, 16, 20, 24, 28, 32, 36, 40]);
  expect(result.best!.loss).toBe(Math.min(...validations.map(({ loss }) => loss)));
  expect(ofType(events, 'warning')).toEqual([]);

  expect((await readdir(path)).sort()).toEqual(['adapter', 'checkpoints', 'config.yaml', 'metrics.jsonl']);
  const metrics = (await readFile(join(path, 'metrics.jsonl'), 'utf8')).trim().split('\n');
  expect(metrics.length).toBe(50);
  expect(Object.keys(JSON.parse(metrics[0]!))).toEqual([
    'step',
    'epoch',
    'loss',
    'learningRate',
    'gradNorm',
    'seconds',
    'tokensPerSecond',
  ]);
  expect(JSON.parse(metrics[4]!)).toEqual({ step: 4, validationLoss: validations[0]!.loss });
});

test('the loss of a step is the mean over its label tokens, and so is the gradient, whatever the micro-batches', async () => {
  const dataset = datasetOf([
    example([1, 2, 3], 3),
    example([4], 1),
    example([5, 6, 7, 8, 9], 1),
    example([10, 11], 2),
  ]);
  const run = (batchSize: number) =>
    toyRun(newFolder(), {
      dataset,
      validation: undefined,
      batchSize,
      gradientAccumulationSteps: 4 / batchSize,
      maxSteps: 6,
    });
  const whole = await run(4);
  expect(whole.step.calls.length).toBe(6);
  // w = 0, b = ½; labels 1, 2, 3, 4, 9, 10, 11 have targets 1, 2, 3, 4, 4, 0, 1.
  const errors = [1, 2, 3, 4, 4, 0, 1].map((target) => 0.5 - target);
  const [first] = ofType(whole.events, 'step');
  expect(first!.loss).toBeCloseTo(errors.reduce((sum, error) => sum + error ** 2 / 2, 0) / 7, 6);

  for (const batchSize of [1, 2]) {
    const parts = await run(batchSize);
    expect(parts.step.calls.length).toBe(6 * (4 / batchSize));
    const losses = ofType(whole.events, 'step').map(({ loss }) => expect.closeTo(loss, 5));
    expect(ofType(parts.events, 'step').map(({ loss }) => loss)).toEqual(losses);
  }
});

test('first tokens that nothing predicts do not count', async () => {
  const count = (examples: readonly EncodedExample[]) => countLabels(examples, { countsFirst: false });
  const step = { ...toyStep(), count };
  const scales: number[] = [];
  const { run } = step;
  step.run = (examples, scale) => {
    scales.push(scale);
    return run(examples, scale);
  };
  const dataset = datasetOf([example([1, 2, 3], 3), example([4, 5], 1)]);
  await toyRun(newFolder(), { step, dataset, maxSteps: 1 });
  expect(scales).toEqual([1 / 3]);
});

test('labels of the prompt itself count for each text, and tensors are put back after each update', async () => {
  const step = { ...toyStep(), promptLabels: 2 };
  const scales: number[] = [];
  const { run, trainable } = step;
  step.run = (examples, scale) => {
    scales.push(scale);
    return run(examples, scale);
  };
  step.constrain = () => trainable.get('b')!.data.fill(0.25);
  const dataset = datasetOf([example([1, 2, 3], 3), example([4, 5], 1)]);
  const schedule = { name: 'constant', warmupRatio: 0 } as const;
  await toyRun(newFolder(), { step, dataset, validation: undefined, maxSteps: 1, schedule });
  expect(scales).toEqual([1 / 8]);
  expect([...trainable.get('b')!.data]).toEqual([0.25]);
  expect(trainable.get('w')!.data.some((value) => value !== 0)).toBe(true);
});

test('the validation loss is the mean over all label tokens, and the adapter is that of the lowest', async () => {
  const path = newFolder();
  const validation = toyDataset(11, 3);
  // A high rate to the very end makes the loss go up and down.
  const schedule = { name: 'constant', warmupRatio: 0 } as const;
  const { events, result } = await toyRun(path, { validation, learningRate: 3, schedule });
  const losses = ofType(events, 'validation');
  const lowest = losses.reduce((a, b) => (b.loss < a.loss ? b : a));
  expect(result.best).toEqual({ step: lowest.step, loss: lowest.loss });
  expect(lowest.step).toBeLessThan(40);

  const adapter = await readSafetensorsHeader(join(path, 'adapter', 'adapter.safetensors'));
  const best = toyStep();
  for (const [name, tensor] of best.trainable)
    tensor.data.set((await readTensor(adapter, name)).data as Float32Array);
  const examples = await Promise.all(Array.from({ length: 11 }, (_, i) => validation.get(i)));
  const { lossSum } = await best.evaluate(examples);
  const labels = validation.labelCounts.reduce((sum, count) => sum + count, 0);
  expect(lossSum / labels).toBeCloseTo(lowest.loss, 10);
  expect(await readdir(join(path, 'checkpoints'))).toContain(`step-${String(lowest.step).padStart(6, '0')}`);
});

test('without validation the adapter is the last', async () => {
  const path = newFolder();
  const { step, result } = await toyRun(path, { validation: undefined, maxSteps: 7 });
  expect(result.best).toBeNull();
  const adapter = await readSafetensorsHeader(join(path, 'adapter', 'adapter.safetensors'));
  expect((await readTensor(adapter, 'w')).data).toEqual(step.trainable.get('w')!.data);
});

test('early stopping ends the run after the given number of validations without a new best', async () => {
  const { result, events } = await toyRun(newFolder(), {
    learningRate: 3,
    earlyStoppingPatience: 2,
    epochs: 80,
  });
  const losses = ofType(events, 'validation').map(({ loss }) => loss);
  expect(result).toMatchObject({ stopped: false, stoppedEarly: true });
  expect(losses.slice(-2).every((loss) => loss > Math.min(...losses))).toBe(true);
  expect(result.step).toBe(result.best!.step + 8);
});

describe('resuming', () => {
  let whole: Record<string, unknown>;
  beforeAll(async () => {
    const path = newFolder();
    await toyRun(path);
    whole = await runFolderBytes(path);
  });
  /** Checkpoints made on stopping are extra ones: those at the end are what both have. */
  const withoutExtraCheckpoints = (files: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(files).filter(([path]) => !path.startsWith('checkpoints') || path in whole),
    );

  // Calls 1 to 8 are micro-batches of steps 1 to 4; 9 to 11 validate; 105 and on are near the end.
  test.each([1, 2, 3, 8, 9, 10, 11, 12, 50, 108, 109])(
    'after a stop in call %i ends with the same bytes',
    async (call) => {
      const path = newFolder();
      const stop = new AbortController();
      const onCall = (count: number) => {
        if (count === call) stop.abort();
      };
      const { result, events } = await toyRun(path, { signal: stop.signal, onCall });
      expect(result.stopped).toBe(true);
      expect(events.at(-1)).toMatchObject({ type: 'checkpoint', step: result.step });
      expect(await readdir(join(path, 'adapter'))).toEqual(['adapter.safetensors']);

      const resumed = await toyRun(path, { resume: true });
      expect(resumed.events[0]).toEqual({ type: 'resumed', step: result.step, totalSteps: 40 });
      expect(resumed.result).toMatchObject({ step: 40, stopped: false });
      const files = withoutExtraCheckpoints(await runFolderBytes(path));
      expect(files).toEqual(Object.fromEntries(Object.entries(whole).filter(([name]) => name in files)));
      for (const name of [
        'checkpoints/step-000040/state.json',
        'adapter/adapter.safetensors',
        'metrics.jsonl',
      ]) {
        expect(files).toHaveProperty([name]);
      }
    },
  );

  test('stopping again and again ends with the same bytes', async () => {
    const path = newFolder();
    let result = { stopped: true };
    for (let resume = false; result.stopped; resume = true) {
      const stop = new AbortController();
      const onCall = (count: number) => {
        if (count === 4) stop.abort();
      };
      ({ result } = await toyRun(path, { resume, signal: stop.signal, onCall }));
    }
    expect(withoutExtraCheckpoints(await runFolderBytes(path))).toMatchObject({
      'metrics.jsonl': whole['metrics.jsonl'],
      'adapter/adapter.safetensors': whole['adapter/adapter.safetensors'],
      'checkpoints/step-000040/optimizer.safetensors': whole['checkpoints/step-000040/optimizer.safetensors'],
      'checkpoints/step-000040/state.json': whole['checkpoints/step-000040/state.json'],
    });
  });

  test('a finished run has nothing left to do', async () => {
    const path = newFolder();
    await toyRun(path);
    const again = await toyRun(path, { resume: true });
    expect(again.step.calls).toEqual([]);
    expect(again.result.step).toBe(40);
    expect(await runFolderBytes(path)).toEqual(whole);
  });

  test.each([
    ['trainable.safetensors', (file: string) => truncate(file, 100)],
    ['optimizer.safetensors', (file: string) => rm(file)],
    ['state.json', (file: string) => writeFile(file, '{"step": 30, "vali')],
    ['state.json', (file: string) => writeFile(file, '{"step": -1}')],
  ])('a spoilt %s in the newest checkpoint costs the steps since the one before', async (name, spoil) => {
    const path = newFolder();
    const stop = new AbortController();
    const onEvent = (event: TrainingEvent) => {
      if (event.type === 'step' && event.step === 30) stop.abort();
    };
    await toyRun(path, { signal: stop.signal, onEvent });
    await spoil(join(path, 'checkpoints', 'step-000030', name));
    const { events } = await toyRun(path, { resume: true });
    const message = ofType(events, 'warning')[0]!.message;
    expect(message).toContain(join('step-000030', name));
    expect(message).toMatch(/^going back to step (27|28)/);
    expect(await runFolderBytes(path)).toEqual(whole);
  });

  test('if no checkpoint can be read, nothing starts over by itself', async () => {
    const path = newFolder();
    await toyRun(path, { maxSteps: 3 });
    await truncate(join(path, 'checkpoints', 'step-000003', 'trainable.safetensors'), 3);
    await expect(toyRun(path, { resume: true })).rejects.toThrow(
      /no checkpoint of this run can be used.*overwrite/,
    );
    await toyRun(path, { overwrite: true });
    expect(await runFolderBytes(path)).toEqual(whole);
  });

  test('a checkpoint of another optimizer or model is not used', async () => {
    const path = newFolder();
    await toyRun(path, { maxSteps: 3 });
    const optimizer = { name: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 } as const;
    await expect(toyRun(path, { resume: true, optimizer })).rejects.toThrow('"exp_avg.b", which this run');
  });

  test('changed settings are reported, and those of the run kept', async () => {
    const path = newFolder();
    await toyRun(path, { maxSteps: 3 });
    const { events } = await toyRun(path, { resume: true, learningRate: 0.1, maxSteps: 5 });
    expect(ofType(events, 'warning').map(({ message }) => message)).toEqual([
      'the run resumes with a changed setting: learningRate: 0.5 → 0.1',
    ]);
    expect(ofType(events, 'step').map(({ step }) => step)).toEqual([4, 5]);
    expect(await readFile(join(path, 'config.yaml'), 'utf8')).toContain('learningRate: 0.1\n');
  });

  test('kill -9 loses nothing but time, and leaves nothing that cannot be read', async () => {
    const path = newFolder();
    const program = await compileProgram(
      fileURLToPath(new URL('../runs/killed-run.fixture.ts', import.meta.url)),
    );
    onTestFinished(() => rm(program));
    // File operations of each go until it is killed: while the folder is set up, amid metrics, checkpoints and
    // adapters.
    for (const killAt of [9, 75, 160, 260, 120, Number.POSITIVE_INFINITY]) {
      const child = spawn(process.execPath, [program, path, String(killAt)], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      expect(await once(child, 'exit')).toEqual(Number.isFinite(killAt) ? [null, 'SIGKILL'] : [0, null]);
      const checkpoints = join(path, 'checkpoints');
      const names = await readdir(checkpoints).catch(() => []);
      for (const name of names.filter((name) => !isTemporaryName(name))) {
        await readCheckpoint(join(checkpoints, name), Number(name.slice('step-'.length)));
      }
    }
    expect(await runFolderBytes(path)).toEqual(whole);
  });
});

describe('numbers that are not finite', () => {
  /** Runs until something breaks in the run's `call`, then gives the error. */
  async function failure(
    path: string,
    breakIt: (step: ReturnType<typeof toyStep>, call: number) => void,
    options: ToyRunOptions = {},
  ) {
    const step = toyStep((call) => breakIt(step, call));
    return toyRun(path, { step, ...options }).then(
      () => expect.unreachable(),
      (error: Error) => error.message,
    );
  }

  test('a loss of NaN names the step and what to do, and leaves the last checkpoint as it was', async () => {
    const path = newFolder();
    // Call 16 belongs to step 7: 8 micro-batches, 3 validations, then step 5 from call 12.
    const message = await failure(path, (step, call) => {
      if (call === 16) step.trainable.get('w')!.data.fill(Number.NaN);
    });
    expect(message).toBe(
      'step 7: the loss is NaN, training has diverged. No such values were saved; the checkpoint of step 6 is intact: ' +
        'resume from it with a learningRate below 0.5, a longer warm-up or a maxGradNorm below 1',
    );
    const { step } = await toyRun(path, { resume: true });
    const whole = await toyRun(newFolder());
    expect(step.trainable).toEqual(whole.step.trainable);
  });

  test('a gradient names its tensor', async () => {
    const step = toyStep();
    const { run } = step;
    step.run = async (examples, scale) => {
      const result = await run(examples, scale);
      result.gradients.get('b')![0] = Number.NEGATIVE_INFINITY;
      return result;
    };
    await expect(toyRun(newFolder(), { step })).rejects.toThrow(
      'step 1: the gradient of "b" holds NaN or Infinity',
    );
  });

  test('a validation loss counts as well', async () => {
    const message = await failure(newFolder(), (step, call) => {
      if (step.calls[call - 1]!.kind === 'evaluate')
        step.trainable.get('w')!.data.fill(Number.POSITIVE_INFINITY);
    });
    expect(message).toContain('step 4: the validation loss is Infinity');
  });

  test('tensors that an update made infinite are not saved', async () => {
    const path = newFolder();
    const failed = toyRun(path, {
      learningRate: 1e39,
      schedule: { name: 'constant', warmupRatio: 0 },
      validation: undefined,
      maxSteps: 1,
    });
    await expect(failed).rejects.toThrow(/step 1: the trained tensor "w" holds NaN or Infinity.*start again/);
    expect(await readdir(join(path, 'checkpoints'))).toEqual([]);
  });
});

test('unusable data is refused', async () => {
  const run = (options: ToyRunOptions) => expect(toyRun(newFolder(), options)).rejects;
  await run({ dataset: datasetOf([]) }).toThrow('the data set is empty');
  await run({ validation: datasetOf([]) }).toThrow('the validation data set is empty');
  await run({ dataset: datasetOf([example([1, 2], 0)]) }).toThrow('no label token');
  await run({ validation: datasetOf([example([1, 2], 0)]) }).toThrow('no label token');
  await run({ validation: undefined, earlyStoppingPatience: 1 }).toThrow('requires validation data');
});

test('the time left comes from the pace so far', async () => {
  const { events } = await toyRun(newFolder());
  const steps: StepEvent[] = ofType(events, 'step');
  expect(steps.every(({ etaSeconds, step }) => (step < 40 ? etaSeconds > 0 : etaSeconds === 0))).toBe(true);
});
