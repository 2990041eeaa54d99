/** @file Texts for all rows of a file, into a file: in pieces that are kept, so that a command that died goes on. */

import { fileSystem } from '#platform';
import type { Adapter } from '../attach/method.js';
import { readingFor, usageFor } from '../attach/with-usage.js';
import { folderStore } from '../distribution/folder-store.js';
import { isInShare, type Share } from '../distribution/share.js';
import { resultName, type Store } from '../distribution/store.js';
import type { Engine } from '../distribution/work.js';
import { PromptuneError } from '../errors.js';
import { writeFileAtomic } from '../formats/files.js';
import { writeJson } from '../formats/json-text.js';
import { endTokensOf } from '../generation/end-tokens.js';
import type { GeneratedRow } from '../generation/generate.js';
import type { GenerationOptions } from '../generation/options.js';
import { isConversation, type Prompt, promptAsUsed, promptEncoder } from '../generation/prompts.js';
import { inOrder } from '../loss/in-order.js';
import type { Pretrained } from '../open-pretrained.js';
import { openData } from '../records/data.js';
import { dataError } from '../records/data-error.js';
import type { DataRecord } from '../records/records.js';
import { type FileOptions, fileOptionsOf } from '../records/text-encoding.js';
import { say } from '../say.js';
import { conversationForm } from '../text/conversations.js';
import { promptFor } from '../text/template.js';
import { openPieces } from './distribution/open-pieces.js';
import type { PieceInputs, PieceModel } from './distribution/pieces.js';
import { pieceKey, runPiece } from './distribution/remote.js';

export interface GenerateFileOptions extends Pretrained, FileOptions {
  /** How the pieces' doers open the same model and adapters. */
  of: PieceModel;
  adapter?: Adapter;
  engine: Engine;
  /** A file of records: prompts, fields of a template, or conversations, whose last answer is left out. */
  data: string;
  /** A file of JSON lines, in the order of the data, which appears when it is whole. */
  output: string;
  /** Puts a record's fields into this. Default: as the adapter was trained, else by the names of the fields. */
  template?: string;
  /** Whether prompts are a user's messages. Default: as the adapter was trained. */
  chat?: boolean;
  generation?: GenerationOptions;
  /** Rows that are generated together, which can change the last bits of scores. Default 16. */
  batchSize?: number;
  /** Where pieces are kept. Default: beside the output until that is written. */
  store?: Store;
  /** Computes this share of the pieces alone, into the store, and writes no output. */
  part?: Share;
  /** The class of those who compute. Default: that of this machine. */
  machineClass?: string;
  signal?: AbortSignal;
  /** `done` of `total` rows are generated, here and now or earlier. */
  onProgress?: (progress: { done: number; total: number }) => void;
}

export interface GeneratedFile {
  readonly rows: number;
  /** Rows that this call computed. */
  readonly generated: number;
}

/**
 * Generates a text for each record. Each line has the row's number from 1, the prompt, and what is generated.
 * @throws an error that names the record whose prompt cannot be made or is too long
 */
export async function generateFile(options: GenerateFileOptions): Promise<GeneratedFile> {
  const { model, tokenizer, adapter, engine, data, output, part, signal, onProgress } = options;
  const { batchSize = 16, generation = {} } = options;
  const partsFolder = `${output}.parts`;
  const store = options.store ?? folderStore(partsFolder);
  const { of, machineClass } = options;
  const pieces = await openPieces({ engine, of, store, machineClass, signal }, { model, tokenizer });
  const records = await openData(data, { ...fileOptionsOf(options), signal });
  try {
    const total = records.length;
    const promptOf = promptsOf(await records.get(0), options);
    const encode = promptEncoder(tokenizer, model);
    const endsOf = endTokensOf(model, tokenizer);
    const room = model.config.maxPositions - (adapter?.numVirtualTokens ?? 0);
    const idsOf = (record: DataRecord, prompt: Prompt): number[] => {
      const ids = encode(prompt, adapter);
      if (ids.length < room) return ids;
      throw dataError(
        record,
        say`the prompt has ${ids.length} tokens, and the model has room for ${room - 1}`,
      );
    };

    /** The pieces of the data: neighboring rows, as one process would batch them. */
    async function* planned(): AsyncGenerator<{
      firstRow: number;
      input: PieceInputs['answers'];
      asked: Prompt[];
    }> {
      for (let firstRow = 0; firstRow < total; firstRow += batchSize) {
        const batch: DataRecord[] = [];
        for (let row = firstRow; row < Math.min(total, firstRow + batchSize); row++)
          batch.push(await records.get(row));
        const asked = batch.map((record) => promptAsUsed(promptOf(record), usageFor(model, adapter)));
        const ends = endsOf({ isLearned: adapter !== undefined, isTurn: asked.some(isConversation) });
        const settings = { eosTokenId: ends, ...generation, firstRow, skipSpecialTokens: false };
        const prompts = asked.map((prompt, i) => idsOf(batch[i]!, prompt));
        yield { firstRow, asked, input: { of: pieces.of, prompts, options: settings } };
      }
    }

    async function* wanted() {
      for await (const piece of planned())
        if (!part || isInShare(piece.firstRow / batchSize, part)) yield piece;
    }

    let [done, generated] = [0, 0];
    const computed = inOrder(wanted(), engine.atOnce, async ({ input }) => {
      signal?.throwIfAborted();
      const isKept = await store.has(resultName('answers', pieceKey(pieces.identity, 'answers', input)));
      await runPiece(pieces, 'answers', input);
      return { rows: input.prompts.length, isKept };
    });
    for await (const { rows, isKept } of computed) {
      done += rows;
      if (!isKept) generated += rows;
      onProgress?.({ done, total });
    }
    if (part) return { rows: done, generated };

    async function* lines(): AsyncGenerator<Uint8Array> {
      const encoder = new TextEncoder();
      for await (const { firstRow, asked, input } of planned()) {
        const name = resultName('answers', pieceKey(pieces.identity, 'answers', input));
        const bytes = (await store.get(name))?.get('rows.json');
        if (!bytes) throw new PromptuneError(say`${store.url}: ${name} is gone; run the command again`);
        const rows: GeneratedRow[] = JSON.parse(new TextDecoder().decode(bytes));
        for (const [i, row] of rows.entries())
          yield encoder.encode(`${writeJson({ row: firstRow + i + 1, ...shown(asked[i]!), ...row })}\n`);
      }
    }
    await writeFileAtomic(output, lines());
    if (!options.store) await fileSystem.remove(partsFolder);
    return { rows: total, generated };
  } finally {
    await records.close();
  }
}

const shown = (prompt: Prompt) => {
  if (typeof prompt === 'string') return { prompt };
  return isConversation(prompt)
    ? { messages: prompt.messages, tools: prompt.tools }
    : { prompt: prompt.text };
};

/** How records like `first` become prompts. */
function promptsOf(
  first: DataRecord,
  { template, chat, adapter, model }: GenerateFileOptions,
): (record: DataRecord) => Prompt {
  if (template !== undefined) {
    const { render } = promptFor(first, { template });
    return (record) => {
      const text = render(record);
      if (typeof text === 'string') return chat ? asMessage(text) : { text, raw: true };
      throw dataError(record, say`soft tokens belong to the template that the adapter was trained with`);
    };
  }
  const form = chat === false ? undefined : conversationForm(first.fields);
  if (form)
    return (record) => {
      const { messages, ...tools } = form.read(record);
      return { messages: messages.at(-1)?.role === 'assistant' ? messages.slice(0, -1) : messages, ...tools };
    };
  const isWritten =
    adapter?.placement !== undefined || usageFor(model, adapter)?.promptTemplate !== undefined;
  if (isWritten && !chat) return ({ fields }) => ({ text: fields });
  const { layoutLanguage } = readingFor(model, adapter);
  const { render } = promptFor(first, { layoutLanguage });
  return (record) => {
    const text = render(record) as string; // only templates have soft tokens
    return chat ? asMessage(text) : { text, raw: chat === false };
  };
}

const asMessage = (content: string): Prompt => ({ messages: [{ role: 'user', content }] });
