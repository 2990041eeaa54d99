/** @file Training a tokenizer: text in, the content of tokenizer.json out. A leaf; imports nothing of the models. */
export { type BpeTokenizerJson, type TrainBpeOptions, tokenizerConfig, trainBpe } from './bpe.js';
