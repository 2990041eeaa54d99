/**
 * @file Training whose batches are divided among workers of a queue that are killed at random: the adapter, the
 *   optimizer's state and the losses must be those of one process.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { failureOf, type Place, type Scenario, some } from './place.js';

/** Eight batches per step. */
export const trainArguments = (output: string): string[] => [
  ...['train', '--model', 'model', '--data', 'rows.jsonl', '--output', output, '--validation', '0.25'],
  ...['--method', 'prompt-tuning', '--num-virtual-tokens', '3', '--learning-rate', '0.1'],
  ...['--max-steps', '16', '--batch-size', '2', '--gradient-accumulation-steps', '8', '--threads', '1'],
  ...['--save-every', '4', '--eval-every', '4'],
];

/** SHA-256 of each file of a run that must repeat, and its losses. */
export async function trainedFacts(run: string): Promise<Record<string, string>> {
  const facts: Record<string, string> = {};
  for (const folder of ['adapter', 'checkpoints']) {
    const names = await readdir(join(run, folder), { recursive: true });
    for (const name of names.filter((one) => one.endsWith('.safetensors')))
      facts[`${folder}/${name}`] = createHash('sha256')
        .update(await readFile(join(run, folder, name)))
        .digest('hex');
  }
  const lines = (await readFile(join(run, 'metrics.jsonl'), 'utf8')).trim().split('\n');
  const losses = lines
    .map((line) => JSON.parse(line))
    .map(({ step, loss, gradNorm }) => [step, loss, gradNorm]);
  return { ...facts, losses: JSON.stringify(losses) };
}

/** With as many workers, of which one at a time is killed and replaced by another. */
const among =
  (count: number): Scenario =>
  async ({ random, number, cwd, worker, run, store, trained }: Place) => {
    const workers = Array.from({ length: count }, () => worker());
    const output = `trained-${number}`;
    const asked = run([...trainArguments(output), '--queue', '--store', store]);
    await Promise.race(workers.map((one) => one.printed(/begun/)));
    let isOver = false;
    void asked.ended.then(() => {
      isOver = true;
    });
    for (let deaths = 0; deaths < 3 && !isOver; deaths++) {
      await Promise.race([sleep(some(random, 2500)), asked.ended]);
      const at = random.below(count);
      workers[at]!.child.kill('SIGKILL');
      workers[at] = worker();
      await Promise.race([workers[at].printed(/begun/), asked.ended]);
    }
    const failure = await failureOf(asked);
    if (failure !== undefined) return failure;
    const found = await trainedFacts(join(cwd, output));
    const names = new Set([...Object.keys(found), ...Object.keys(trained)]);
    const other = [...names].filter((name) => found[name] !== trained[name]);
    return other.length === 0 ? undefined : `other than in one process: ${other.join(', ')}`;
  };

export const training: Readonly<Record<string, Scenario>> = Object.fromEntries(
  [1, 2, 4].map((count) => [`training divided among ${count} that die`, among(count)]),
);
