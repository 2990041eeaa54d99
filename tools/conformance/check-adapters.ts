/**
 * @file `npx tsx tools/conformance/check-adapters.ts FOLDER`: loads the adapters made by make_adapters.py, and compares
 *   logits with PEFT's. Prints each adapter that silently differs, and a table; exits with code 1 if any differs.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadAdapter } from '../../src/adapters/load-adapter.js';
import { computeLogits } from '../../src/evaluation/logits.js';
import { loadModel } from '../../src/loading/load-model.js';
import { compareAll, outcomeOf } from './outcomes.js';

const cases = join(import.meta.dirname, '../../test/golden/cases');

await compareAll((folder) =>
  outcomeOf(folder, async () => {
    const expected: { base: string; ids: number[]; change: string } = JSON.parse(
      await readFile(join(folder, 'expected.json'), 'utf8'),
    );
    const model = await loadModel(join(cases, expected.base, 'model'));
    const adapter = await loadAdapter(join(folder, 'adapter'), model);
    return (await computeLogits({ model, adapter, texts: [expected.ids] })).data;
  }),
);
