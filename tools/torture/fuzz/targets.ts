/** @file What is fuzzed: the files of each reader, and how they are read. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { loadAdapter } from '../../../src/adapters/load-adapter.js';
import type { Adapter } from '../../../src/attach/method.js';
import { computeLogits } from '../../../src/evaluation/logits.js';
import { loadModel } from '../../../src/loading/load-model.js';
import type { LanguageModel } from '../../../src/models/model.js';
import { openRecords } from '../../../src/records/records.js';
import { readCheckpoint, writeCheckpoint } from '../../../src/runs/checkpoint.js';
import { readRun } from '../../../src/runs/read-run.js';
import { float32Tensor } from '../../../src/tensor.js';
import { chatFormatOf } from '../../../src/text/chat.js';
import { templateFor } from '../../../src/text/template.js';
import { loadTokenizer } from '../../../src/text/tokenizer.js';
import { readCandidatesFile, readConfigFile } from '../../../src/workspace/index.js';
import type { Structure } from './mutate.js';

export interface FuzzTarget {
  /** The row of the table. */
  readonly row: string;
  readonly structure: Structure;
  /** The file in the folder that is changed. */
  readonly file: string;
  /** By their paths in the folder. */
  files(): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Reads the folder and returns the result as JSON. Throws what the reader throws. */
  read(folder: string): Promise<unknown>;
}

const root = join(import.meta.dirname, '../../..');
const cases = (name: string) => join(root, 'test/golden/cases', name);
const text = (content: string) => new TextEncoder().encode(content);
const bytesOf = async (path: string) => Uint8Array.from(await readFile(path));

async function filesOf(folder: string): Promise<Map<string, Uint8Array>> {
  const names = await readdir(folder);
  return new Map(
    await Promise.all(names.map(async (name) => [name, await bytesOf(join(folder, name))] as const)),
  );
}

const one = (name: string, content: Uint8Array | Promise<Uint8Array>) => async () =>
  new Map([[name, await content]]);

/** Scores, so that what was read is also used. A damaged weight may give NaN. */
async function scoresOf(model: LanguageModel, adapter?: Adapter) {
  const ids = [1, 2, 3].map((id) => id % model.config.vocabSize);
  const encoder = model.encoder ? { encoderIds: [ids] } : {};
  const { shape, data } = await computeLogits({ model, adapter, texts: [ids], ...encoder });
  return { shape, scores: Array.from(data.subarray(0, 20)) };
}

const readModel = async (folder: string) => scoresOf(await loadModel(folder));

const texts = ['Hello, world!  12\n', 'naïve 你好 𝒳', '', 'a'.repeat(60)];

async function readTokenizer(folder: string): Promise<unknown> {
  const tokenizer = await loadTokenizer(folder);
  const ids = texts.map((content) => tokenizer.encode(content));
  for (const id of ids.flat()) if (!Number.isInteger(id) || id < 0) throw new Error(`the unsound id ${id}`);
  return { ids, decoded: ids.map((own) => tokenizer.decode(own)), end: tokenizer.eosTokenId };
}

async function readRecords(path: string): Promise<unknown> {
  const records = await openRecords(path);
  try {
    if (!Number.isInteger(records.length) || records.length < 1)
      throw new Error(`the unsound length ${records.length}`);
    const rows: unknown[] = [];
    for await (const { fields } of records) if (rows.push(fields) > 200) break;
    await records.get(records.length - 1);
    return rows;
  } finally {
    await records.close();
  }
}

const chatMessages = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hello' },
  { role: 'assistant', content: 'Hi' },
];

async function readChat(folder: string): Promise<unknown> {
  const tokenizer = await loadTokenizer(folder);
  const chatTemplate = await readFile(join(folder, 'chat_template.jinja'), 'utf8');
  const format = chatFormatOf({ ...tokenizer, chatTemplate });
  return [format.format(chatMessages), format.endTokenId];
}

const rows = [
  { prompt: 'a "b"', completion: '1.0', label: 3 },
  { prompt: 'c\nd', completion: 'né', label: -0.5 },
  { prompt: '', completion: '中', label: null },
];
const jsonl = rows.map((row) => JSON.stringify(row)).join('\n');
const csv = 'prompt,completion,label\n"a ""b""",1.0,3\n"c\nd",né,-0.5\n,中,\n';
const chatTemplate =
  "{% if tools %}{{ tools | tojson }}{% endif %}{% for m in messages %}{% if loop.first and m['role'] == 'system' %}" +
  "{% set ns = namespace(x=m.content | trim) %}{{ ns.x | upper }}{% else %}{{ '<|' ~ m.role ~ '|>' + m['content'][:40] }}" +
  '{{ eos_token }}{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}';
const config = `model: promptune-mini
data: [pairs.jsonl]
method: lora
r: 4
targetModules: [q_proj, v_proj]
optimizer: adamw
learningRate: 1e-3
epochs: 2
batchSize: 4
seed: 1
verbalizer: { good: positive, bad: negative }
`;

const recordTarget = (
  row: string,
  structure: Structure,
  file: string,
  content: Uint8Array | Promise<Uint8Array>,
): FuzzTarget => ({
  row,
  structure,
  file,
  files: one(file, content),
  read: (folder) => readRecords(join(folder, file)),
});

const parquet = (name: string) =>
  recordTarget(
    'Parquet',
    'parquet',
    'a.parquet',
    bytesOf(join(root, 'src/records/parquet', `${name}.fixture.parquet`)),
  );

const modelTargets = [
  'gpt2__base',
  'llama-llama3__base',
  'gemma2__base',
  't5-flan__base',
  'bert-mlm__base',
].flatMap((name): FuzzTarget[] => {
  const shared = { files: () => filesOf(join(cases(name), 'model')), read: readModel };
  return [
    { row: 'config.json', structure: 'json', file: 'config.json', ...shared },
    { row: 'model.safetensors', structure: 'safetensors', file: 'model.safetensors', ...shared },
  ];
});

const adapterTargets = [
  ...[
    'gpt2__lora',
    'gpt2__ia3',
    'gpt2__prefix-tuning',
    'gpt2__prompt-tuning',
    'gpt2__p-tuning-mlp',
    'gpt2__cpt',
  ],
  ...[
    'gpt2__multitask-prompt-tuning',
    'llama__lora-rs-dora-all-linear',
    'gpt2__bottleneck-pfeiffer',
    'bert-mlm__bottleneck-houlsby',
  ],
].flatMap((name): FuzzTarget[] => {
  const base = `${name.split('__')[0]}__base`;
  const shared = {
    files: () => filesOf(join(cases(name), 'adapter')),
    read: async (folder: string) => {
      const model = await loadModel(join(cases(base), 'model'));
      const adapter = await loadAdapter(folder, model);
      return scoresOf(model, adapter.tasks?.adapterFor(0) ?? adapter);
    },
  };
  const weights = name.includes('bottleneck') ? 'adapter.safetensors' : 'adapter_model.safetensors';
  return [
    { row: 'adapter_config.json', structure: 'json', file: 'adapter_config.json', ...shared },
    { row: 'adapter weights', structure: 'safetensors', file: weights, ...shared },
  ];
});

const tokenizerTargets = (
  [
    ['bert-without-names', 'tokenizer.json', 'json'],
    ['sentencepiece', 'tokenizer.json', 'json'],
    ['sentencepiece', 'tokenizer_config.json', 'json'],
    ['gpt2-files', 'vocab.json', 'json'],
    ['gpt2-files', 'merges.txt', 'text'],
    ['gpt2-files', 'added_tokens.json', 'json'],
    ['gpt2-files', 'special_tokens_map.json', 'json'],
    ['gpt2-files', 'tokenizer_config.json', 'json'],
  ] as const
).map(
  ([name, file, structure]): FuzzTarget => ({
    row: file === 'tokenizer.json' ? file : "a tokenizer's other files",
    structure,
    file,
    files: () => filesOf(join(root, 'test/tokenizers', name)),
    read: readTokenizer,
  }),
);

const ggufTargets = ['gpt2-q8_0.gguf', 'llama-f16.gguf'].map(
  (name): FuzzTarget => ({
    row: 'GGUF',
    structure: 'binary',
    file: name,
    files: one(name, bytesOf(join(root, 'test/gguf', name))),
    read: async (folder) => {
      await loadTokenizer(join(folder, name));
      return scoresOf(await loadModel(join(folder, name)));
    },
  }),
);

const state = { step: 6, validatedStep: 4, best: { step: 4, loss: 1.5 }, validationsSinceBest: 1 };

async function checkpointFiles(): Promise<Map<string, Uint8Array>> {
  const { mkdtemp, rm } = await import('node:fs/promises');
  const { tmpdir } = await import('node:os');
  const folder = await mkdtemp(join(tmpdir(), 'promptune-fuzz-'));
  const trainable = new Map([['prompt_embeddings', float32Tensor([2, 4], [1, 2, 3, 4, 5, 6, 7, 8])]]);
  const checkpoint = { state, trainable, optimizer: trainable } as unknown as Parameters<
    typeof writeCheckpoint
  >[1];
  await writeCheckpoint(join(folder, 'step-000006'), checkpoint, 6);
  const files = await filesOf(join(folder, 'step-000006'));
  await rm(folder, { recursive: true });
  return files;
}

export const targets: readonly FuzzTarget[] = [
  ...modelTargets,
  {
    row: 'generation_config.json',
    structure: 'json',
    file: 'generation_config.json',
    files: () => filesOf(join(cases('gpt2__base'), 'model')),
    read: readModel,
  },
  ...adapterTargets,
  ...tokenizerTargets,
  ...ggufTargets,
  parquet('parquet'),
  parquet('parquet-zstd'),
  parquet('parquet-encodings-v1'),
  parquet('parquet-encodings-v2'),
  parquet('parquet-numbers'),
  recordTarget('JSONL', 'text', 'a.jsonl', text(jsonl)),
  recordTarget('JSON', 'json', 'a.json', text(JSON.stringify({ data: rows }))),
  recordTarget('CSV', 'text', 'a.csv', text(csv)),
  recordTarget('TSV', 'text', 'a.tsv', text('prompt\tcompletion\na\tb\nc\td\n')),
  recordTarget('text', 'text', 'a.txt', text('one\ntwo\n')),
  recordTarget('gzip', 'gzip', 'a.jsonl.gz', Uint8Array.from(gzipSync(jsonl))),
  {
    row: 'chat template',
    structure: 'text',
    file: 'chat_template.jinja',
    files: async () => {
      const files = await filesOf(join(root, 'test/tokenizers/sentencepiece'));
      return files.set('chat_template.jinja', text(chatTemplate));
    },
    read: readChat,
  },
  {
    row: 'template of data',
    structure: 'text',
    file: 'template',
    files: one(
      'template',
      text('{{ prompt | trim }} {% if label %}({{ label }}){% endif %}: {{ completion }}'),
    ),
    read: async (folder) => {
      const template = await readFile(join(folder, 'template'), 'utf8');
      const records = rows.map((fields, i) => ({ place: `row ${i + 1}`, fields }));
      return records.map(templateFor(records[0]!, { template }));
    },
  },
  {
    row: 'run configuration',
    structure: 'text',
    file: 'run.yaml',
    files: async () =>
      new Map([
        ['run.yaml', text(config)],
        ['pairs.jsonl', text(jsonl)],
      ]),
    read: async (folder) => (await readConfigFile(join(folder, 'run.yaml'))).values,
  },
  {
    row: 'candidates',
    structure: 'text',
    file: 'candidates.yaml',
    files: one(
      'candidates.yaml',
      text('- name: a\n  template: "{prompt}"\n- name: b\n  template: "Q: {prompt}"\n'),
    ),
    read: (folder) => readCandidatesFile(join(folder, 'candidates.yaml')),
  },
  ...(['config.yaml', 'metrics.jsonl'] as const).map(
    (file): FuzzTarget => ({
      row: 'run folder',
      structure: 'text',
      file,
      files: async () =>
        new Map([
          ['config.yaml', text(config)],
          [
            'metrics.jsonl',
            text('{"step":1,"epoch":0.5,"loss":4,"seconds":0.5}\n{"step":2,"validationLoss":3}\n'),
          ],
        ]),
      read: readRun,
    }),
  ),
  ...(['state.json', 'trainable.safetensors', 'optimizer.safetensors'] as const).map(
    (file): FuzzTarget => ({
      row: 'checkpoint',
      structure: file === 'state.json' ? 'json' : 'safetensors',
      file,
      files: checkpointFiles,
      read: async (folder) => (await readCheckpoint(folder, 6)).state,
    }),
  ),
];
