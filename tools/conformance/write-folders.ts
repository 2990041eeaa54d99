/**
 * @file Writes folders and GGUF files as `merge` and full fine-tuning write models, for check_written_folders.py, with
 *   the ids and texts of Promptune's tokenizers: `npx tsx tools/conformance/write-folders.ts TARGET SOURCE…`. A source
 *   is a GGUF file, or a parent folder of folders made by make_tokenizer_folders.py, which have no weights.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PromptuneError } from '../../src/errors.js';
import { readWeight } from '../../src/formats/model-folder.js';
import { loadModel } from '../../src/loading/load-model.js';
import { saveModel } from '../../src/loading/save.js';
import type { LanguageModel } from '../../src/models/model.js';
import type { TrainableTensors } from '../../src/tensor.js';
import { loadTokenizer, type Tokenizer } from '../../src/text/tokenizer.js';

const texts = [
  'Hello world, this is 2024!  Two  spaces',
  'Größe naïve Cafe\u0301 don\u2019t',
  'Привет мир 你好，世界 مرحبا',
  '<s>a b</s> c <|endoftext|> <|im_end|> <mask> [MASK] <|user|>hi <extra_id_1>',
  'line\nbreak\ttab 👩‍👩‍👧',
];

function expectedOf(tokenizer: Tokenizer): object {
  const rows = texts.map((text) => {
    const whole = tokenizer.encode(text, { addSpecialTokens: true });
    const skipped = tokenizer.decode(whole, { skipSpecialTokens: true });
    return [tokenizer.encode(text), whole, tokenizer.decode(whole), skipped];
  });
  const { bosTokenId: bos_token_id, eosTokenId: eos_token_id, padTokenId: pad_token_id } = tokenizer;
  return { texts, rows, ids: { bos_token_id, eos_token_id, pad_token_id } };
}

/** A model without weights: the writer only needs its configuration and tokenizer files. */
function withoutWeights(folder: string): LanguageModel {
  const config = readdirSync(folder).includes('config.json')
    ? JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))
    : {};
  const source = { folder, configPath: join(folder, 'config.json'), config, tensors: new Map() };
  return { source, parameters: new Map() } as unknown as LanguageModel;
}

async function write(source: string, target: string): Promise<boolean> {
  try {
    const tokenizer = await loadTokenizer(source);
    const isGguf = source.endsWith('.gguf');
    const model = isGguf ? await loadModel(source) : withoutWeights(source);
    const tensors: TrainableTensors = new Map();
    if (isGguf)
      for (const [name, location] of model.files.locations)
        tensors.set(name, await readWeight(model.source, location.name));
    await saveModel(target, model, tensors, { eosTokenId: tokenizer.eosTokenId });
    writeFileSync(join(target, 'expected.json'), JSON.stringify(expectedOf(tokenizer)));
    return true;
  } catch (error) {
    if (error instanceof PromptuneError) return false;
    throw error;
  }
}

const [target, ...sources] = process.argv.slice(2);
mkdirSync(target!, { recursive: true });
const isFile = (source: string) => source.endsWith('.gguf');
const all = sources.flatMap((source) =>
  isFile(source) ? [source] : readdirSync(source).map((name) => join(source, name)),
);
let written = 0;
for (const source of all) if (await write(source, join(target!, basename(source)))) written++;
console.log(`${written} of ${all.length} written; the others are refused by name`);
