/**
 * @file Reviews with their sentiment, for `promptune train --task-type sequence-classification`: writes train.jsonl
 *   (400) and test.jsonl (100) to a folder. npx tsx examples/support/sentiment-data.ts FOLDER
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTask } from '../../tools/mini-corpus/tasks.js';

const folder = process.argv[2] ?? 'sentiment';
const { train, test } = makeTask('sentiment', { seed: 1 });
await mkdir(folder, { recursive: true });
for (const [name, rows] of Object.entries({ train, test })) {
  const lines = rows.map(({ prompt, completion }) =>
    JSON.stringify({ text: prompt.trim(), label: completion }),
  );
  await writeFile(join(folder, `${name}.jsonl`), `${lines.join('\n')}\n`);
}
