/** @file JSON texts that are valid under a schema, token by token. */
export { GrammarTooLarge } from './network.js';
export { SchemaError } from './schema-error.js';
export { isSchema, type JsonSchema } from './schema-keywords.js';
export { type CallsInText, type GrammarState, Grammars, type TokenGrammar } from './token-grammar.js';
export type { TokenBytes } from './token-tree.js';
