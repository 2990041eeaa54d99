/** @file Files that were dropped or pasted, and how training would read them. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '#platform';
import { optionError } from '../../errors.js';
import { writeFileAtomic } from '../../formats/files.js';
import { checkRunData } from '../../runs/check-run-data.js';
import { say } from '../../say.js';
import { fetchDatasets } from '../../workspace/index.js';
import { dataCheckSchema, newDataSchema, type StoredData } from '../api/index.js';
import type { StudioContext } from '../context.js';
import { dataAnswer } from '../data-answer.js';
import { dataFolder } from '../folder.js';
import { runConfigOf, underKey } from '../run-request.js';
import { bodyOf, type StudioRouter } from './router.js';

/** Most bytes of a file, as text or in base64. */
const mostBytes = 2 ** 28;

export function dataRoutes(router: StudioRouter, { folder, models, offline }: StudioContext): void {
  router.post('/data', async (c) => {
    const { name, content, base64 = false } = await bodyOf(c, newDataSchema, mostBytes);
    const bytes = Buffer.from(content, base64 ? 'base64' : 'utf8');
    if (bytes.length === 0) throw optionError('content', say`the file is empty`);
    const path = `${dataFolder}/${sha256().update(bytes).hex().slice(0, 12)}/${soundName(name)}`;
    const target = join(folder.path, path);
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
        await fetchDatasets([config.data].flat(), { offline, signal });
        const answer = dataAnswer(await checkRunData(config, { ...pretrained, examples, signal }));
        const { count, messages } = answer.faults;
        return { ...answer, faults: { count, messages: messages.map((message) => folder.named(message)) } };
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
