/** @file The model that an adapter was learned on: its name, and a digest of its weights, since names change. */
import type { AdapterBase } from '../formats/adapter-content.js';
import { weightsDigest } from '../formats/digest.js';
import type { LanguageModel } from '../models/model.js';

/** Without a digest for a GGUF file: its weights are others than those of the folder that it was made from. */
export async function baseOf({ name, source }: LanguageModel): Promise<AdapterBase> {
  return { name, ...(!source.tokenizerFiles && { sha256: await weightsDigest(source) }) };
}
