/** @file What can be asked for by its id: the base model, adapters on it, and selectors that choose among them. */
import type { LanguageModel } from '../../models/model.js';
import type { Selector } from '../../selection/selector.js';
import type { LoadedAdapter } from './loaded-adapter.js';

/** The base model, or an adapter on it. */
export interface ServedModel {
  readonly id: string;
  /** Of an adapter: the base model's id. */
  readonly parent?: string;
  /** Of an adapter: its method's name; of a selector `selector`. */
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
  /** Of a selector: what each text gets, by its place among the candidates. */
  readonly candidates?: readonly Served[];
  readonly selector?: Selector;
}

export function servedModel(
  { config }: LanguageModel,
  { id, parent, loaded }: { id: string; parent?: string; loaded?: LoadedAdapter },
): Served {
  const { method, numVirtualTokens = 0 } = loaded?.adapter ?? {};
  const maxLength = config.maxPositions - numVirtualTokens;
  const info = { id, parent, method, numVirtualTokens, maxLength, created: new Date() };
  return { info, loaded, requests: 0 };
}

/** A selector, whose candidates are models of their own that only it can name. */
export function servedSelector(
  { config }: LanguageModel,
  {
    id,
    parent,
    selector,
    candidates,
  }: { id: string; parent: string } & Required<Pick<Served, 'selector' | 'candidates'>>,
): Served {
  const numVirtualTokens = Math.max(...candidates.map(({ info }) => info.numVirtualTokens));
  const maxLength = config.maxPositions - numVirtualTokens;
  const info = { id, parent, method: 'selector', numVirtualTokens, maxLength, created: new Date() };
  return { info, selector, candidates, requests: 0 };
}
