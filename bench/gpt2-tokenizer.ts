/** @file GPT-2's tokenizer.json, made of the vocabulary and merges that the tests have. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Writes it to a model's folder, from the folder with the packed files. */
export function writeGpt2Tokenizer(folder: string, packed: string): void {
  const read = (file: string) => gunzipSync(readFileSync(join(packed, `${file}.gz`))).toString();
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const vocab: Record<string, number> = JSON.parse(read('vocab.json'));
  const merges = read('merges.txt').trim().split('\n').slice(1);
  const end = { id: 50256, content: '<|endoftext|>', special: true, normalized: false };
  const json = {
    version: '1.0',
    added_tokens: [{ ...end, single_word: false, lstrip: false, rstrip: false }],
    pre_tokenizer: byteLevel,
    decoder: byteLevel,
    model: { type: 'BPE', vocab, merges: merges.map((merge) => merge.split(' ')) },
  };
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(json));
}
