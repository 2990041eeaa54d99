/** @file Models as objects of the API. */
import type { ServedModel } from '../engine/models.js';

export function modelObject({ id, parent, method, numVirtualTokens, maxLength, created }: ServedModel) {
  return {
    id,
    object: 'model',
    created: Math.floor(created.getTime() / 1000),
    owned_by: 'promptune',
    root: parent ?? id,
    parent: parent ?? null,
    max_model_len: maxLength,
    ...(method !== undefined && { method, virtual_tokens: numVirtualTokens }),
  };
}
