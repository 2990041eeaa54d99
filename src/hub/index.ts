/** @file From a model's name to a folder on this machine: a path, the Hugging Face cache, or a download into it. */
export { type ResolvedModel, type ResolveModelOptions, resolveModel } from './resolve-model.js';
