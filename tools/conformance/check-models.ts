/**
 * @file `npx tsx tools/conformance/check-models.ts FOLDER`: opens the models that make_models.py made, and compares logits
 * with those of transformers. Prints each model that differs in silence, and a table of all; exit code 1 if any differs.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PromptuneError } from '../../src/errors.js';
import { computeLogits } from '../../src/evaluation/logits.js';
import { loadModel } from '../../src/loading/load-model.js';

type Outcome = 'agreed' | 'refused by name' | 'refused by both' | 'only read here' | 'DIFFERS' | 'RAW ERROR';

interface Expected {
  readonly ids: number[];
  readonly form?: string[];
  readonly logits?: number[][];
  readonly refused?: string;
}

async function outcomeOf(folder: string): Promise<[outcome: Outcome, detail: string]> {
  const expected: Expected = JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8'));
  const form = expected.form?.join(', ') ?? '';
  try {
    const model = await loadModel(folder);
    const given = model.encoder ? [expected.ids] : undefined;
    const texts = given ? [[model.encoder!.startTokenId, ...expected.ids.slice(0, 5)]] : [expected.ids];
    const { data } = await computeLogits({ model, texts, given });
    if (!expected.logits) return ['only read here', expected.refused!];
    const wanted = expected.logits.flat();
    const largest = Math.max(...wanted.map(Math.abs));
    const difference = Math.max(...wanted.map((x, i) => Math.abs(x - data[i]!)));
    const relative = difference / Math.max(1, largest);
    return [relative < 1e-4 ? 'agreed' : 'DIFFERS', `${form}; by ${relative.toExponential(1)}`];
  } catch (error) {
    if (!(error instanceof PromptuneError)) return ['RAW ERROR', `${form}; ${(error as Error).stack}`];
    return [expected.logits ? 'refused by name' : 'refused by both', `${form}; ${error.message}`];
  }
}

const [root, show = 'DIFFERS,RAW ERROR'] = process.argv.slice(2);
if (!root) throw new Error('give the folder that make_models.py wrote');
const counts = new Map<string, Map<Outcome, number>>();
for (const name of (await readdir(root)).sort()) {
  const [outcome, detail] = await outcomeOf(join(root, name));
  if (show.includes(outcome)) console.log(`${name}: ${outcome}: ${detail}`);
  const family = name.replace(/^\d+-/, '');
  for (const row of [family, 'all']) {
    const counted = counts.get(row) ?? new Map<Outcome, number>();
    counts.set(row, counted.set(outcome, (counted.get(outcome) ?? 0) + 1));
  }
}
for (const [family, counted] of counts)
  console.log(`${family}: ${[...counted].map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`);
const all = counts.get('all');
process.exitCode = all?.has('DIFFERS') || all?.has('RAW ERROR') ? 1 : 0;
