/** @file Files that are missing, truncated, corrupt, hostile or another's: each is told in one line, with its place. */

import { cp, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { methods } from '../../src/index.js';
import { runCli, succeed } from '../support/cli.js';
import { changeJson, changeSafetensors, snapshot } from '../support/files.js';
import { refused } from '../support/refused.js';
import { workplace } from '../support/workplace.js';

let cwd: string;
beforeAll(async () => {
  cwd = await workplace();
  await writeFile(
    join(cwd, 'pairs.jsonl'),
    '{"prompt": "a", "completion": "b"}\n{"prompt": "c", "completion": "d"}\n',
  );
  const adapter = ['--output', 'run', '--num-virtual-tokens', '2', '--max-steps', '1'];
  await succeed(['train', '--model', 'model', '--data', 'pairs.jsonl', ...adapter], { cwd });
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const train = (...args: string[]) => ['train', '--model', 'model', '--output', 'out', ...args];
const trainOnPairs = (...args: string[]) => train('--data', 'pairs.jsonl', ...args);
const refuse = (args: readonly string[], code: 1 | 2, message: string | RegExp) =>
  refused(cwd, args, code, message);

describe('a model', () => {
  const weights = (model: string) => join(cwd, model, 'model.safetensors');

  /** A copy of the model, to be damaged. */
  async function modelCopy(name: string): Promise<string> {
    await cp(join(cwd, 'model'), join(cwd, name), { recursive: true });
    return name;
  }
  const trainWith = (model: string) => trainOnPairs('--model', model);

  it('without weights', async () => {
    const model = await modelCopy('without');
    await rm(weights(model));
    const message = `${join(cwd, model)} (model.safetensors): the file is missing, so the model has no weights`;
    await refuse(trainWith(model), 1, message);
  });

  it('with weights that were cut off', async () => {
    const model = await modelCopy('cut');
    await truncate(weights(model), 100_000);
    await refuse(
      trainWith(model),
      1,
      `${weights(model)} (transformer.h.1.mlp.c_proj.weight): the file has 100000 bytes, but the header describes 149672: ` +
        '49672 are missing, from this tensor on; the download was probably cut off, so fetch the file again',
    );
  });

  it('with weights that are something else', async () => {
    const model = await modelCopy('other');
    await writeFile(weights(model), '<!DOCTYPE html><title>404</title>');
    await refuse(
      trainWith(model),
      1,
      `${weights(model)} (header): expected at most 100000000 bytes, found 5789751444030890300; ` +
        'this is not a safetensors file, or it is damaged',
    );
  });

  it('with a header that lies about a size', async () => {
    const model = await modelCopy('lying');
    await changeSafetensors(weights(model), ({ header }) => {
      header['transformer.wpe.weight'].shape = [960, 32];
    });
    const message = 'F32 of shape [960, 32] takes 122880 bytes, but its data_offsets span 12288';
    await refuse(trainWith(model), 1, `${weights(model)} (transformer.wpe.weight): ${message}`);
  });

  it('with tensors that overlap', async () => {
    const model = await modelCopy('overlapping');
    await changeSafetensors(weights(model), ({ header }) => {
      const [start] = header['transformer.wpe.weight'].data_offsets;
      header['transformer.wte.weight'].data_offsets = [start, start + 257 * 32 * 4];
    });
    const message = 'its bytes overlap those of another tensor';
    await refuse(trainWith(model), 1, `${weights(model)} (transformer.wte.weight): ${message}`);
  });

  it('with a configuration that does not fit the weights', async () => {
    const model = await modelCopy('misfit');
    await changeJson(join(cwd, model, 'config.json'), { n_embd: 64 });
    await refuse(
      ['generate', '--model', model, '--prompt', 'a'],
      1,
      `${weights(model)} (transformer.wte.weight): the tensor is [257, 32], but config.json implies [257, 64]; ` +
        'the configuration and the weights belong to different models',
    );
  });

  it.each(['config.json', 'tokenizer.json'])('with a %s that is not JSON', async (name) => {
    const model = await modelCopy(`broken-${name}`);
    await writeFile(join(cwd, model, name), '{\n  "model_type": \n}\n');
    const message = /\.json \(line 3, column 1\): it is not valid JSON: ./;
    await refuse(trainWith(model), 1, message);
  });

  it('of an unknown family', async () => {
    const model = await modelCopy('unknown');
    await changeJson(join(cwd, model, 'config.json'), { model_type: 'mamba' });
    const known =
      'gpt2, llama, mistral, qwen2, qwen3, gemma, gemma2, gemma3_text, phi3, gpt_neox, phi, opt, bert, roberta, t5, mt5';
    const message = `model type "mamba" is not supported; expected one of ${known}`;
    await refuse(trainWith(model), 1, `${join(cwd, model, 'config.json')} (model_type): ${message}`);
  });

  it('whose tokenizer knows more tokens than it does', async () => {
    const model = await modelCopy('foreign');
    const path = join(cwd, model, 'tokenizer.json');
    const { added_tokens, model: bpe } = JSON.parse(await readFile(path, 'utf8'));
    const vocab = { ...bpe.vocab, '<|x|>': 257 };
    await changeJson(path, {
      added_tokens: [...added_tokens, { ...added_tokens[0], id: 257, content: '<|x|>' }],
      model: { ...bpe, vocab },
    });
    await writeFile(join(cwd, 'foreign.jsonl'), '{"text": "a"}\n{"text": "b<|x|>"}\n');
    const data = ['--model', model, '--data', 'foreign.jsonl'];
    const problem =
      'foreign.jsonl (line 2): "<|x|>" has the token id 257, but the model\'s vocabulary ends at 256; the tokenizer ' +
      'belongs to another model: download the model again, or use its own tokenizer';
    await refuse(['train', ...data, '--output', 'out'], 1, problem);
    await refuse(['eval', ...data], 1, problem);
    await refuse(
      ['generate', '--model', model, '--prompt', 'a<|x|>'],
      1,
      'prompt 0 has "<|x|>", 257, as token 1, expected a token id from 0 to 256: it may have been tokenized for ' +
        'another model, or have tokens that the model has no embeddings for',
    );
    await refuse(
      [...trainWith(model), '--init-text', '<|x|>'],
      1,
      'token id 257 is outside the vocabulary of foreign, whose last id is 256: the tokenizer belongs to another model',
    );
  });

  it('with NaN among its weights', async () => {
    const model = await modelCopy('nan');
    await changeSafetensors(weights(model), ({ header, data }) => {
      data.writeFloatLE(Number.NaN, header['transformer.h.0.mlp.c_fc.weight'].data_offsets[0]);
    });
    const where = 'look for NaN or very large values in';
    await refuse(
      ['generate', '--model', model, '--prompt', 'a'],
      1,
      `the model's scores for new token 1 are not finite (log-sum-exp NaN): ${where} its weights and in the adapter`,
    );
    const loss = `the loss is NaN: ${where} the model's weights and in the adapter`;
    for (const json of [[], ['--json']])
      await refuse(['eval', '--model', model, '--data', 'pairs.jsonl', ...json], 1, loss);
    const { stderr, code } = await runCli([...trainWith(model), '--output', 'nan-run'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toBe(
      `promptune: step 1: the loss is NaN before the first update: ${where} the model's weights and in the initial values\n`,
    );
    const left = (await snapshot(join(cwd, 'nan-run'))).map((line) => line.split(' ')[0]);
    expect(left).toEqual(['checkpoints', 'config.yaml', 'inputs.json', 'metrics.jsonl']);
    // nothing stands in the way of a better run
    await succeed(trainOnPairs('--output', 'nan-run', '--max-steps', '1'), { cwd });
  });
});

describe('data', () => {
  it.each([
    [
      'a broken line',
      'broken.jsonl',
      '{"text": "a"}\n{"text": \n',
      ' (line 2): broken JSON: Unexpected end of JSON input; expected one whole JSON object per line',
    ],
    [
      'a missing column',
      'columns.csv',
      'ask,say\na,b\n',
      ' (line 2): the fields are ask, say; expected prompt and completion, input and output, instruction and output, or text. Set a template and a completion template, such as "{ask}" and " {say}"',
    ],
    [
      'a short row',
      'short.csv',
      'prompt,completion\na,b\nc\n',
      ' (line 3): expected 2 columns (prompt, completion), found 1; a value that holds the separator or a line break needs double quotes (CSV)',
    ],
    [
      'a row without a field of the first',
      'fields.jsonl',
      '{"prompt": "a", "completion": "b"}\n{"prompt": "a", "complition": "b"}\n',
      ' (line 2): there is no field "completion"; the fields are prompt, complition. Did you mean "complition"?',
    ],
    ['nothing', 'empty.jsonl', '', ': the data set is empty: the file has no records'],
    [
      'a header alone',
      'header.csv',
      'prompt,completion\n',
      ': the data set is empty: the file has a header but no rows',
    ],
    [
      'no UTF-8',
      'latin.txt',
      Buffer.from([0x67, 0x75, 0x74, 0x0a, 0xfc, 0x62, 0x65, 0x6c]),
      ' (line 2): this is not UTF-8 text; it may be Latin-1 or Windows-1252 (Western European). ' +
        'Name its encoding (the option encoding, such as latin1), or save the file as UTF-8',
    ],
    [
      'an unknown kind',
      'pairs.xlsx',
      'PAR1',
      ': cannot tell the format by this name; expected one of .jsonl, .ndjson, .json, .csv, .tsv, .txt, also with .gz behind it, or .parquet',
    ],
  ])('with %s', async (_, name, content, problem) => {
    await writeFile(join(cwd, name), content);
    await refuse(train('--data', name), 1, `${name}${problem}`);
  });

  it('with a completion longer than the context', async () => {
    await writeFile(
      join(cwd, 'long.jsonl'),
      `{"prompt": "a", "completion": "b"}\n{"prompt": "a", "completion": "${'b'.repeat(92)}"}\n`,
    );
    const advice = 'shorten it, or set truncation to "end" or "drop"';
    const found = 'long.jsonl (line 2): the completion has 93 tokens, and at most 92 fit';
    await refuse(train('--data', 'long.jsonl', '--num-virtual-tokens', '4'), 1, `${found}; ${advice}`);
  });

  it('that is missing, or too small for the validation split', async () => {
    await refuse(
      train('--data', 'nowhere.jsonl'),
      1,
      'nowhere.jsonl: it cannot be read: there is no such file; check the path',
    );
    await refuse(
      trainOnPairs('--validation', 'nowhere.txt'),
      1,
      'nowhere.txt: it cannot be read: there is no such file; check the path',
    );
    const message =
      'validation is 2 of 2 examples, expected a fraction between 0 and 1, or a number from 1 to 1';
    await refuse(trainOnPairs('--validation', '2'), 2, message);
  });

  it('for pretraining, with the model that was made for it', async () => {
    const sizes = ['--vocab-size', '257', '--hidden-size', '8', '--num-layers', '1'];
    const pretrain = (...args: string[]) => ['pretrain', ...sizes, '--num-attention-heads', '1', ...args];
    await writeFile(join(cwd, 'texts.txt'), 'one\ntwo\nthree\n');
    const nowhere = 'nowhere.txt: it cannot be read: there is no such file; check the path';
    const late = pretrain('--data', 'texts.txt', '--validation', 'nowhere.txt');
    await refuse([...late, '--output', 'out'], 1, nowhere);
    await mkdir(join(cwd, 'room'), { recursive: true });
    await refuse([...late, '--output', 'room'], 1, nowhere);
    await refuse(
      pretrain('--data', 'texts.txt', '--output', 'out', '--hidden-size', '9', '--num-attention-heads', '2'),
      2,
      'hiddenSize 9 is not divisible by 2 heads; make it a multiple of numAttentionHeads',
    );
  });
});

describe('an adapter', () => {
  /** A copy of the adapter, changed. */
  async function adapterCopy(name: string, change: (folder: string) => Promise<void>): Promise<void> {
    await cp(join(cwd, 'run/adapter'), join(cwd, name), { recursive: true });
    await change(join(cwd, name));
  }
  const vectors = (folder: string) => join(folder, 'adapter_model.safetensors');
  const shaped = (shape: number[]) => (folder: string) =>
    changeSafetensors(vectors(folder), (parts) => {
      const bytes = 4 * shape.reduce((a, b) => a * b);
      parts.header.prompt_embeddings = { dtype: 'F32', shape, data_offsets: [0, bytes] };
      parts.data = Buffer.alloc(bytes);
    });
  const generate = (name: string) => ['generate', '--model', 'model', '--prompt', 'a', '--adapter', name];
  const evaluate = (name: string) => ['eval', '--model', 'model', '--data', 'pairs.jsonl', '--adapter', name];
  const goOn = (name: string) => trainOnPairs('--init', 'adapter', '--init-adapter', name);

  it('for a model of another width', async () => {
    await adapterCopy('narrow', shaped([2, 16]));
    const found = 'the prompt is [2, 16], but model needs rows of 32 numbers';
    const message = `narrow/adapter_model.safetensors (prompt_embeddings): ${found}; it was trained for another model (model)`;
    for (const use of [generate, evaluate, goOn]) await refuse(use('narrow'), 1, message);
  });

  it('that is longer than the context, or has no vectors at all', async () => {
    await adapterCopy('long', shaped([96, 32]));
    await adapterCopy('none', shaped([0, 32]));
    const place = 'adapter_model.safetensors (prompt_embeddings)';
    const long = "96 virtual tokens leave no room in the model's 96 positions";
    await refuse(evaluate('long'), 1, `long/${place}: ${long}`);
    const none = `none/${place}: the prompt is [0, 32], expected at least one vector`;
    await refuse(generate('none'), 1, none);
    const inspected = await succeed(['inspect', '--model', 'model', 'none'], { cwd });
    expect(inspected).toContain(`cannot be loaded: ${none}\n`);
  });

  it('whose configuration is of other vectors', async () => {
    const config = (changes: object) => (folder: string) =>
      changeJson(join(folder, 'adapter_config.json'), changes);
    await adapterCopy('more', config({ num_virtual_tokens: 3 }));
    await adapterCopy('untold', config({ task_type: null }));
    const more =
      'more/adapter_config.json (num_virtual_tokens): it makes 3 virtual tokens, but the tensor has 2';
    for (const use of [generate, evaluate, goOn]) await refuse(use('more'), 1, more);
    await refuse(['combine', '--adapter', 'run', '--adapter', 'more', '--output', 'sum'], 1, more);
    await refuse(['export', '--model', 'model', '--adapter', 'more', '--output', 'prefix'], 1, more);
    const untold =
      'untold/adapter_config.json (task_type): it is missing, and without one PEFT puts no prompt before a text';
    await refuse(generate('untold'), 1, untold);
  });

  it('to continue from, which uses the same tensors differently', async () => {
    const remedy = 'give the options that the adapter was learned with';
    const lora = ['--method', 'lora', '--r', '2'];
    await succeed(trainOnPairs(...lora, '--lora-alpha', '4', '--output', 'scaled', '--max-steps', '1'), {
      cwd,
    });
    const scale = `it multiplies the change of transformer.h.0.attn.c_attn by 2, and this run by 4; ${remedy}`;
    const place = 'scaled/adapter/adapter_config.json (lora_alpha)';
    await refuse(trainOnPairs(...lora, '--init-adapter', 'scaled/adapter'), 1, `${place}: ${scale}`);
    const bottleneck = ['--method', 'bottleneck-adapter', '--reduction-factor', '8'];
    await succeed(trainOnPairs(...bottleneck, '--output', 'twice', '--scaling', '2', '--max-steps', '1'), {
      cwd,
    });
    const factor = `twice/adapter/adapter_config.json (config.scaling): it gives scaling 2, and this run has 1; ${remedy}`;
    await refuse(trainOnPairs(...bottleneck, '--init-adapter', 'twice/adapter'), 1, factor);
  });

  it('of an unknown kind', async () => {
    const kind = { peft_type: 'MAGIC' };
    await adapterCopy('magic', (folder) => changeJson(join(folder, 'adapter_config.json'), kind));
    const known = methods.flatMap(({ peftType }) => peftType ?? []).join(', ');
    const unreadable = `magic (peft_type): adapters of type MAGIC are not supported, only ${known}`;
    await refuse(generate('magic'), 1, unreadable);
    const other =
      'magic (peft_type): expected an adapter of type PROMPT_TUNING to continue from, found MAGIC';
    await refuse(goOn('magic'), 1, other);
  });

  it('with a broken configuration or vectors that were cut off', async () => {
    const broken = '{"peft_type": "PROMPT_TUNING",\n "revision": }';
    await adapterCopy('broken', (folder) => writeFile(join(folder, 'adapter_config.json'), broken));
    await adapterCopy('short', (folder) => truncate(vectors(folder), 300));
    const json = /^broken\/adapter_config\.json \(line 2, column 14\): it is not valid JSON: ./;
    await refuse(generate('broken'), 1, json);
    await refuse(['inspect', 'broken'], 1, json);
    const cut =
      /^short\/adapter_model\.safetensors \(prompt_embeddings\): the file has 300 bytes, but the header /;
    await refuse(evaluate('short'), 1, cut);
  });

  it('that is not an adapter', async () => {
    await refuse(
      ['inspect', 'nowhere'],
      1,
      'nowhere: there is no such folder; expected the path of an adapter folder',
    );
    const whole = 'model: this is a whole model and not an adapter; use it as the model, without an adapter';
    await refuse(['generate', '--model', 'model', '--prompt', 'a', '--adapter', 'model'], 1, whole);
  });
});
