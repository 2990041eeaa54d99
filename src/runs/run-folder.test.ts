import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { fileSystem } from '#platform';
import { FileError, UsageError } from '../errors.js';
import { float32Tensor, int64Tensor, type Tensor } from '../tensor.js';
import type { Checkpoint } from '../training/run-store.js';
import { breakFolderLock } from './lock.js';
import { checkRunFolder, type OpenRunFolderOptions, openRunFolder, type RunFolder } from './run-folder.js';

let root: string;
let folders = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'promptune-run-folder-'));
});
afterAll(() => rm(root, { recursive: true }));
const newFolder = () => join(root, `run-${folders++}`);

const config = { learningRate: 0.3, optimizer: { name: 'adamw' }, validation: undefined };
const open = (path: string, options: Partial<OpenRunFolderOptions> = {}) =>
  openRunFolder(path, { config, ...options });

/** Opens a run, lets `work` do something with it, and closes it. */
async function session(
  path: string,
  options: Partial<OpenRunFolderOptions>,
  work: (run: RunFolder) => Promise<unknown> = async () => {},
): Promise<RunFolder> {
  const run = await open(path, options);
  await work(run);
  await run.close();
  return run;
}

function checkpointAt(step: number, best: Checkpoint['state']['best'] = null): Checkpoint {
  return {
    state: { step, validatedStep: best?.step ?? 0, best, validationsSinceBest: 0 },
    trainable: new Map([['prompt', float32Tensor([2, 2], [step, 1, 2, 3])]]),
    optimizer: new Map<string, Tensor>([
      ['step', int64Tensor([], [step])],
      ['exp_avg.prompt', float32Tensor([2, 2])],
    ]),
  };
}

const load = (run: RunFolder) => run.loadCheckpoint(() => {}, expect.unreachable);
const checkpointsIn = async (path: string) => (await readdir(join(path, 'checkpoints'))).sort();
const metricsIn = (path: string) => readFile(join(path, 'metrics.jsonl'), 'utf8');

test('a new run has its settings, no metrics and no checkpoint', async () => {
  const path = join(newFolder(), 'in', 'new', 'folders');
  const run = await session(path, {}, async (run) => expect(await load(run)).toBeUndefined());
  expect(run).toMatchObject({ path, adapterPath: join(path, 'adapter'), changedSettings: [] });
  expect(await readFile(join(path, 'config.yaml'), 'utf8')).toBe(
    'learningRate: 0.3\noptimizer:\n  name: adamw\n',
  );
  expect((await readdir(path)).sort()).toEqual(['checkpoints', 'config.yaml', 'metrics.jsonl']);
});

/** Stands for a full disk: writing it fails. */
const failing = {
  toJSON() {
    throw new Error('no space left');
  },
};

describe('which folders a run may have', () => {
  const refused = (path: string, options?: Partial<OpenRunFolderOptions>) =>
    expect(open(path, options)).rejects;

  test('not a file, not a folder of other things, and nothing is left behind there', async () => {
    const path = newFolder();
    await mkdir(path);
    await writeFile(join(path, 'thesis.doc'), '');
    for (const overwrite of [false, true]) {
      await refused(path, { overwrite }).toThrow(
        'is not empty and not a run\'s folder (it holds "thesis.doc")',
      );
    }
    await refused(join(path, 'thesis.doc')).toThrow('is a file, expected a folder');
    await refused(path).toBeInstanceOf(UsageError);
    expect(await readdir(path)).toEqual(['thesis.doc']);
  });

  test('an earlier run is resumed or overwritten by request only', async () => {
    const path = newFolder();
    await refused(path, { resume: true }).toThrow('holds no run to resume');
    await session(path, {}, async (run) => {
      await run.appendMetrics({ step: 1 });
      await run.saveCheckpoint(checkpointAt(1));
    });
    await refused(path).toThrow('already holds a run: set resume to continue it or overwrite to delete it');
    await refused(path, { resume: true, overwrite: true }).toThrow('exclude each other');
    expect(await metricsIn(path)).toBe('{"step":1}\n');
  });

  test('a run without a checkpoint gives way to the next', async () => {
    const path = newFolder();
    await session(path, {}, (run) => run.appendMetrics({ step: 1 }));
    await session(path, { config: { seed: 2 } });
    expect(await metricsIn(path)).toBe('');
    expect(await readFile(join(path, 'config.yaml'), 'utf8')).toBe('seed: 2\n');
  });

  test.each([
    ['its configuration', { config: failing }],
    ['what it notes of its inputs', { inputs: failing }],
  ])('an error amid %s leaves a folder for the next start', async (_, options) => {
    const path = newFolder();
    await refused(path, options as never).toThrow('no space left');
    await session(path, { resume: existsSync(join(path, 'config.yaml')) });
    await session(path, {});
  });

  test("somebody's own config.yaml does not make a folder a run's", async () => {
    const path = newFolder();
    await mkdir(path);
    await writeFile(join(path, 'config.yaml'), 'mine: 1\n');
    await refused(path).toThrow('not a run\'s folder (it holds "config.yaml")');
    await refused(path, { resume: true }).toThrow('holds no run to resume');
  });

  test('overwriting removes the run and nothing else', async () => {
    const path = newFolder();
    await session(path, {}, async (run) => {
      await run.appendMetrics({ step: 1 });
      await run.saveCheckpoint(checkpointAt(1));
      await mkdir(run.adapterPath);
    });
    await writeFile(join(path, 'notes.txt'), 'mine');
    await session(path, { overwrite: true, config: { seed: 2 } });
    expect((await readdir(path)).sort()).toEqual([
      'checkpoints',
      'config.yaml',
      'metrics.jsonl',
      'notes.txt',
    ]);
    expect(await checkpointsIn(path)).toEqual([]);
    expect(await metricsIn(path)).toBe('');
    expect(await readFile(join(path, 'config.yaml'), 'utf8')).toBe('seed: 2\n');
  });

  test('one in which a run was killed before it began counts as empty', async () => {
    const path = newFolder();
    await mkdir(path);
    await writeFile(join(path, 'run.lock'), '{"pid": 1');
    await utimes(join(path, 'run.lock'), 1, 1);
    await session(path, {});
    expect((await readdir(path)).sort()).toEqual(['checkpoints', 'config.yaml', 'metrics.jsonl']);
  });
});

test('a folder that cannot be read for want of descriptors is a clear error', async () => {
  const error = Object.assign(new Error("EMFILE: too many open files, scandir 'run'"), {
    ...{ code: 'EMFILE', syscall: 'scandir' },
  });
  const list = vi.spyOn(fileSystem, 'list').mockRejectedValue(error);
  await expect(checkRunFolder('run', {})).rejects.toThrow('run: it cannot be read: too many files are open');
  list.mockRestore();
});

describe('the lock', () => {
  const lock = (path: string, holder: object) => writeFile(join(path, 'run.lock'), JSON.stringify(holder));

  test('keeps out a second run of the same process until the first is closed', async () => {
    const path = newFolder();
    const run = await open(path);
    await expect(open(path, { resume: true })).rejects.toThrow(`${path} is in use by a run of this process`);
    await expect(open(path, { overwrite: true })).rejects.toBeInstanceOf(UsageError);
    await run.close();
    await session(path, { resume: true });
  });

  test('of a running process keeps the folder, that of a killed one does not', async () => {
    const path = newFolder();
    await session(path, {});
    // The other process takes the lock of this folder by the code under test.
    const source = new URL('./lock.ts', import.meta.url).href;
    const program = `await (await import('${source}')).lockFolder('${path}'); console.log('locked'); setInterval(() => {}, 1e6)`;
    const holder = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    await expect(open(path, { resume: true })).rejects.toThrow(`in use by a run of process ${holder.pid} on`);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await session(path, { resume: true });
  });

  test('of an earlier process with the number of a living one does not count', async () => {
    const path = newFolder();
    await session(path, {});
    await lock(path, { pid: process.pid, started: 'before', host: hostname() });
    await session(path, { resume: true });
  });

  test('of another machine counts, and the error says how to get rid of it', async () => {
    const path = newFolder();
    await session(path, {});
    await lock(path, { pid: 4, started: '1', host: 'elsewhere.example' });
    await expect(open(path, { resume: true })).rejects.toThrow(
      `process 4 on elsewhere.example, another machine or container: wait for it, stop it or choose another output folder. ` +
        'If it is gone, its lock ends two minutes after its last sign of life, ' +
        'and at once if you break it (see `promptune help runs`)',
    );
    await breakFolderLock(path);
    await session(path, { resume: true });
  });

  test('is released if opening fails', async () => {
    const path = newFolder();
    await session(path, {});
    await writeFile(join(path, 'config.yaml'), 'a: [');
    await expect(open(path, { resume: true })).rejects.toThrow(/config\.yaml.*: it is not valid YAML/);
    await writeFile(join(path, 'config.yaml'), '- a list');
    await expect(open(path, { resume: true })).rejects.toBeInstanceOf(FileError);
    expect(await readdir(path)).not.toContain('run.lock');
  });
});

describe('resuming', () => {
  test('knows the keys that earlier versions wrote by their present names', async () => {
    const path = newFolder();
    await session(path, {});
    await writeFile(join(path, 'config.yaml'), 'verbaliser:\n  good: positive\n');
    const now = { verbalizer: { good: 'positive' } };
    await session(path, { resume: true, config: now }, async ({ changedSettings }) => {
      expect(changedSettings).toEqual([]);
    });
  });

  test('gives back the newest checkpoint as it was saved', async () => {
    const path = newFolder();
    const saved = checkpointAt(120, { step: 100, loss: 1 / 3 });
    await session(path, {}, async (run) => {
      expect(await run.saveCheckpoint(saved)).toBe(join(path, 'checkpoints', 'step-000120'));
    });
    await session(path, { resume: true }, async (run) => {
      let restored: Checkpoint | undefined;
      const loaded = await run.loadCheckpoint((checkpoint) => {
        restored = checkpoint;
      }, expect.unreachable);
      expect(loaded).toMatchObject(saved);
      expect(restored).toBe(loaded);
    });
  });

  test('cuts the metrics after the checkpoint, a torn line included', async () => {
    const path = newFolder();
    await session(path, {}, async (run) => {
      for (const step of [1, 2]) await run.appendMetrics({ step });
      await run.saveCheckpoint(checkpointAt(2));
      await run.appendMetrics({ step: 3 });
    });
    await appendFile(join(path, 'metrics.jsonl'), '{"step": 4, "lo');
    await session(path, { resume: true }, async (run) => {
      await load(run);
      expect(await metricsIn(path)).toBe('{"step":1}\n{"step":2}\n');
      await run.appendMetrics({ step: 3, again: true });
      await run.saveCheckpoint(checkpointAt(3));
    });
    await session(path, { resume: true }, load);
    expect(await metricsIn(path)).toBe('{"step":1}\n{"step":2}\n{"step":3,"again":true}\n');
  });

  test('without a checkpoint starts the metrics over', async () => {
    const path = newFolder();
    await session(path, {}, (run) => run.appendMetrics({ step: 1 }));
    await session(path, { resume: true }, async (run) => expect(await load(run)).toBeUndefined());
    expect(await metricsIn(path)).toBe('');
  });

  test('tolerates metrics with missing lines', async () => {
    const path = newFolder();
    await session(path, {}, async (run) => {
      await run.appendMetrics({ step: 1 });
      await run.saveCheckpoint(checkpointAt(1));
    });
    await writeFile(join(path, 'metrics.jsonl'), '');
    const notes: string[] = [];
    await session(path, { resume: true }, async (run) => {
      const checkpoint = await run.loadCheckpoint(
        () => {},
        (note) => notes.push(note),
      );
      expect(checkpoint).toMatchObject(checkpointAt(1));
    });
    expect(notes).toEqual(['metrics.jsonl has 0 of the 1 lines up to this checkpoint']);
  });

  test('clears away what a kill left half-written', async () => {
    const path = newFolder();
    await session(path, {}, (run) => run.saveCheckpoint(checkpointAt(1)));
    const temporary = '.step-000002.incomplete-1-0123abcd';
    await mkdir(join(path, 'checkpoints', temporary));
    await writeFile(join(path, 'checkpoints', temporary, 'trainable.safetensors'), 'half');
    await mkdir(join(path, temporary));
    await session(path, { resume: true }, load);
    expect(await checkpointsIn(path)).toEqual(['step-000001']);
    expect((await readdir(path)).sort()).toEqual(['checkpoints', 'config.yaml', 'metrics.jsonl']);
  });

  test('brings back an adapter that a kill caught moved aside', async () => {
    const path = newFolder();
    await session(path, {});
    const aside = join(path, '.adapter.incomplete-4194305-0123abcd-old'); // no system numbers processes so high
    await mkdir(aside);
    await writeFile(join(aside, 'adapter_config.json'), '{}');
    await session(path, { resume: true });
    expect(await readdir(join(path, 'adapter'))).toEqual(['adapter_config.json']);
  });

  test('reports which settings differ, and keeps them', async () => {
    const path = newFolder();
    await session(path, {});
    const changed = { learningRate: 0.1, optimizer: { name: 'adamw' }, seed: 7 };
    const run = await session(path, { resume: true, config: changed });
    expect(run.changedSettings).toEqual(['learningRate: 0.3 → 0.1', 'seed: undefined → 7']);
    expect((await session(path, { resume: true, config: changed })).changedSettings).toEqual([]);
  });
});

test('the newest two checkpoints stay, and the best', async () => {
  const path = newFolder();
  const best = { step: 20, loss: 0.5 };
  await session(path, {}, async (run) => {
    await run.saveCheckpoint(checkpointAt(10, { step: 10, loss: 1 }));
    for (const step of [20, 30, 40, 50]) await run.saveCheckpoint(checkpointAt(step, best));
    expect(await checkpointsIn(path)).toEqual(['step-000020', 'step-000040', 'step-000050']);
  });
  await session(path, { resume: true }, async (run) => {
    await load(run);
    await run.saveCheckpoint(checkpointAt(1_000_000, best));
  });
  expect(await checkpointsIn(path)).toEqual(['step-000020', 'step-000050', 'step-1000000']);
});

test('what a kill behind the last checkpoint left of earlier ones goes when the run is resumed', async () => {
  const path = newFolder();
  const best = { step: 30, loss: 0.5 };
  await session(path, {}, async (run) => {
    for (const step of [10, 20, 30]) await run.saveCheckpoint(checkpointAt(step, best));
  });
  await cp(join(path, 'checkpoints/step-000020'), join(path, 'checkpoints/step-000010'), { recursive: true });
  await session(path, { resume: true }, load);
  expect(await checkpointsIn(path)).toEqual(['step-000020', 'step-000030']);
});

describe('a checkpoint that is not as it was written is passed over', () => {
  /** What is said of the newer of two checkpoints after `change`. */
  async function noteAfter(change: (folder: string) => Promise<void>): Promise<string> {
    const path = newFolder();
    await session(path, {}, async (run) => {
      for (const step of [10, 15]) await run.saveCheckpoint(checkpointAt(step));
    });
    await change(join(path, 'checkpoints', 'step-000015'));
    const notes: string[] = [];
    await session(path, { resume: true }, async (run) => {
      const checkpoint = await run.loadCheckpoint(
        () => {},
        (note) => notes.push(note),
      );
      expect(checkpoint).toMatchObject(checkpointAt(10));
    });
    expect(notes).toHaveLength(1);
    return notes[0]!;
  }
  const changeState = (change: object) => async (folder: string) => {
    const path = join(folder, 'state.json');
    await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...change }));
  };

  test.each(['trainable', 'optimizer'])('by a bit of %s', async (name) => {
    const note = await noteAfter(async (folder) => {
      const path = join(folder, `${name}.safetensors`);
      const bytes = await readFile(path);
      bytes[bytes.length - 3]! ^= 1;
      await writeFile(path, bytes);
    });
    expect(note).toMatch(/going back to step 10: .*safetensors: it is damaged: its SHA-256 is not the one/);
  });

  test.each([
    [{ step: 2147483648 }, 'step): expected 15'],
    [{ validatedStep: 16 }, 'validatedStep): expected a step from 0 to 15, got 16'],
    [{ best: { step: -1, loss: 1 } }, 'best.step): expected a step from 0 to 15, got -1'],
  ])('by its state %j', async (change, problem) => {
    expect(await noteAfter(changeState(change))).toContain(problem);
  });

  test('except one of an earlier version, without SHA-256', async () => {
    const path = newFolder();
    await session(path, {}, (run) => run.saveCheckpoint(checkpointAt(10)));
    await changeState({ sha256: undefined })(join(path, 'checkpoints', 'step-000010'));
    await session(path, { resume: true }, async (run) =>
      expect(await load(run)).toMatchObject(checkpointAt(10)),
    );
  });
});

describe('what a run reads', () => {
  const inputs = { weights: 'w', tokenizer: 't', data: 'd' };

  test('is refused if it changed, unless that is allowed; the run then continues with it', async () => {
    const path = newFolder();
    await session(path, { inputs });
    await session(path, { inputs, resume: true });
    const changed = { ...inputs, data: 'e', tokenizer: 'u' };
    await expect(open(path, { inputs: changed, resume: true })).rejects.toThrow(
      `the tokenizer and the data of the run in ${path} changed since it began`,
    );
    await expect(open(path, { inputs: changed, resume: true })).rejects.toBeInstanceOf(UsageError);
    const run = await session(path, { inputs: changed, resume: true, allowChangedInputs: true });
    expect(run.changedSettings).toEqual([
      'tokenizer: the content is another',
      'data: the content is another',
    ]);
    expect((await session(path, { inputs: changed, resume: true })).changedSettings).toEqual([]);
  });

  test('is recorded for runs of earlier versions, and by a run that overwrites another', async () => {
    const path = newFolder();
    await session(path, {});
    await session(path, { inputs, resume: true });
    await expect(open(path, { inputs: { ...inputs, data: 'e' }, resume: true })).rejects.toThrow(
      'the data of',
    );
    await session(path, { inputs: { ...inputs, data: 'e' }, overwrite: true });
    await session(path, { inputs: { ...inputs, data: 'e' }, resume: true });
  });
});

test('a checkpoint that cannot be read does not push out one that can', async () => {
  const path = newFolder();
  await session(path, {}, async (run) => {
    for (const step of [10, 15]) await run.saveCheckpoint(checkpointAt(step));
  });
  await writeFile(join(path, 'checkpoints', 'step-000015', 'state.json'), '');
  const warnings: string[] = [];
  await session(path, { resume: true }, async (run) => {
    await run.loadCheckpoint(
      () => {},
      (message) => warnings.push(message),
    );
    await run.saveCheckpoint(checkpointAt(20));
  });
  expect(warnings).toEqual([
    expect.stringMatching(/^going back to step 10: .*state\.json \(line 1, column 1\): it is not valid JSON/),
  ]);
  expect(await checkpointsIn(path)).toEqual(['step-000010', 'step-000020']);
});
