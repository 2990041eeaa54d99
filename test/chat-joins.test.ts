/**
 * @file Conversations with a SentencePiece-like tokenizer: the spaces of the joined text, as transformers decodes it.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTextGenerator } from '../src/generation/text-generator.js';
import { fromPretrained } from '../src/pretrained.js';
import { chatFormatOf, chatParts, encodeChat } from '../src/text/chat.js';
import fixture from './chat-joins.fixture.json' with { type: 'json' };
import { useWarmRuntime } from './support/warm-runtime.js';

useWarmRuntime();

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promptune-joins-'));
  await cp(join(import.meta.dirname, 'tokenizers/sentencepiece'), folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe.each(fixture)('$name', ({ template, legacy, rows }) => {
  beforeEach(async () => {
    const path = join(folder, 'tokenizer_config.json');
    const config = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...config, chat_template: template, legacy }));
  });

  it('answers with the spaces that the joined text has', async () => {
    await using generator = createTextGenerator(await fromPretrained(folder));
    for (const { prompt, ids, text } of rows) {
      const messages = [{ role: 'user', content: prompt }];
      const row = await generator.generate({ messages }, { maxNewTokens: 4 });
      expect([row.ids, row.text]).toEqual([ids, text]);
      let streamed = '';
      for await (const piece of generator.stream({ messages }, { maxNewTokens: 4 })) streamed += piece;
      expect(streamed).toBe(text);
      const stop = text.trim().split(' ')[0]!.slice(0, 2);
      const stopped = await generator.generate({ messages }, { maxNewTokens: 4, stop: [stop] });
      expect(stopped.text).toBe(text.slice(0, text.indexOf(stop)));
    }
  });

  it('teaches the ids of the whole conversation', async () => {
    const { tokenizer } = await fromPretrained(folder);
    const { format } = chatFormatOf(tokenizer);
    for (const { prompt, conversation } of rows) {
      const asked = { role: 'user', content: prompt };
      const answered = (content: string) => ({ role: 'assistant', content });
      const messages = [asked, answered('a cat'), asked, answered('The dog')];
      const { ids, isTarget } = encodeChat(tokenizer, chatParts(format, { messages }));
      expect(ids).toEqual(conversation.slice(0, ids.length));
      expect(isTarget.at(-1)).toBe(true);
    }
  });
});
