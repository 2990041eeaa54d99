import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { FileError, PromptuneError, UsageError } from '../errors.js';
import { writeAdapterHubAdapter, writePeftAdapter } from '../formats/adapter-folder.fixture.js';
import { readAdapter, writeAdapter } from '../formats/adapter-folder.js';
import { type PushServer, startPushServer } from '../hub/push-server.fixture.js';
import { adapterUpload, pushAdapter } from './push-adapter.js';

let root: string;
let server: PushServer;
const folder = (...path: string[]) => join(root, 'adapter', ...path);
const tensors = new Map([
  ['prompt_embeddings', { dtype: 'float32' as const, shape: [1, 2], data: Float32Array.of(1, 2) }],
]);
const promptTuning = {
  base_model_name_or_path: 'openai-community/gpt2',
  peft_type: 'PROMPT_TUNING',
  task_type: 'CAUSAL_LM',
  num_virtual_tokens: 1,
  revision: null,
};
const write = (config: object = promptTuning) =>
  writePeftAdapter(folder(), { config: { ...promptTuning, ...config }, tensors });

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'promptune-push-'));
  server = await startPushServer();
  for (const name of ['HF_TOKEN', 'HF_HUB_OFFLINE', 'XDG_CACHE_HOME']) vi.stubEnv(name, undefined);
  vi.stubEnv('HF_HOME', join(root, 'home'));
  vi.stubEnv('HF_TOKEN', 'secret');
  vi.stubEnv('HF_ENDPOINT', server.endpoint);
  await write();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
  await rm(root, { recursive: true });
});

const sent = () => server.repositories.get('anna/cats')!;
const card = () => sent().files.get('README.md')!.toString();
const frontMatter = () => parse(card().split('---\n')[1]!);

describe('an adapter', () => {
  it('is sent into a repository that is made, with its own bytes, by the token', async () => {
    await writeFile(folder('.hidden'), 'stays here');
    const pushed = await pushAdapter(folder(), 'anna/cats');
    expect(pushed).toMatchObject({ url: `${server.endpoint}/anna/cats`, isNew: true, hasNewCard: true });
    expect(pushed.localBase).toBeUndefined();
    expect([...sent().files.keys()].sort()).toEqual([
      'README.md',
      'adapter_config.json',
      'adapter_model.safetensors',
    ]);
    for (const name of ['adapter_config.json', 'adapter_model.safetensors'])
      expect(sent().files.get(name)).toEqual(await readFile(folder(name)));
    expect(sent()).toMatchObject({ private: false, title: 'Upload an adapter (prompt-tuning)' });
    expect(new Set(server.requests.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer secret']),
    );
  });

  it('is sent into a repository that is there, which stays as private as it is', async () => {
    server.repositories.set('anna/cats', { private: true, files: new Map() });
    expect((await pushAdapter(folder(), 'anna/cats')).isNew).toBe(false);
    expect(sent().private).toBe(true);
    expect(server.requests.map(({ line }) => line)).not.toContain('POST /api/repos/create');
  });

  it('goes to a private repository, and not to a public one where it should be private', async () => {
    await pushAdapter(folder(), 'anna/cats', { isPrivate: true });
    expect(sent().private).toBe(true);
    server.repositories.set('anna/cats', { private: false, files: new Map() });
    await expect(pushAdapter(folder(), 'anna/cats', { isPrivate: true })).rejects.toThrow(
      'exists and is not private',
    );
    expect(sent().files.size).toBe(0);
  });

  it('in memory is sent as its folder would be', async () => {
    const content = await readAdapter(folder());
    await pushAdapter(content, 'anna/cats');
    const ofContent = new Map(sent().files);
    server.repositories.delete('anna/cats');
    await pushAdapter(folder(), 'anna/cats');
    expect(sent().files).toEqual(ofContent);
    const whole = { form: 'model', config: {}, tensors: new Map(), others: new Map() } as const;
    await expect(pushAdapter(whole, 'anna/cats')).rejects.toThrow('only adapters are uploaded');
  });

  it('of several parts is sent with the folders of its parts', async () => {
    const content = { form: 'peft', config: promptTuning, tensors } as const;
    const other = { ...content, config: { ...promptTuning, peft_type: 'LORA' } };
    const parts = [
      { name: 'first', content },
      { name: 'second', content: other },
    ];
    await writeAdapter(folder(), { form: 'parts', parts });
    await pushAdapter(folder(), 'anna/cats');
    expect([...sent().files.keys()].filter((name) => !name.endsWith('README.md')).sort()).toEqual([
      'first/adapter_config.json',
      'first/adapter_model.safetensors',
      'promptune.json',
      'second/adapter_config.json',
      'second/adapter_model.safetensors',
    ]);
    expect(card()).toContain('Prompt-tuning and lora over openai-community/gpt2');
    expect(card()).toContain('which PEFT does not support');
  });
});

describe('what is not sent', () => {
  it('is whatever else lies in the folder', async () => {
    for (const name of ['notes.env', 'train.jsonl', '.env']) await writeFile(folder(name), 'KEY=secret');
    await mkdir(folder('checkpoints'));
    await writeFile(folder('tokenizer.json'), '{}');
    const { leftOut, files } = await pushAdapter(folder(), 'anna/cats');
    expect(leftOut).toEqual(['.env', 'checkpoints', 'notes.env', 'train.jsonl']);
    expect(files.map(({ file }) => file)).toContain('tokenizer.json');
    expect([...sent().files.values()].join()).not.toContain('KEY=secret');
  });

  it('is what links lead to', async () => {
    await writeFile(join(root, 'token'), 'hf_abcdefgh');
    await symlink(join(root, 'token'), folder('weights.txt'));
    expect((await pushAdapter(folder(), 'anna/cats')).leftOut).toEqual(['weights.txt']);
    await symlink(join(root, 'token'), folder('LICENSE'));
    await expect(pushAdapter(folder(), 'anna/cats')).rejects.toThrow(FileError);
    await expect(pushAdapter(folder(), 'anna/cats')).rejects.toThrow('LICENSE: this is a link');
    expect([...sent().files.values()].join()).not.toContain('hf_abcdefgh');
  });

  it('is a folder outside that a part of a composition leads to', async () => {
    const content = await readAdapter(folder());
    if (content.form !== 'peft') throw new Error('a PEFT adapter was written');
    await writeAdapter(folder(), { form: 'parts', parts: [{ name: 'a', content }] });
    await rename(folder('a'), join(root, 'outside'));
    await symlink(join(root, 'outside'), folder('a'));
    await expect(pushAdapter(folder(), 'anna/cats')).rejects.toThrow('this is a link');
    expect(server.repositories.size).toBe(0);
  });

  it('is the local path of the base model', async () => {
    const base = '/home/anna/models/secret-project';
    await write({ base_model_name_or_path: base, tokenizer_name_or_path: base });
    await writeFile(folder('promptune.json'), JSON.stringify({ base: { name: base } }));
    const { localBase } = await pushAdapter(folder(), 'anna/cats');
    expect(localBase).toBe(base);
    expect([...sent().files.values()].join()).not.toContain('/home/anna');
    const config = JSON.parse(sent().files.get('adapter_config.json')!.toString());
    expect(config).toMatchObject({ base_model_name_or_path: 'secret-project', num_virtual_tokens: 1 });
    expect(JSON.parse(sent().files.get('promptune.json')!.toString())).toEqual({
      base: { name: 'secret-project' },
    });
    expect(card()).toContain('Prompt-tuning over secret-project, learned');
  });

  it("is the base model's folder, where its name on the Hub is given", async () => {
    await write({ base_model_name_or_path: '/home/anna/models/gpt2' });
    const { localBase } = await pushAdapter(folder(), 'anna/cats', { baseModel: 'openai-community/gpt2' });
    expect(localBase).toBeUndefined();
    const config = JSON.parse(sent().files.get('adapter_config.json')!.toString());
    expect(config.base_model_name_or_path).toBe('openai-community/gpt2');
    expect(frontMatter().base_model).toBe('openai-community/gpt2');
    const bad = pushAdapter(folder(), 'anna/cats', { baseModel: './gpt2' });
    await expect(bad).rejects.toThrow("expected the base model's name on the Hub");
  });
});

it('an upload can be looked at without a token, and nothing is sent', async () => {
  vi.stubEnv('HF_TOKEN', undefined);
  const { files, readme, title } = await adapterUpload(folder(), 'anna/cats');
  expect([...files.keys()].sort()).toEqual(['README.md', 'adapter_config.json', 'adapter_model.safetensors']);
  expect(readme).toContain(`git clone ${server.endpoint}/anna/cats cats`);
  expect(title).toBe('Upload an adapter (prompt-tuning)');
  expect(server.repositories.size).toBe(0);
});

describe('the card', () => {
  it('escapes markup in files', async () => {
    const base = '[x](evil)<img src=y>\n# Title';
    await write({ base_model_name_or_path: base, task_type: 'constructor', peft_type: '<b>`x`' });
    await pushAdapter(folder(), 'anna/cats');
    expect(card()).toContain('\\[x\\]\\(evil\\)\\<img src=y\\> \\# Title');
    expect(card()).toContain('\\<b\\>\\`x\\`');
    expect(card()).toContain('AutoModel.from_pretrained("…")');
    expect(frontMatter()).toEqual({ library_name: 'peft', tags: ['promptune', '<b>`x`'] });
  });

  it('names base model, method and settings, and how it is loaded', async () => {
    await pushAdapter(folder(), 'anna/cats');
    expect(frontMatter()).toEqual({
      base_model: 'openai-community/gpt2',
      library_name: 'peft',
      tags: ['promptune', 'prompt-tuning'],
    });
    const [settings] = /(?<=```json\n)[^`]*/.exec(card())!;
    expect(JSON.parse(settings)).toEqual({
      num_virtual_tokens: 1,
      peft_type: 'PROMPT_TUNING',
      task_type: 'CAUSAL_LM',
    });
    expect(card()).toContain(`git clone ${server.endpoint}/anna/cats cats\n`);
    expect(card()).toContain('promptune generate --model openai-community/gpt2 --adapter cats --prompt');
    expect(card()).toContain('model = AutoModelForCausalLM.from_pretrained("openai-community/gpt2")\n');
    expect(card()).toContain('model = PeftModel.from_pretrained(model, "anna/cats")\n');
  });

  it('is not written if there is one already', async () => {
    await writeFile(folder('README.md'), 'About cats');
    expect((await pushAdapter(folder(), 'anna/cats')).hasNewCard).toBe(false);
    expect(card()).toBe('About cats');
  });

  it("does not replace one in the repository, but a user's own does", async () => {
    await pushAdapter(folder(), 'anna/cats');
    sent().files.set('README.md', Buffer.from('edited on the Hub'));
    expect((await pushAdapter(folder(), 'anna/cats')).hasNewCard).toBe(false);
    expect(card()).toBe('edited on the Hub');
    await writeFile(folder('README.md'), 'About cats');
    await pushAdapter(folder(), 'anna/cats');
    expect(card()).toBe('About cats');
  });

  it.each(['promptune-mini', '/somewhere/model', 'model.gguf'])(
    'does not say that the Hub has %s',
    async (base) => {
      await write({ ...promptTuning, base_model_name_or_path: base });
      const { localBase } = await pushAdapter(folder(), 'anna/cats');
      expect(localBase).toBe(base === 'promptune-mini' ? undefined : base); // which all have

      expect(frontMatter().base_model).toBeUndefined();
      expect(card()).toContain(`over ${base.split('/').at(-1)}, learned`);
      expect(card()).toContain('from_pretrained("…")  # the base model\n');
    },
  );

  it('of a head has the number of labels that PEFT needs, and classifies', async () => {
    await write({ ...promptTuning, task_type: 'SEQ_CLS', id2label: { 0: 'bad', 1: 'good', 2: 'fair' } });
    await pushAdapter(folder(), 'anna/cats');
    expect(card()).toContain(
      'AutoModelForSequenceClassification.from_pretrained("openai-community/gpt2", num_labels=3)',
    );
    expect(card()).toContain('promptune classify --model openai-community/gpt2 --adapter cats --text');
  });

  it('of a method that PEFT does not have says so', async () => {
    await write({ ...promptTuning, peft_type: 'PROMPTUNE_PROMPT_POOL' });
    await pushAdapter(folder(), 'anna/cats');
    expect(frontMatter()).toMatchObject({ library_name: 'promptune', tags: ['promptune', 'prompt-pool'] });
    expect(card()).toContain('PEFT does not have this method.');
    expect(card()).not.toContain('PeftModel');
  });

  it('of soft tokens that stand in a template says that PEFT has no place for them', async () => {
    await writeFile(folder('template.json'), '{"template": "{soft:1} {text}"}');
    await pushAdapter(folder(), 'anna/cats');
    expect(card()).toContain('PEFT only supports soft tokens before the text');
  });

  it("of AdapterHub's form names its library", async () => {
    const settings = { mh_adapter: true, output_adapter: true, reduction_factor: 16 };
    await rm(folder(), { recursive: true });
    await writeAdapterHubAdapter(folder(), { settings, about: { model_name: 'gpt2' }, tensors: new Map() });
    await pushAdapter(folder(), 'anna/cats');
    expect(frontMatter()).toMatchObject({ base_model: 'gpt2', tags: ['promptune', 'bottleneck-adapter'] });
    expect(card()).toContain('model.load_adapter(folder, use_safetensors=True)');
  });
});

describe('before anything is sent', () => {
  afterEach(() => expect(server.requests).toEqual([]));

  it.each(['cats', 'anna/', 'anna/cats/more', 'anna/../cats'])('the name %s is refused', async (name) => {
    const answer = pushAdapter(folder(), name);
    await expect(answer).rejects.toThrow(UsageError);
    await expect(answer).rejects.toThrow(
      `expected owner/name as the name on the Hub, such as anna/cats, got "${name}"`,
    );
  });

  it('a missing token is reported', async () => {
    vi.stubEnv('HF_TOKEN', undefined);
    const answer = pushAdapter(folder(), 'anna/cats');
    await expect(answer).rejects.toThrow(UsageError);
    await expect(answer).rejects.toThrow('there is no token; set HF_TOKEN');
  });

  it('HF_HUB_OFFLINE is respected', async () => {
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    await expect(pushAdapter(folder(), 'anna/cats')).rejects.toThrow('cannot upload with HF_HUB_OFFLINE');
  });

  it('a folder that is not an adapter is refused, and so is a damaged one', async () => {
    await mkdir(join(root, 'empty'));
    await expect(pushAdapter(join(root, 'empty'), 'anna/cats')).rejects.toThrow(
      'this is not an adapter folder',
    );
    await writeFile(folder('adapter_model.safetensors'), 'cut');
    await expect(pushAdapter(folder(), 'anna/cats')).rejects.toThrow(FileError);
  });
});

describe('a refusal of the Hub', () => {
  it.each([
    [401, undefined, 'HTTP status 401: the token is not accepted'],
    [
      403,
      undefined,
      'HTTP status 403: the token has no write access; use one that may write to repositories of anna',
    ],
    [400, 'the card is invalid', 'HTTP status 400 (the card is invalid)'],
    [503, undefined, 'HTTP status 503; try again later'],
  ])('with status %i says what to do', async (status, said, message) => {
    const refusing = await startPushServer({ status, said });
    const answer = pushAdapter(folder(), 'anna/cats', { endpoint: refusing.endpoint });
    await expect(answer).rejects.toThrow(PromptuneError);
    await expect(answer).rejects.toThrow(
      `the adapter could not be uploaded to ${refusing.endpoint}/anna/cats: ${message}`,
    );
    await refusing.close();
  });

  it('is not reported if the connection failed', async () => {
    const { endpoint, close } = await startPushServer();
    await close();
    await expect(pushAdapter(folder(), 'anna/cats', { endpoint })).rejects.toThrow(
      `the connection to ${endpoint} failed`,
    );
  });
});
