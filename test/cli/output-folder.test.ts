/** @file The folder of a run: which ones are refused, and what is left in it when a run cannot go on. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finished, jsonLines, runCli, startCli, succeed, watchCli } from '../support/cli.js';
import { snapshot } from '../support/files.js';
import { refused } from '../support/refused.js';
import { readEverything } from '../support/run-folder.js';
import { workplace } from '../support/workplace.js';

let cwd: string;
beforeAll(async () => {
  cwd = await workplace();
  await writeFile(
    join(cwd, 'pairs.jsonl'),
    '{"prompt": "a", "completion": "b"}\n{"prompt": "c", "completion": "d"}\n',
  );
  const adapter = ['--output', 'run', '--num-virtual-tokens', '2', '--max-steps', '1'];
  await succeed(['train', '--model', 'model', '--data', 'pairs.jsonl', ...adapter], { cwd });
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const train = (...args: string[]) => ['train', '--model', 'model', '--output', 'out', ...args];
const trainOnPairs = (...args: string[]) => train('--data', 'pairs.jsonl', ...args);
const refuse = (args: readonly string[], code: 1 | 2, message: string | RegExp) =>
  refused(cwd, args, code, message);

describe('an output folder', () => {
  it("that is not a run's, or a file", async () => {
    await mkdir(join(cwd, 'notes'));
    await writeFile(join(cwd, 'notes/diary.txt'), 'Dear diary');
    const message =
      'notes is not empty and not a run\'s folder (it holds "diary.txt"): choose another output folder';
    await refuse(trainOnPairs('--output', 'notes'), 2, message);
    await refuse(trainOnPairs('--output', 'notes', '--overwrite'), 2, message);
    await refuse(
      trainOnPairs('--output', 'pairs.jsonl'),
      2,
      "pairs.jsonl is a file, expected a folder for the run's output",
    );
  });

  it('that holds a run already', async () => {
    const message =
      'run already holds a run: set resume to continue it or overwrite to delete it, or choose another folder';
    await refuse(trainOnPairs('--output', 'run'), 2, message);
    await refuse(trainOnPairs('--output', 'run', '--dry-run'), 2, message);
    await refuse(
      trainOnPairs('--output', 'run', '--resume', '--overwrite'),
      2,
      'resume and overwrite exclude each other',
    );
  });

  it('of a run to overwrite is left alone until all inputs have been read', async () => {
    const nowhere = 'nowhere.jsonl: it cannot be read: there is no such file; check the path';
    await refuse(train('--output', 'run', '--overwrite', '--data', 'nowhere.jsonl'), 1, nowhere);
  });

  it('with no run to resume', async () => {
    const message = (folder: string) =>
      `--resume: ${folder} has no run to resume, since it has no config.yaml; start one`;
    await refuse(['train', '--resume', '--output', 'nowhere'], 2, message('nowhere'));
    await refuse(['pretrain', '--resume', '--output', 'model'], 2, message('model'));
    await refuse(['train', '--resume'], 2, '--output: expected the folder of the run to resume');
  });

  it('that a live run uses', async () => {
    const live = trainOnPairs('--output', 'live', '--max-steps', '100000', '--save-every', '1000', '--json');
    let others: Promise<Awaited<ReturnType<typeof runCli>>[]> | undefined;
    const { stdout, code } = await watchCli(live, { cwd }, (line, child) => {
      if (others || JSON.parse(line).type !== 'step') return;
      const rivals = [
        trainOnPairs('--output', 'live', '--overwrite'),
        ['train', '--resume', '--output', 'live'],
      ];
      others = Promise.all(rivals.map((args) => runCli(args, { cwd }))).finally(() => child.kill('SIGINT'));
    });
    for (const other of await others!) {
      expect(other).toMatchObject({ stdout: '', code: 2 });
      expect(other.stderr).toMatch(
        /^promptune: live is in use by a run of process \d+ on \S+: wait for it, stop it or choose another output folder\n$/,
      );
    }
    expect(code).toBe(130);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ type: 'end', stopped: true });
  });
});

it('training that diverges ends with the step and the way out, and leaves the last checkpoint', async () => {
  const absurd = ['--method', 'full-fine-tuning', '--optimizer', 'sgd', '--learning-rate', '1e20'];
  const flags = [
    '--max-grad-norm',
    '0',
    '--batch-size',
    '1',
    '--epochs',
    '3',
    '--save-every',
    '1',
    '--output',
    'diverged',
  ];
  const { stderr, code } = await runCli(trainOnPairs(...absurd, ...flags), { cwd });
  expect(code).toBe(1);
  expect(stderr).toBe(
    'promptune: step 2: the loss is NaN, training has diverged. No such values were saved; the checkpoint of step 1 is ' +
      'intact: resume from it with a learningRate below 100000000000000000000, a longer warm-up or a maxGradNorm above 0\n',
  );
  expect(await readEverything(join(cwd, 'diverged'))).toContain('checkpoints/step-000001/state.json');
});

describe('a disk that is full', () => {
  /** Runs a command that may make no file larger than so many blocks of 1,024 bytes: writing more fails. */
  async function limited(blocks: number, args: readonly string[]) {
    return finished(startCli(args, { cwd, shell: `ulimit -f ${blocks} && exec "$0" "$@"` }));
  }
  it('ends with the file that could not be written, and the last checkpoint can be resumed', async () => {
    const run = ['--output', 'full', '--num-virtual-tokens', '8', '--save-every', '1', '--max-steps', '2'];
    await succeed(trainOnPairs(...run), { cwd });
    const before = await snapshot(join(cwd, 'full'));
    const resume = ['train', '--resume', '--output', 'full', '--max-steps', '3'];

    const { code, stderr } = await limited(2, resume);
    const problem = 'it cannot be written: the file is too large for this file system';
    expect(stderr).toBe(`promptune: full/checkpoints/step-000003/optimizer.safetensors: ${problem}\n`);
    expect(code).toBe(1);
    const unharmed = (line: string) => line.startsWith('checkpoints/step');
    expect((await snapshot(join(cwd, 'full'))).filter(unharmed)).toEqual(before.filter(unharmed));

    expect(await succeed(resume, { cwd })).toContain('Resuming after step 2 of 3');
  });
});
