/**
 * @file `npx tsx tools/conformance/check-models.ts FOLDER`: opens the models made by make_models.py, and compares
 *   logits with those of transformers. Prints each model that silently differs, and a table; exits with code 1 if any
 *   differs.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { computeLogits } from '../../src/evaluation/logits.js';
import { loadModel } from '../../src/loading/load-model.js';
import { compareAll, outcomeOf } from './outcomes.js';

await compareAll((folder) =>
  outcomeOf(folder, async () => {
    const { ids }: { ids: number[] } = JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8'));
    const model = await loadModel(folder);
    const encoderIds = model.encoder ? [ids] : undefined;
    const texts = model.encoder ? [[model.encoder.startTokenId, ...ids.slice(0, 5)]] : [ids];
    return (await computeLogits({ model, texts, encoderIds })).data;
  }),
);
