/** @file The methods, with the schemas that forms are made from, and the presets. */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { type Method as AnyMethod, defaultRate, requireSuited } from '../../attach/method.js';
import { UsageError } from '../../errors.js';
import { methods } from '../../methods/registry.js';
import type { LanguageModel } from '../../models/model.js';
import type { Pretrained } from '../../open-pretrained.js';
import { createMethodLearner } from '../../runs/create-learner.js';
import { resolveRunConfig, runSchema } from '../../runs/run-config.js';
import { presetNames, readPreset } from '../../workspace/presets.js';
import type { Method, MethodCosts, Methods, Preset, Presets } from '../api/index.js';
import type { StudioContext } from '../context.js';
import type { StudioRouter } from './router.js';

export function methodsRoutes(router: StudioRouter, context: StudioContext): void {
  router.get('/methods', (c) => c.json(methodsFor(context.model)));
  let costs: Promise<MethodCosts> | undefined;
  router.get('/methods/costs', async (c) => {
    costs ??= costsFor(context);
    return c.json(await costs);
  });
  router.get('/presets', async (c) => c.json(await presetsOfPackage()));
}

/** As it is written, so that defaults are options. Values that no JSON can hold have an empty schema. */
const jsonSchemaOf = (schema: z.ZodType) =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>;

/** The methods, with what the model does not support. */
export function methodsFor(model: LanguageModel): Methods {
  const settings = runSchema.omit({ data: true, method: true, methodOptions: true });
  return { methods: methods.map((method) => described(method, model)), settings: jsonSchemaOf(settings) };
}

function described(method: AnyMethod, model: LanguageModel): Method {
  const { name, summary, schema } = method;
  const { isInPeft = false, needsHead = false, savesModel = false } = method;
  let problem: string | undefined;
  try {
    requireSuited(method, model);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    problem = error.message;
  }
  return {
    ...{ name, summary, options: jsonSchemaOf(schema), defaultLearningRate: defaultRate(method, model) },
    ...{ isInPeft, needsHead, savesModel, problem },
  };
}

/** Takes a while: some methods start from what the model makes of a text. */
export async function costsFor({ model, tokenizer }: Pretrained): Promise<MethodCosts> {
  const costs: MethodCosts = {};
  for (const { name, needsHead, savesModel } of methods) {
    if (needsHead || savesModel) continue;
    try {
      const config = resolveRunConfig({ data: [], method: name });
      const { tensors } = await createMethodLearner(config, { model, tokenizer });
      costs[name] = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error; // it does not suit the model, or needs options
    }
  }
  return costs;
}

export const presetsOfPackage = async (): Promise<Presets> => ({
  presets: await Promise.all(presetNames().map(presetNamed)),
});

async function presetNamed(name: string): Promise<Preset> {
  const { path, values } = await readPreset(name);
  const { data, ...config } = values;
  const [, description = ''] = /^#\s*(.*)/.exec(await readFile(path, 'utf8')) ?? [];
  return {
    name,
    description,
    language: name.endsWith('-zh') ? 'zh' : 'en',
    config,
    rows: await readFile(String(data), 'utf8'),
  };
}
