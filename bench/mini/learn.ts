/** @file Training for the benchmark: by the package's own `trainFromConfig`, on files, as a user would. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  fromPretrained,
  loadAdapter,
  type Pretrained,
  type RunConfig,
  trainFromConfig,
} from '../../src/index.js';
import type { Condition, Layout, Row } from './condition.js';

/** The settings of a run; the rest is the same for all: AdamW, batches of 16, a cosine schedule with warm-up. */
export interface Settings {
  readonly learningRate: number;
  readonly steps: number;
}

export interface LearnOptions {
  pretrained: Pretrained;
  method: 'prompt-tuning' | 'full-fine-tuning';
  settings: Settings;
  /** Determines the order of the data, and a random initialization. */
  seed: number;
  layout: Layout;
  train: readonly Row[];
  /** Determines which of the run's checkpoints is the result. */
  validation: readonly Row[];
  /** A folder for the run's files. */
  scratch: string;
}

export interface Learned {
  readonly condition: Condition;
  readonly validationLoss: number;
  readonly bestStep: number;
  readonly seconds: number;
  /** Removes the run's files; the condition cannot be used afterwards. */
  dispose(): Promise<void>;
}

const validations = 6;
const numVirtualTokens = 20;

/**
 * The initialization of a soft prompt: a complete text on no particular subject, including its end token, with exactly
 * as many tokens as the prompt. The model has seen such texts before others, so that the loss starts about where it is
 * without a prompt; half a text, or random tokens, start worse.
 */
const initText = 'It is cold today. I like this weather. Tomorrow it will be warm and sunny.<|endoftext|>';

export async function learn(options: LearnOptions): Promise<Learned> {
  const { pretrained, method, settings, seed, layout, train, validation, scratch } = options;
  const { learningRate, steps } = settings;
  const folder = await mkdtemp(join(scratch, `${method}-`));
  const methodOptions = method === 'prompt-tuning' ? { numVirtualTokens, initText } : {};
  const config: RunConfig = {
    data: await writeRows(join(folder, 'train.jsonl'), train),
    validation: await writeRows(join(folder, 'validation.jsonl'), validation),
    template: layout.prompt,
    completionTemplate: layout.answer,
    method,
    methodOptions,
    learningRate,
    optimizer: { name: 'adamw', weightDecay: 0 },
    schedule: { name: 'cosine', warmupRatio: 0.05 },
    batchSize: 16,
    maxSteps: steps,
    evalEvery: Math.ceil(steps / validations),
    saveEvery: steps,
    seed,
  };
  const start = performance.now();
  const { adapterPath, best } = await trainFromConfig({
    ...pretrained,
    ...config,
    output: join(folder, 'run'),
  });
  const seconds = (performance.now() - start) / 1000;
  const condition =
    method === 'full-fine-tuning'
      ? { ...(await fromPretrained(adapterPath)), layout }
      : { ...pretrained, adapter: await loadAdapter(adapterPath, pretrained.model), layout };
  const dispose = () => rm(folder, { recursive: true, force: true });
  return { condition, validationLoss: best!.loss, bestStep: best!.step, seconds, dispose };
}

async function writeRows(path: string, rows: readonly Row[]): Promise<string> {
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return path;
}
