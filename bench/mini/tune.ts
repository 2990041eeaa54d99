/**
 * @file How the settings were found: npx tsx bench/mini/tune.ts TASK --learning-rates 0.003,0.01 --steps 300. Prints
 *   the validation loss of the text prompts, then of each candidate. Test rows are neither generated nor read.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fromPretrained } from '../../src/index.js';
import type { TaskName } from '../../tools/mini-corpus/tasks.js';
import { bare } from './layouts.js';
import { learn } from './learn.js';
import { rankLayouts } from './measure-task.js';
import { labelTokensOf, lossPerToken, rowLosses } from './row-losses.js';
import { taskRows, tasks } from './tasks.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string' },
    method: { type: 'string', default: 'prompt-tuning' },
    'learning-rates': { type: 'string', default: '0.003,0.01,0.03' },
    steps: { type: 'string', default: '300' },
    train: { type: 'string', default: '400' },
    validation: { type: 'string', default: '100' },
    bare: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
  },
});
const numbers = (text: string) => text.split(',').map(Number);
const method = values.method === 'full-fine-tuning' ? 'full-fine-tuning' : 'prompt-tuning';
const pretrained = await fromPretrained(values.model);
const scratch = await mkdtemp(join(tmpdir(), 'promptune-tune-'));
process.on('SIGINT', () => process.exit(130));
try {
  for (const name of (positionals.length > 0 ? positionals : Object.keys(tasks)) as TaskName[]) {
    const sizes = { train: Number(values.train), validation: Number(values.validation), test: 0 };
    const { train, validation } = taskRows(name, sizes);
    console.log(name);
    const ranked = await rankLayouts(name, pretrained, validation);
    for (const { layout, validationLoss } of ranked)
      console.log(`  ${validationLoss.toFixed(4)}  ${JSON.stringify(layout.prompt)}`);
    const layout = method === 'prompt-tuning' && !values.bare ? ranked[0]!.layout : bare[name];
    for (const steps of numbers(values.steps))
      for (const learningRate of numbers(values['learning-rates'])) {
        const settings = { learningRate, steps };
        const seed = Number(values.seed);
        const run = await learn({ pretrained, method, settings, seed, layout, train, validation, scratch });
        // Divided by the same number as the text prompts' losses, unlike the loss that the run reports.
        const losses = await rowLosses(run.condition, validation);
        const validationLoss = lossPerToken(losses, labelTokensOf(validation, pretrained));
        const { bestStep, seconds } = run;
        console.log(
          `  ${validationLoss.toFixed(4)}  ${method} ${JSON.stringify(settings)}, step ${bestStep}, ${seconds.toFixed(0)} s`,
        );
        await run.dispose();
      }
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
