/**
 * @file The models that requests can name by id: the base model, adapters on it, and selectors that choose among them.
 */
import type { Adapter } from '../../attach/method.js';
import type { Classifier } from '../../evaluation/classifier.js';
import { contentDigest } from '../../formats/content-digest.js';
import type { LanguageModel } from '../../models/model.js';
import type { Selector } from '../../selection/selector.js';
import type { LoadedAdapter } from './loaded-adapter.js';

/** The base model, or an adapter on it. */
export interface ServedModel {
  readonly id: string;
  /** The base model's id, if this is an adapter. */
  readonly parent?: string;
  /** An adapter's method; `selector` for a selector. */
  readonly method?: string;
  /** Positions that its learned prompt takes. */
  readonly numVirtualTokens: number;
  /** Maximum length of a request, prompt and new tokens together. */
  readonly maxLength: number;
  /** When it was loaded. */
  readonly created: Date;
  /** The labels of an adapter with a head for texts, which classifies them and generates nothing. */
  readonly labels?: readonly string[];
  /** The SHA-256 of its content: of an adapter's files, or of the model's weights (see `weightsDigest`). */
  readonly version: string;
}

/** One version of a model, and its requests. */
export interface Served {
  readonly info: ServedModel;
  readonly loaded?: LoadedAdapter;
  readonly classifier?: Classifier;
  /** The number of waiting and running requests. */
  requests: number;
  /** The candidates of a selector, which assigns each text the index of one of them. */
  readonly candidates?: readonly Served[];
  readonly selector?: Selector;
}

export function servedModel(
  { config }: LanguageModel,
  { id, parent, loaded, version }: { id: string; parent?: string; loaded?: LoadedAdapter; version: string },
): Served {
  const { method, numVirtualTokens = 0 } = loaded?.adapter ?? {};
  const maxLength = config.maxPositions - numVirtualTokens;
  const info = { id, parent, method, numVirtualTokens, maxLength, version, created: new Date() };
  return { info, loaded, requests: 0 };
}

/** A selector, with candidates that only it can name. */
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
  const version = contentDigest(candidates.map(({ info }) => info.version));
  const info = { id, parent, method: 'selector', numVirtualTokens, maxLength, version, created: new Date() };
  return { info, selector, candidates, requests: 0 };
}

/** An adapter with a head. Its session is created by its first request. */
export function servedClassifier(
  { config }: LanguageModel,
  { adapter, version, classifier, ...ids }: ClassifierParts,
): Served {
  const { method, numVirtualTokens } = adapter;
  const maxLength = config.maxPositions - numVirtualTokens;
  const { labels } = classifier;
  const info = { ...ids, method, numVirtualTokens, maxLength, labels, version, created: new Date() };
  return { info, classifier, requests: 0 };
}

interface ClassifierParts {
  readonly id: string;
  readonly parent: string;
  readonly adapter: Adapter;
  readonly version: string;
  readonly classifier: Classifier;
}
