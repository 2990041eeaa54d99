/** @file Linear probing: only the head of a task is trained. */
import * as z from 'zod';
import { headPart, headPeftType } from '../attach/head-files.js';
import { type Adapter, defineMethod, type Learner } from '../attach/method.js';
import { say } from '../say.js';

const peftType = headPeftType;

/** The unchanged model, for a head on top. */
export const nothing = (): Adapter => ({
  method: headAlone.name,
  tensors: new Map(),
  numVirtualTokens: 0,
  attach: () => ({}),
});

export const headAlone = defineMethod({
  name: headPart,
  summary: 'only the head of a task (see taskType)',
  schema: z.strictObject({}),
  defaultLearningRate: 0.01,
  suitsEncoders: 'heads that label texts need a single stack of layers',
  needsHead: true,
  createLearner: async ({ model }): Promise<Learner> => ({
    ...nothing(),
    initialization: say`the unchanged model`,
    content: () => ({
      form: 'peft',
      config: { base_model_name_or_path: model.name, peft_type: peftType },
      tensors: new Map(),
    }),
  }),
  // PEFT has no such type: it always trains a head together with something else.
  peftType,
  load: nothing,
});
