/** @file Digests of what a run reads, so that a resumed run uses the same inputs, or reports that they differ. */
import { sha256 } from '#platform';
import { isDatasetName } from '../formats/dataset-name.js';
import { fileDigest, weightsDigest } from '../formats/digest.js';
import type { LanguageModel } from '../models/model.js';
import type { StoredRows } from '../records/data.js';
import { findDataset } from '../records/named-datasets.js';
import type { Tokenizer } from '../text/tokenizer.js';
import type { StoredConfig } from './noted-config.js';

/** Digests by the name of the input in errors. Those of rows in memory are in config.yaml. */
export type InputDigests = Readonly<Record<string, string>>;

/** @param ofData what `fileDigests` found of the training data */
export async function digestInputs(
  { model, tokenizer, signal }: { model: LanguageModel; tokenizer: Tokenizer; signal?: AbortSignal },
  { validation }: Pick<StoredConfig, 'validation'>,
  ofData: readonly (readonly string[])[],
): Promise<InputDigests> {
  const ofValidation = typeof validation === 'object' && (await fileDigests(validation, signal));
  return {
    weights: await weightsDigest(model.source),
    tokenizer: tokenizerDigest(tokenizer),
    [toolTemplateName]: toolTemplateDigest(tokenizer),
    data: joinedDigest(ofData),
    ...(ofValidation && { 'validation data': joinedDigest(ofValidation) }),
  };
}

/** The inputs that two sets of digests disagree on; an input that only one of them has does not count. */
export const differentInputs = (before: InputDigests = {}, now: InputDigests = {}): string[] =>
  Object.keys(now).filter((name) => before[name] !== undefined && before[name] !== now[name]);

/** The digests of each source's files; none of rows in memory. */
export async function fileDigests(sources: readonly StoredRows[], signal?: AbortSignal): Promise<string[][]> {
  const digests: string[][] = [];
  for (const source of sources) {
    const paths =
      typeof source !== 'string'
        ? []
        : isDatasetName(source)
          ? await findDataset(source, { signal })
          : [source];
    const own: string[] = [];
    for (const path of paths) own.push(await fileDigest(path, signal));
    digests.push(own);
  }
  return digests;
}

function joinedDigest(digests: readonly (readonly string[])[]): string {
  const hash = sha256();
  for (const digest of digests.flat()) hash.update(`${digest}\n`);
  return hash.hex();
}

const sampleText = 'The cat, 12,345 of 6.78 €… 猫は "x" in <b>\n\tİstanbul</b> 🐈';

/** Covers the vocabulary, the special tokens, the chat template, and how a sample text is split. */
export function tokenizerDigest(tokenizer: Tokenizer): string {
  const { vocabSize, startIds, bosTokenId, eosTokenId, padTokenId, chatTemplate } = tokenizer;
  const hash = sha256();
  const special = { vocabSize, startIds, bosTokenId, eosTokenId, padTokenId, chatTemplate };
  hash.update(JSON.stringify({ special, sample: tokenizer.encode(sampleText) }));
  for (let id = 0; id < vocabSize; id++) hash.update(`${tokenizer.tokenOf(id)}\n`);
  return hash.hex();
}

/** Apart from the tokenizer's digest, which runs of earlier versions noted without it. */
export const toolTemplateName = 'chat template for tools';

/** Of no template as well, since one may come. */
export const toolTemplateDigest = ({ toolChatTemplate = '' }: Tokenizer): string =>
  sha256().update(toolChatTemplate).hex();
