/** @file Trains tokenizers: text in, the content of tokenizer.json out. Independent of the models. */
export { type BpeTokenizerJson, type TrainBpeOptions, tokenizerConfig, trainBpe } from './bpe.js';
