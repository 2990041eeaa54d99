/** @file Full fine-tuning: every weight of the model is trained. The baseline for parameter-efficient methods. */
import * as z from 'zod';
import { defineMethod, type Learner, type LearnerOptions } from '../attach/method.js';
import { readWeight } from '../formats/model-folder.js';
import { modelContent, weightDtypes } from '../loading/save.js';
import { say } from '../say.js';
import type { TrainableTensors } from '../tensor.js';

const schema = z.strictObject({
  saveDtype: z
    .enum(weightDtypes)
    .default('float32')
    .describe('type of the saved weights; they are float32 during training'),
});

async function createLearner({
  model,
  config,
  tokenizer: { eosTokenId },
}: LearnerOptions<z.output<typeof schema>>): Promise<Learner> {
  const tensors: TrainableTensors = new Map();
  for (const [name, location] of model.files.locations)
    tensors.set(name, await readWeight(model.source, location.name));
  return {
    method: fullFineTuning.name,
    tensors,
    numVirtualTokens: 0,
    initialization: say`the weights of ${model.name}`,
    attach: (parameters) => ({ parameters }),
    content: () => modelContent(model, tensors, { dtype: config.saveDtype, eosTokenId }),
  };
}

export const fullFineTuning = defineMethod({
  name: 'full-fine-tuning',
  summary: 'every weight of the model; saves a whole model',
  schema,
  defaultLearningRate: 5e-5,
  suitsEncoders: true,
  createLearner,
  savesModel: true,
});
