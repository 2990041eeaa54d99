/** @file What the studio is opened over, and which models there are. */
import { packageVersion } from '../../workspace/index.js';
import type { About } from '../api/index.js';
import type { StudioContext } from '../context.js';
import type { StudioRouter } from './router.js';

export function aboutRoutes(router: StudioRouter, context: StudioContext): void {
  router.get('/about', (c) => c.json(aboutOf(context)));
  router.get('/models', async (c) => c.json(await context.models.list()));
}

function aboutOf(context: StudioContext): About {
  const { model, tokenizer, engine, folder, device, address, needsKey, queue } = context;
  const { config, source, bidirectional } = model;
  const parameters = [...source.tensors.values()].reduce(
    (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
  return {
    version: packageVersion,
    model: {
      id: engine.models.keys().next().value!,
      family: config.modelType,
      parameters,
      layers: config.numLayers,
      hiddenSize: config.hiddenSize,
      maxLength: config.maxPositions,
      vocabSize: config.vocabSize,
      hasChatTemplate: tokenizer.chatTemplate !== undefined,
      writes: !bidirectional,
    },
    folder: folder.path,
    device,
    address: `${address()}/v1`,
    needsKey,
    hasQueue: queue !== undefined,
  };
}
