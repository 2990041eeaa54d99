/** @file Files that were dropped or pasted, and how training would read them. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '#platform';
import { optionError } from '../../errors.js';
import { writeFileAtomic } from '../../formats/files.js';
import { openData } from '../../records/data.js';
import type { ResolvedRunConfig } from '../../runs/run-config.js';
import { checkRunData } from '../../workspace/index.js';
import { type DataReport, dataCheckSchema, newDataSchema, type StoredData } from '../api.js';
import type { StudioContext } from '../context.js';
import { ownFolder } from '../folder.js';
import { runConfigOf, underKey } from '../run-request.js';
import { bodyOf, type StudioRouter } from './router.js';

/** Most bytes of a file, as text or in base64. */
const mostBytes = 2 ** 28;

export function dataRoutes(router: StudioRouter, { folder, models }: StudioContext): void {
  router.post('/data', async (c) => {
    const { name, content, base64 = false } = await bodyOf(c, newDataSchema, mostBytes);
    const bytes = Buffer.from(content, base64 ? 'base64' : 'utf8');
    if (bytes.length === 0) throw optionError('content', 'the file is empty');
    const path = `${ownFolder}/data/${sha256().update(bytes).hex().slice(0, 12)}/${soundName(name)}`;
    const target = join(folder.given, path);
    const isThere = await stat(target).then(
      ({ size }) => size === bytes.length,
      () => false,
    );
    if (!isThere) await writeFileAtomic(target, bytes);
    return c.json({ path, bytes: bytes.length } satisfies StoredData);
  });
  router.post('/data/check', async (c) => {
    const { model, config: given, examples } = await bodyOf(c, dataCheckSchema);
    const pretrained = await models.open(model);
    const { signal } = c.req.raw;
    return c.json(
      await underKey('config', async () => {
        const config = await runConfigOf(given, folder);
        const report = await checkRunData(config, { ...pretrained, examples, signal });
        return reported(report, await fieldsOf(config));
      }),
    );
  });
}

/** A name for a file of ours, with the ending of what was given. */
function soundName(name: string): string {
  const [last] = name.split(/[/\\]/).slice(-1);
  const sound = last!.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+/, '');
  return sound === '' ? 'data' : sound;
}

/** The names of the first row's fields. */
async function fieldsOf({ data, encoding }: ResolvedRunConfig): Promise<string[]> {
  const records = await openData(data, { encoding });
  try {
    return Object.keys((await records.get(0)).fields);
  } finally {
    await records.close();
  }
}

function reported(report: Awaited<ReturnType<typeof checkRunData>>, fields: string[]): DataReport {
  const { rows, shape, notes, tokens, labelTokens, maxLength = 0, truncated, dropped, duplicates } = report;
  const counted = <Name extends string>(name: Name, counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(
      ([key, count]) => ({ [name]: key, count }) as Record<Name, string> & { count: number },
    );
  return {
    ...{ rows, recognized: shape, notes: [...notes], fields, targetTokens: labelTokens, maxLength },
    ...(tokens && { lengths: { ...tokens, histogram: [...tokens.histogram] } }),
    ...{ truncated, dropped, duplicates },
    ...(report.labels && { labels: counted('label', report.labels) }),
    emptyFields: counted('field', report.emptyFields),
    faults: { count: report.faults, messages: [...report.messages] },
    examples: report.tokenized.map(({ tokens: own, ...example }) => ({ ...example, tokens: [...own] })),
  };
}
