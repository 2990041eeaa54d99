/** @file The digest of an adapter's content, which is its version. */
import { sha256 } from '#platform';
import type { AdapterContent } from './adapter-content.js';

/** What says where an adapter comes from, and nothing of what it does. */
const notes = new Set(['where', 'base', 'training']);

/** SHA-256 of all that an adapter does: the same for the same content, wherever its files are. */
export function contentDigest(content: AdapterContent | object): string {
  const hash = sha256();
  add(content);
  return hash.hex();

  /** Each value with its kind and count, so that none reads as another. */
  function add(value: unknown): void {
    if (ArrayBuffer.isView(value)) {
      hash.update(`bytes ${value.byteLength}\n`);
      hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    } else if (Array.isArray(value)) {
      hash.update(`list ${value.length}\n`);
      value.forEach(add);
    } else if (typeof value === 'object' && value !== null) {
      const entries = value instanceof Map ? [...value] : Object.entries(value);
      const counted = entries.filter(([key, own]) => own !== undefined && !notes.has(key));
      hash.update(`entries ${counted.length}\n`);
      for (const [key, own] of counted.sort(([a], [b]) => (a < b ? -1 : 1))) {
        hash.update(`${JSON.stringify(key)}\n`);
        add(own);
      }
    } else hash.update(`${JSON.stringify(value)}\n`);
  }
}
