/** @file Which model an adapter was learned on, by a digest of the weights: names and folders change, and lie. */
import type { AdapterBase, AdapterContent } from '../formats/adapter-content.js';
import { weightsDigest } from '../formats/digest.js';
import type { LanguageModel } from '../models/model.js';

/** Undefined for a GGUF file: its weights are others than those of the folder that it was made from. */
export async function baseOf({ source }: LanguageModel): Promise<AdapterBase | undefined> {
  return source.tokenizerFiles ? undefined : { sha256: await weightsDigest(source) };
}

/** The content with what it was learned on. A whole model has no base. */
export function withBase(content: AdapterContent, base: AdapterBase | undefined): AdapterContent {
  return content.form === 'model' || !base ? content : { ...content, base };
}
