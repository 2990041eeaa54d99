import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import cases from './chat.fixture.json' with { type: 'json' }; // by tools/golden/make_chat_fixture.py
import { chatFormatOf, chatParts, type Message } from './chat.js';
import { openDataset } from './dataset.js';
import { loadTokenizer, type Tokenizer } from './tokenizer.js';

/** A tokenizer of single characters (bytes below 128 and a few more) and `special` tokens. */
async function makeTokenizer(folder: string, special: readonly string[], config: object): Promise<Tokenizer> {
  const characters = [...Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)), '\n'];
  const vocab = Object.fromEntries([...special, ...characters].map((token, id) => [token, id]));
  const added_tokens = special.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  const json = {
    version: '1.0',
    added_tokens,
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: 'Fuse' },
    model: { type: 'BPE', vocab, merges: [] },
  };
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(json));
  await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(config));
  return loadTokenizer(folder);
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-chat-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const caseOf = (name: string) => cases.find((entry) => entry.name === name)!;
const tokenizerOf = (name: string, special: readonly string[]) => {
  const { template, specialTokens } = caseOf(name);
  return makeTokenizer(folder, special, { ...specialTokens, chat_template: template });
};

const conversation: Message[] = [
  { role: 'user', content: 'Hi' },
  { role: 'assistant', content: 'Hello!' },
  { role: 'user', content: 'Bye' },
  { role: 'assistant', content: 'See you.' },
];

describe('the text of a chat template', () => {
  it.each(cases)('is what transformers writes: $name', ({ template, specialTokens, texts }) => {
    const tokenizer = {
      chatTemplate: template,
      specialTokens: specialTokens as unknown as Record<string, string>,
      encode: () => [],
    } as unknown as Tokenizer;
    const { format } = chatFormatOf(tokenizer);
    for (const { messages, addGenerationPrompt, text } of texts) {
      const write = () => format(messages, { addGenerationPrompt });
      if (typeof text === 'string') expect(write()).toBe(text);
      else expect(write).toThrow(`the model's chat template refuses the conversation: ${text.error}`);
    }
  });

  it('also comes from chat_template.jinja, and from the default of several templates', async () => {
    const named = [
      { name: 'tool_use', template: 'tools' },
      { name: 'default', template: 'one of several' },
    ];
    const several = await makeTokenizer(folder, [], { chat_template: named });
    expect(several.chatTemplate).toBe('one of several');
    await writeFile(join(folder, 'chat_template.jinja'), 'a file');
    expect((await loadTokenizer(folder)).chatTemplate).toBe('a file');
    await rm(join(folder, 'chat_template.jinja'));
  });

  it('needs a model with a template that is valid Jinja', async () => {
    const none = await makeTokenizer(folder, [], {});
    expect(() => chatFormatOf(none)).toThrow('this model has no chat template');
    const broken = await makeTokenizer(folder, [], { chat_template: '{% if %}' });
    expect(() => chatFormatOf(broken)).toThrow("the model's chat template cannot be read");
  });
});

it('formats conversations with tools by their own template, if there is one', async () => {
  const name = (text: string) =>
    `${text}{% for m in messages %}[{{ m.content }}]{% endfor %}{{ tools | length if tools }}`;
  const written = async (config: object) => {
    const { format } = chatFormatOf(await makeTokenizer(folder, ['<s>'], config));
    const messages: Message[] = [{ role: 'user', content: 'a' }];
    return [format(messages), format(messages, { tools: [{ type: 'function' }] })];
  };
  const chat_template = [
    { name: 'default', template: name('plain') },
    { name: 'tool_use', template: name('tools') },
  ];
  expect(await written({ chat_template })).toEqual(['plain[a]', 'tools[a]1']);
  expect(await written({ chat_template: { default: name('one'), tool_use: name('two') } })).toEqual([
    'one[a]',
    'two[a]1',
  ]);
  expect(
    await written({ chat_template: [...chat_template, { name: 'default', template: name('last') }] }),
  ).toEqual(['last[a]', 'tools[a]1']);
  await expect(written({ chat_template: [{ name: 'default' }] })).rejects.toThrow(
    'tokenizer_config.json (chat_template): expected a text, or texts with names',
  );
  expect(await written({ chat_template: name('one') })).toEqual(['one[a]', 'one[a]1']);
  await mkdir(join(folder, 'additional_chat_templates'));
  await writeFile(join(folder, 'additional_chat_templates', 'tool_use.jinja'), name('beside'));
  expect(await written({ chat_template: name('one') })).toEqual(['one[a]', 'beside[a]1']);
  // Files go before all templates of tokenizer_config.json.
  await writeFile(join(folder, 'additional_chat_templates', 'rag.jinja'), 'documents');
  await rm(join(folder, 'additional_chat_templates', 'tool_use.jinja'));
  expect(await written({ chat_template })).toEqual(['plain[a]', 'plain[a]1']);
  await rm(join(folder, 'additional_chat_templates'), { recursive: true });
});

describe('the parts of a conversation', () => {
  it('are the turns and the text between them', async () => {
    const tokenizer = await tokenizerOf('llama3', ['<|start_header_id|>', '<|end_header_id|>', '<|eot_id|>']);
    const { format, endTokenId } = chatFormatOf(tokenizer);
    expect(endTokenId).toBe(2);
    const header = (role: string) => `<|start_header_id|>${role}<|end_header_id|>\n\n`;
    expect(chatParts(format, { messages: [...conversation, { role: 'user', content: 'ignored' }] })).toEqual([
      { text: `<|begin_of_text|>${header('user')}Hi<|eot_id|>${header('assistant')}`, isAssistant: false },
      { text: 'Hello!<|eot_id|>', isAssistant: true },
      { text: `${header('user')}Bye<|eot_id|>${header('assistant')}`, isAssistant: false },
      { text: 'See you.<|eot_id|>', isAssistant: true },
    ]);
  });

  it('are refused if an earlier turn is formatted differently once another follows', async () => {
    const { format } = chatFormatOf(await tokenizerOf('qwen3', ['<|im_start|>', '<|im_end|>']));
    expect(chatParts(format, { messages: conversation.slice(0, 2) })[1]!.text).toBe(
      '<think>\n\n</think>\n\nHello!<|im_end|>\n',
    );
    expect(() => chatParts(format, { messages: conversation })).toThrow('message 2: the model');
  });
});

describe('a data set of conversations', () => {
  it("counts the assistant's turns with their end tokens, and nothing else", async () => {
    const tokenizer = await tokenizerOf('smollm2', ['<|im_start|>', '<|im_end|>']);
    const dataset = await openDataset({ data: [{ messages: conversation }], tokenizer, chat: true });
    const { inputIds, lossMask } = await dataset.get(0);
    const { format } = chatFormatOf(tokenizer);
    expect(tokenizer.decode(inputIds)).toBe(format(conversation).slice(0, -1)); // without the last line break
    const targets = inputIds.filter((_, i) => lossMask[i] === 1);
    expect(tokenizer.decode(targets)).toBe('Hello!<|im_end|>See you.<|im_end|>');
    expect(dataset.labelCounts[0]).toBe(targets.length);
    expect(dataset.summary.labelTokens).toBe(targets.length);
    // Each turn begins where generation would begin.
    const prompt = format(conversation.slice(0, 3), { addGenerationPrompt: true });
    expect([...inputIds.slice(0, tokenizer.encode(prompt).length)]).toEqual(tokenizer.encode(prompt));
  });

  it("is recognized, also in ShareGPT's format, if the model has a chat template", async () => {
    const tokenizer = await tokenizerOf('smollm2', ['<|im_start|>', '<|im_end|>']);
    const asked = await openDataset({ data: [{ messages: conversation }], tokenizer, chat: true });
    const conversations = conversation.map(({ role, content }) => ({
      from: { user: 'human', assistant: 'gpt' }[role] ?? role,
      value: content,
    }));
    for (const [record, field] of [
      [{ messages: conversation }, 'messages'],
      [{ conversations }, 'conversations'],
    ] as const) {
      const dataset = await openDataset({ data: [record], tokenizer });
      expect(dataset.shape).toBe(
        `conversations (${field}), by the model's chat template: what the assistant says`,
      );
      expect(await dataset.get(0)).toEqual(await asked.get(0));
    }
    expect(asked.shape).toBeUndefined();
    const plain = { data: [{ messages: conversation }], tokenizer, appendEos: false };
    const own = await openDataset({
      ...plain,
      template: '{% for m in messages %}{{ m.content }}|{% endfor %}',
    });
    expect(tokenizer.decode((await own.get(0)).inputIds)).toContain('Hi|Hello!|');
    await expect(openDataset({ ...plain, chat: false })).rejects.toThrow('these are conversations');
    const broken = { conversations: [{ from: 'gpt' }] };
    await expect(openDataset({ data: [broken], tokenizer })).rejects.toThrow('row 1: message 1 is not of');
  });

  it('says in how many rows the last turns are left out', async () => {
    const tokenizer = await tokenizerOf('smollm2', ['<|im_start|>', '<|im_end|>']);
    const asked = { messages: [...conversation, { role: 'user', content: 'Thanks.' }] };
    const dataset = await openDataset({ data: [{ messages: conversation }, asked], tokenizer });
    expect(await dataset.get(1)).toEqual(await dataset.get(0));
    expect(dataset.notes).toEqual(['left out: turns that no learned turn follows, in 1 row']);
  });

  it('truncates the beginning or the end of a conversation that is too long, or drops it', async () => {
    const tokenizer = await tokenizerOf('smollm2', ['<|im_start|>', '<|im_end|>']);
    const targetsOf = async (options: object) => {
      const dataset = await openDataset({
        data: [{ messages: conversation }, { messages: conversation.slice(0, 2) }],
        tokenizer,
        chat: true,
        ...options,
      });
      const texts: string[] = [];
      for (let i = 0; i < dataset.length; i++) {
        const { inputIds, lossMask } = await dataset.get(i);
        texts.push(tokenizer.decode(inputIds.filter((_, at) => lossMask[at] === 1)));
      }
      return texts;
    };
    const [first, second] = ['Hello!<|im_end|>', 'See you.<|im_end|>'];
    expect(await targetsOf({ maxLength: 30 })).toEqual([second, first]);
    expect(await targetsOf({ maxLength: 129, truncation: 'end' })).toEqual([first, first]);
    expect(await targetsOf({ maxLength: 129, truncation: 'drop' })).toEqual([first]);
    await expect(targetsOf({ maxLength: 5 })).rejects.toThrow('row 1: the last turn has 9 tokens');
  });

  it("refuses a token that is beyond the model's vocabulary", async () => {
    const tokenizer = await tokenizerOf('smollm2', ['<|im_start|>', '<|im_end|>']);
    const records = [{ messages: conversation }];
    await expect(openDataset({ data: records, tokenizer, chat: true, vocabSize: 20 })).rejects.toThrow(
      "the model's vocabulary ends at 19",
    );
  });

  it.each<[string, object, string]>([
    [
      'no messages',
      { text: 'a' },
      'expected a list of messages in the field "messages", found the fields are text',
    ],
    ['messages that are none', { messages: ['a'] }, 'message 1 is not of the shape'],
    ['no assistant', { messages: [{ role: 'user', content: 'a' }] }, 'no message is of the role "assistant"'],
  ])('refuses a record with %s', async (_, record, message) => {
    const tokenizer = await tokenizerOf('gemma', ['<bos>']);
    const records = [record as Record<string, unknown>];
    await expect(openDataset({ data: records, tokenizer, chat: true })).rejects.toThrow(`row 1: ${message}`);
  });

  it('refuses what the template refuses, and another template', async () => {
    const tokenizer = await tokenizerOf('gemma', ['<bos>']);
    const records = [{ messages: [{ role: 'system', content: 'a' }, ...conversation] }];
    await expect(openDataset({ data: records, tokenizer, chat: true })).rejects.toThrow(
      "row 1: the model's chat template refuses the conversation: System role not supported",
    );
    await expect(openDataset({ data: records, tokenizer, chat: true, template: '{a}' })).rejects.toThrow(
      'chat: ',
    );
  });
});
