/** @file `promptune quickstart`: learns a soft prompt for the bundled model, and shows what it changes. */

import { Command, Option } from 'commander';
import {
  type Adapter,
  createTextGenerator,
  fromPretrained,
  type Pretrained,
  readRows,
  trainAdapter,
} from '../../index.js';
import { quickstartRows } from '../../workspace/index.js';
import { messages } from '../messages/index.js';
import { countingNumber } from '../options/arguments.js';
import { curveChart } from '../terminal/curve-chart.js';
import { formatLoss, shellWord } from '../terminal/format.js';
import { interruptSignal } from '../terminal/interrupt.js';
import { promptune } from '../terminal/invocation.js';
import { progressLine } from '../terminal/progress-line.js';

interface QuickstartFlags {
  output: string;
  steps: number;
}

const beginnings = ['A cute cat,', 'Every morning', '一只可爱的猫，', '每天早上'];

export const quickstartCommand = new Command('quickstart')
  .description('learn a soft prompt about cats for the bundled model in about a minute, without a download')
  .addOption(
    new Option('--output <path>', 'folder of the run (default: runs/quickstart)').default('runs/quickstart'),
  )
  .addOption(
    new Option('--steps <n>', 'number of steps (default: 150)').argParser(countingNumber).default(150),
  )
  .action(runQuickstart);

async function runQuickstart({ output, steps }: QuickstartFlags): Promise<void> {
  const signal = interruptSignal();
  const pretrained = await fromPretrained();
  const rows = [];
  for await (const row of readRows(quickstartRows, { signal })) rows.push(row);
  const { quickstart } = messages();
  console.log(quickstart.begin(pretrained.model.name, rows.length, `${rows[0]!.text}`, `${rows[2]!.text}`));
  const points: { step: number; value: number }[] = [];
  const progress = progressLine();
  const { adapter, stopped } = await trainAdapter({
    ...pretrained,
    data: rows,
    methodOptions: { numVirtualTokens: 20 },
    schedule: { name: 'cosine' },
    batchSize: 16,
    maxSteps: steps,
    validation: 0,
    output,
    overwrite: true,
    signal,
    onEvent: (event) => {
      if (event.type !== 'step') return;
      points.push({ step: event.step, value: event.loss });
      progress.show(quickstart.step(event.step, steps, formatLoss(event.loss)));
    },
  });
  progress.clear();
  if (stopped) {
    process.exitCode = 130;
    return;
  }
  for (const line of curveChart([{ mark: '▄', points }], { height: 6 })) console.log(line);
  console.log(quickstart.same);
  const before = await continued(pretrained);
  const after = await continued(pretrained, adapter);
  for (const [i, beginning] of beginnings.entries())
    console.log(
      `   ${beginning}\n      ${quickstart.without}  ${before[i]}\n      ${quickstart.with}  ${after[i]}`,
    );
  const folder = shellWord(output);
  console.log(`
${quickstart.next(`${output}/adapter`)}
   ${promptune('generate', '--adapter', folder, '--prompt', `"${quickstart.prompt}"`, '--temperature', '0.7')}
   ${promptune('inspect', folder)}
   ${promptune('train', '--help')}`);
}

async function continued(pretrained: Pretrained, adapter?: Adapter): Promise<string[]> {
  await using generator = createTextGenerator({ ...pretrained, adapter });
  const rows = await generator.generate(beginnings, { maxNewTokens: 32, temperature: 0.7, seed: 1 });
  return rows.map(({ text }) => text.trim().replaceAll('\n', ' '));
}
