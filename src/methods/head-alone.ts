/** @file A head alone (linear probing): the model stays as it is, and nothing but the head of a task is trained. */
import { z } from 'zod';
import { headPart, headPeftType } from '../attach/head-files.js';
import { type Adapter, defineMethod, type Learner } from '../attach/method.js';

const peftType = headPeftType;

/** The model as it is, for a head to stand on. */
export const nothing = (): Adapter => ({
  method: headAlone.name,
  tensors: new Map(),
  numVirtualTokens: 0,
  attach: () => ({}),
});

export const headAlone = defineMethod({
  name: headPart,
  summary: 'nothing but the head of a task (see taskType)',
  schema: z.strictObject({}),
  defaultLearningRate: 0.01,
  suitsEncoders: 'heads that label texts stand on one stack of layers',
  needsHead: true,
  createLearner: async ({ model }): Promise<Learner> => ({
    ...nothing(),
    startsFrom: 'the model as it is',
    content: () => ({
      form: 'peft',
      config: { base_model_name_or_path: model.name, peft_type: peftType },
      tensors: new Map(),
    }),
  }),
  // Not one of PEFT's: there a head is always trained beside something else.
  peftType,
  load: nothing,
});
