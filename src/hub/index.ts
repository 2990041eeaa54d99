/** @file From a model's name to a local folder: the embedded model, a path, the Hugging Face cache, or a download. */
export { listModels, lookUpModel, type PresentModel, type RemoteModel } from './list-models.js';
export { type ResolvedDataset, resolveDataset } from './resolve-dataset.js';
export { type ResolvedModel, type ResolveModelOptions, resolveModel } from './resolve-model.js';
