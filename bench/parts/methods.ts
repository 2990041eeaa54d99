/**
 * @file `methods`: the cost of each method: trainable parameters, bytes, a step compared with full fine-tuning and
 *   PEFT, memory, a token.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModel } from '../../src/loading/load-model.js';
import { randomExamples, standardStep } from '../example-step.js';
import { timesOf } from '../measure.js';
import type { MethodCost } from '../method-once.js';
import type { Context, Part } from '../part.js';
import { peerPython, startPeer } from '../peers/peer-process.js';
import type { Row, Target } from '../report.js';

const script = fileURLToPath(new URL('../method-once.js', import.meta.url));

interface Case {
  readonly title: string;
  readonly method: string;
  readonly options?: object;
  /** Required speed as a multiple of PEFT's, if PEFT has the method. */
  readonly required?: number;
}

/** Every method with its default options, if these have a comparable size. `examplesFile`: four of five tokens each. */
const casesOf = (examplesFile: string): readonly Case[] => [
  { title: 'prompt tuning', method: 'prompt-tuning', required: 2 },
  { title: 'late prompt tuning', method: 'late-prompt-tuning' },
  { title: 'P-tuning, MLP', method: 'p-tuning', required: 2 },
  {
    title: 'P-tuning, LSTM',
    method: 'p-tuning',
    options: { encoderReparameterizationType: 'LSTM' },
    required: 2,
  },
  { title: 'prefix tuning', method: 'prefix-tuning', required: 2 },
  { title: 'prefix tuning, MLP', method: 'prefix-tuning', options: { prefixProjection: true }, required: 2 },
  { title: 'cartridge', method: 'cartridge', required: 2 },
  { title: 'CPT, 20 tokens of examples', method: 'cpt', options: { examplesFile }, required: 2 },
  {
    title: 'multitask prompt tuning, 3 tasks',
    method: 'multitask-prompt-tuning',
    options: { numTasks: 3 },
    required: 2,
  },
  { title: 'instance prompt, bottleneck', method: 'instance-prompt' },
  { title: 'prompt pool, 4 × 5 of 10', method: 'prompt-pool' },
  { title: 'LoRA, rank 8', method: 'lora', required: 1.5 },
  {
    title: 'LoRA, rank 8, all linear layers',
    method: 'lora',
    options: { targetModules: 'all-linear' },
    required: 1.5,
  },
  { title: 'DoRA, rank 8', method: 'lora', options: { useDora: true }, required: 1.5 },
  { title: 'IA3', method: 'ia3', required: 1.5 },
  { title: 'bottleneck adapters, Houlsby', method: 'bottleneck-adapter' },
  { title: 'bottleneck adapters, parallel', method: 'bottleneck-adapter', options: { kind: 'parallel' } },
];
const whole = { title: 'full fine-tuning', method: 'full-fine-tuning' };

export const methods: Part = async (context) => {
  const python = peerPython(['torch', 'transformers', 'peft']);
  const batches = join(context.scratch, 'methods-batches.json');
  writeFileSync(batches, JSON.stringify([await standardBatch(context.model)]));
  const examplesFile = join(context.scratch, 'methods-examples.jsonl');
  const example = JSON.stringify({ prompt: 'abc', completion: 'd' }); // plus a line break: five characters, thus tokens
  writeFileSync(examplesFile, `${example}\n`.repeat(standardStep.virtualTokens / 5));
  const full = costOf(context, whole);
  const rows: Row[] = [];
  const targets: Target[] = [];
  for (const one of casesOf(examplesFile)) {
    const cost = costOf(context, one);
    const peft = python && one.required ? await peftSeconds(context, python, one.title, batches) : undefined;
    rows.push({
      ...costRow(one.title, cost),
      '× full': full.seconds / cost.seconds,
      ...(peft !== undefined && { 'PEFT s': peft, '× PEFT': peft / cost.seconds }),
    });
    if (peft !== undefined)
      targets.push({
        name: `a step of ${one.title}`,
        value: peft / cost.seconds,
        unit: '× PEFT',
        atLeast: one.required!,
      });
  }
  rows.push({ ...costRow(whole.title, full), '× full': 1 });
  const { batch, length, labels, virtualTokens } = standardStep;
  return {
    rows,
    targets,
    notes: [
      `Steps of ${batch} × ${length} tokens with ${labels} labels a row, ${virtualTokens} virtual tokens: forward, backward and AdamW, median of 5, each method in`,
      'a process of its own. PEFT computes the same rows. "ms a token": what a generated token takes longer than with the model alone.',
      ...(python ? [] : ['No Python with torch, transformers and peft was found: PEFT is not compared.']),
    ],
  };
};

const folderOf = ({ scratch }: Context, title: string) =>
  join(scratch, `method-${title.replace(/\W+/g, '-')}`);

function costOf(context: Context, { title, method, options = {} }: Omit<Case, 'required'>): MethodCost {
  const args = [script, context.model, method, JSON.stringify(options), folderOf(context, title)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

function costRow(title: string, cost: MethodCost): Row {
  return {
    method: title,
    'numbers trained': cost.parameters,
    'kB on disk': cost.bytes / 1000,
    's a step': cost.seconds,
    'peak MB': cost.peakBytes / 1e6,
    'ms a token': cost.extraSecondsPerToken * 1000,
  };
}

async function standardBatch(folder: string) {
  const examples = randomExamples(await loadModel(folder), standardStep);
  return examples.map(({ inputIds }) => ({ ids: [...inputIds], labels: standardStep.labels }));
}

async function peftSeconds(
  context: Context,
  python: string,
  title: string,
  batches: string,
): Promise<number> {
  const args = [context.model, folderOf(context, title), batches, `${availableParallelism()}`];
  const peft = await startPeer<{ seconds: number }>(python, join(context.peers, 'peft_train.py'), args);
  await peft.ask(0); // warms up
  const seconds: number[] = [];
  for (let run = 0; run < 5; run++) seconds.push((await peft.ask(0)).seconds);
  peft.stop();
  return timesOf(seconds).median;
}
