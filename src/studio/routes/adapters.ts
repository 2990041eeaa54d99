/** @file The adapters that are served: what is known of them, their vectors as a map, and attention to them. */
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promptVectors } from '../../adapters/prompt-vectors.js';
import { PromptuneError, UsageError } from '../../errors.js';
import { promptAttention } from '../../evaluation/prompt-attention.js';
import { promptMap } from '../../evaluation/prompt-map.js';
import { type AdapterNotes, notesOf } from '../../formats/adapter-content.js';
import { readAdapter } from '../../formats/adapter-folder.js';
import { readJsonObjectIfPresent } from '../../formats/json.js';
import { ownName, parseOwnFile } from '../../formats/own-file.js';
import { promptHistory } from '../../runs/prompt-history.js';
import { type Language, say, spoken } from '../../say.js';
import type { ServedModel } from '../../serving/engine/models.js';
import { promptTemplate } from '../../text/template.js';
import { adaptersBelow, openAdapter } from '../../workspace/index.js';
import { noteOfOtherBase } from '../../workspace/open-for-adapters.js';
import {
  type Adapter,
  type Adapters,
  type Attention,
  attentionTextSchema,
  type PromptMap,
} from '../api/index.js';
import type { StudioContext } from '../context.js';
import { bodyOf, type StudioRouter } from './router.js';

export function adaptersRoutes(router: StudioRouter, context: StudioContext): void {
  const { model, tokenizer, engine, folder, changes } = context;
  /** By id: what is known of a version, in the language of who asked last. */
  const known = new Map<string, { version: string; language: Language; adapter: Adapter }>();

  router.get('/adapters', async (c) => {
    const folders = await adaptersBelow(folder.path);
    const { language } = spoken();
    const adapters: Adapter[] = [];
    for (const served of engine.models.values()) {
      const path = folders.get(served.id);
      if (served.parent === undefined || path === undefined) continue;
      const { id, version } = served;
      const before = known.get(id);
      const isKnown = before?.version === version && before.language === language;
      const adapter = isKnown ? before.adapter : await describedAdapter(served, path);
      known.set(id, { version, language, adapter });
      adapters.push(adapter);
    }
    const refused = changes.refused().map(async ({ id, problem, language: saidIn }) => {
      const path = folders.get(id);
      const isSaid = saidIn === language || path === undefined;
      return { id, problem: folder.named((isSaid ? undefined : await problemOf(path)) ?? problem) };
    });
    return c.json({ adapters, refused: await Promise.all(refused) } satisfies Adapters);
  });

  router.get('/adapters/:id/prompt', async (c) => {
    const path = await pathOf(c.req.param('id'));
    const content = await readAdapter(path, c.req.raw.signal);
    const vectors = promptVectors(content, model);
    const { training } = notesOf(content);
    const run = dirname(path);
    const step = training?.steps;
    const isOfRun = step !== undefined && (await isFile(join(run, 'metrics.jsonl')));
    const { earlier, note } = isOfRun
      ? await promptHistory(run, step, { model, tokenizer })
      : { earlier: [], note: say`the adapter is in no folder of a run, so it is not known how it moved` };
    const map = await promptMap({ model, tokenizer, vectors, earlier, step });
    return c.json({ ...map, note } as PromptMap);
  });

  router.post('/adapters/:id/attention', async (c) => {
    const { text, usesTemplate } = await bodyOf(c, attentionTextSchema);
    const path = await pathOf(c.req.param('id'));
    const adapter = (await openAdapter({ adapters: [path] }, model, c.req.raw.signal))!;
    const prompt = { text, raw: !usesTemplate };
    const { tokens, numVirtualTokens, layers } = await promptAttention({ model, tokenizer, adapter, prompt });
    return c.json({ tokens, virtualTokens: numVirtualTokens, layers } as Attention);
  });

  async function pathOf(id: string): Promise<string> {
    const path = (await adaptersBelow(folder.path)).get(id);
    if (path !== undefined) return folder.existing(folder.nameOf(path));
    throw new UsageError(say`there is no adapter ${JSON.stringify(id)} in the studio's folder`, {
      code: 'not-found',
    });
  }

  async function describedAdapter(served: ServedModel, path: string): Promise<Adapter> {
    const { id, method = '', labels, created } = served;
    const { usage, training } = await notesIn(path);
    const virtualTokens = Math.max(served.numVirtualTokens, await notedTokens(path));
    const template = usage?.promptTemplate;
    return {
      ...{ id, method, virtualTokens },
      ...(labels && { labels: [...labels] }),
      chat: usage?.chat ?? false,
      ...(template !== undefined && { template }),
      fields: template === undefined ? [] : [...promptTemplate(template).fields],
      hasVectors: virtualTokens > 0 && (await hasVectors(path)),
      hasAttention: virtualTokens > 0,
      ...(training && {
        training: {
          steps: training.steps,
          examples: training.examples,
          data: training.data.map(({ name }) => name),
          validationLoss: training.validation?.loss,
        },
      }),
      loaded: created.toISOString(),
      note: await noteOfOtherBase(path, model, id),
    };
  }

  /** Why it cannot be loaded, in the language of who asks. */
  async function problemOf(path: string): Promise<string | undefined> {
    try {
      await openAdapter({ adapters: [path] }, model);
      return undefined;
    } catch (error) {
      if (error instanceof PromptuneError) return error.message;
      throw error;
    }
  }

  async function hasVectors(path: string): Promise<boolean> {
    try {
      promptVectors(await readAdapter(path), model);
      return true;
    } catch (error) {
      if (error instanceof UsageError) return false;
      throw error;
    }
  }
}

async function notesIn(folder: string): Promise<AdapterNotes> {
  const path = join(folder, ownName);
  const file = await readJsonObjectIfPresent(path);
  return file ? notesOf(parseOwnFile(file, path)) : {};
}

/** As PEFT's configuration says. Those inside a text take no positions before it. */
async function notedTokens(folder: string): Promise<number> {
  const config = await readJsonObjectIfPresent(join(folder, 'adapter_config.json'));
  return typeof config?.num_virtual_tokens === 'number' ? config.num_virtual_tokens : 0;
}

const isFile = (path: string) =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
