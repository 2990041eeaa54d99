/**
 * @file Whether lm-eval finds, over HTTP, the scores that `promptune eval` finds: for the bundled model and adapters of
 *   several methods, every log-likelihood of every choice, and the accuracy. Exits with code 1 if one differs.
 *
 * python -m venv DIR && DIR/bin/pip install "lm-eval[api]==0.4.13"
 * npx tsx tools/conformance/check-lm-eval.ts DIR/bin/lm_eval
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { fromPretrained, trainAdapter } from 'promptune';
import { createServer } from 'promptune/serving';

const run = promisify(execFile);
const [lmEval] = process.argv.slice(2);
if (lmEval === undefined) throw new Error('give the path of lm_eval');

/** A log-likelihood may differ by this much per token, as the batches are others. */
const tolerance = 1e-4;

const words = {
  ' animal': ['cat', 'dog', 'fox', 'cow', 'bird'],
  ' color': ['red', 'green', 'blue', 'black', 'white'],
  ' food': ['bread', 'soup', 'rice', 'cake', 'apple'],
};
const choices = Object.keys(words);
const sentences = ['A {} is a kind of', 'The {} belongs to the kind', '{} is of the kind'];
const rows = sentences.flatMap((sentence) =>
  Object.values(words).flatMap((of, label) =>
    of.map((word) => ({ prompt: sentence.replace('{}', word), completion: choices[label]!, label })),
  ),
);
const isTrained = (_: unknown, row: number) => row % 3 > 0;
const test = rows.filter((row, i) => !isTrained(row, i));

const methods = ['prompt-tuning', 'prefix-tuning', 'lora'] as const;

const { model, tokenizer } = await fromPretrained();
const root = await mkdtemp(join(tmpdir(), 'promptune-lm-eval-'));
const runs = join(root, 'runs');
const data = join(root, 'test.jsonl');
await writeFile(data, test.map((row) => `${JSON.stringify(row)}\n`).join(''));
for (const method of methods)
  await trainAdapter({
    ...{ model, tokenizer, method, data: rows.filter(isTrained), validation: 0, maxSteps: 20 },
    ...{ appendEos: false, output: join(runs, method) },
  });
const tasks = join(root, 'tasks');
await mkdir(tasks);
const task = {
  task: 'kinds',
  dataset_path: 'json',
  dataset_kwargs: { data_files: { test: data } },
  test_split: 'test',
  output_type: 'multiple_choice',
  doc_to_text: '{{prompt}}',
  doc_to_choice: choices,
  doc_to_target: 'label',
  target_delimiter: '',
  metric_list: [{ metric: 'acc', aggregation: 'mean', higher_is_better: true }],
};
await writeFile(join(tasks, 'kinds.yaml'), JSON.stringify(task));

interface Scores {
  readonly accuracy: number;
  /** By row and choice. */
  readonly logprobs: readonly (readonly number[])[];
}

async function overHttp(url: string, id: string): Promise<Scores> {
  const output = join(root, `lm-eval-${id}`);
  const given = {
    ...{ model: id, base_url: `${url}/v1/completions`, num_concurrent: 4, max_length: 256 },
    tokenizer: resolve('models/promptune-mini'),
  };
  const modelArgs = Object.entries(given).map(([name, value]) => `${name}=${value}`);
  await run(
    lmEval!,
    [
      ...['--model', 'local-completions', '--model_args', modelArgs.join(), '--tasks', 'kinds'],
      ...['--include_path', tasks, '--output_path', output, '--log_samples'],
    ],
    { env: { ...process.env, HF_HOME: join(root, 'hub'), HF_HUB_OFFLINE: '1' }, maxBuffer: 2 ** 26 },
  );
  const files = (await readdir(output, { recursive: true })).map((name) => join(output, name));
  const text = (name: string) => readFile(files.find((file) => file.includes(name))!, 'utf8');
  const results = JSON.parse(await text('results_'));
  const samples = (await text('samples_kinds'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  samples.sort((a, b) => a.doc_id - b.doc_id);
  return {
    accuracy: results.results.kinds['acc,none'],
    logprobs: samples.map(({ filtered_resps }) =>
      filtered_resps.map(([logprob]: [string]) => Number(logprob)),
    ),
  };
}

/** By the command line: the loss of each choice as the completion, and the accuracy. */
async function byEval(id: string): Promise<Scores> {
  const evaluated = async (...flags: string[]) => {
    const adapter = id === model.name ? [] : ['--adapter', join(runs, id)];
    const main = [
      '--import',
      'tsx',
      'src/cli/main.ts',
      'eval',
      ...adapter,
      '--no-append-eos',
      '--json',
      ...flags,
    ];
    const { adapter: ofAdapter, model: ofModel } = JSON.parse((await run(process.execPath, main)).stdout);
    return ofAdapter ?? ofModel;
  };
  const columns: number[][] = [];
  for (const choice of choices) {
    const { rows } = await evaluated(
      '--data',
      data,
      '--completion-template',
      choice,
      '--template',
      '{prompt}',
    );
    columns.push(rows.map(({ lossSum }: { lossSum: number }) => -lossSum));
  }
  const { accuracy } = await evaluated('--data', data, '--labels', choices.join());
  return { accuracy: accuracy.value, logprobs: test.map((_, row) => columns.map((column) => column[row]!)) };
}

console.log('| model | lm-eval | promptune eval | largest difference per token | |\n|---|---|---|---|---|');
let isDifferent = false;
await using server = await createServer({ model, tokenizer, port: 0, adaptersFolder: runs });
for (const id of server.engine.models.keys()) {
  const [served, evaluated] = [await overHttp(server.url, id), await byEval(id)];
  const differences = served.logprobs.flatMap((own, row) =>
    own.map(
      (logprob, i) => Math.abs(logprob - evaluated.logprobs[row]![i]!) / tokenizer.encode(choices[i]!).length,
    ),
  );
  const most = Math.max(...differences);
  const isSame = most <= tolerance && served.accuracy === evaluated.accuracy;
  isDifferent ||= !isSame || differences.length !== test.length * choices.length;
  const accuracies = [served.accuracy, evaluated.accuracy].map((value) => value.toFixed(4));
  console.log(`| ${[id, ...accuracies, most.toExponential(1), isSame ? 'same' : 'differs'].join(' | ')} |`);
}
await rm(root, { recursive: true, force: true });
process.exitCode = isDifferent ? 1 : 0;
