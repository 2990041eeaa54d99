/** @file Models as objects of the API. */
import type { ServedModel } from '../engine/models.js';

/** A version as clients see it. */
export const fingerprintOf = ({ version }: ServedModel) => `fp_${version.slice(0, 12)}`;

export function modelObject(model: ServedModel) {
  const { id, parent, method, numVirtualTokens, maxLength, labels, created } = model;
  return {
    id,
    object: 'model',
    created: Math.floor(created.getTime() / 1000),
    owned_by: 'promptune',
    root: parent ?? id,
    parent: parent ?? null,
    max_model_len: maxLength,
    system_fingerprint: fingerprintOf(model),
    ...(method !== undefined && { method, virtual_tokens: numVirtualTokens }),
    ...(labels && { labels }),
  };
}
