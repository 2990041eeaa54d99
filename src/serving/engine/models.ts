/** @file What can be asked for by its id: the base model, and adapters on it. */
import type { LanguageModel } from '../../models/model.js';
import type { LoadedAdapter } from './loaded-adapter.js';

/** The base model, or an adapter on it. */
export interface ServedModel {
  readonly id: string;
  /** Of an adapter: the base model's id. */
  readonly parent?: string;
  /** Of an adapter: its method's name. */
  readonly method?: string;
  /** Positions that its learned prompt takes. */
  readonly numVirtualTokens: number;
  /** Most tokens, prompt and new ones, that a request may have. */
  readonly maxLength: number;
  /** When it was loaded. */
  readonly created: Date;
}

/** One version of a model, and the requests that it has. */
export interface Served {
  readonly info: ServedModel;
  readonly loaded?: LoadedAdapter;
  /** Requests that wait or are at work. */
  requests: number;
  /** No new request can name it. */
  isRetired: boolean;
}

export function servedModel(
  { config }: LanguageModel,
  { id, parent, loaded }: { id: string; parent?: string; loaded?: LoadedAdapter },
): Served {
  const { method, numVirtualTokens = 0 } = loaded?.adapter ?? {};
  const maxLength = config.maxPositions - numVirtualTokens;
  const info = { id, parent, method, numVirtualTokens, maxLength, created: new Date() };
  return { info, loaded, requests: 0, isRetired: false };
}
