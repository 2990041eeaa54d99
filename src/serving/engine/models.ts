/**
 * @file The models that requests can name by id: the base model, adapters on it, and selectors that choose among them.
 */
import type { Adapter } from '../../attach/method.js';
import { contentDigest } from '../../formats/content-digest.js';
import type { LanguageModel } from '../../models/model.js';
import type { Selector } from '../../selection/selector.js';
import type { TextClassifier } from './classifier-sessions.js';
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
  /** What it labels texts with: the labels of its head, or those whose words it was trained to write. */
  readonly labels?: readonly string[];
  /** Whether it generates texts. Adapters with a head only label them. */
  readonly generates: boolean;
  /** The SHA-256 of its content: of an adapter's files, or of the model's weights (see `weightsDigest`). */
  readonly version: string;
}

/** One version of a model, and its requests. */
export interface Served {
  readonly info: ServedModel;
  readonly loaded?: LoadedAdapter;
  readonly classifier?: TextClassifier;
  /** The number of waiting and running requests. */
  requests: number;
  /** The candidates of a selector, which assigns each text the index of one of them. */
  readonly candidates?: readonly Served[];
  readonly selector?: Selector;
}

export function servedModel(
  { config }: LanguageModel,
  { id, parent, loaded, classifier, version }: ModelParts,
): Served {
  const { method, numVirtualTokens = 0 } = loaded?.adapter ?? {};
  const maxLength = config.maxPositions - numVirtualTokens;
  const { labels } = classifier ?? {};
  const info = { ...{ id, parent, method, numVirtualTokens, maxLength, labels, version }, ...newWriter() };
  return { info, loaded, classifier, requests: 0 };
}

const newWriter = () => ({ generates: true, created: new Date() });

interface ModelParts {
  readonly id: string;
  readonly parent?: string;
  readonly loaded?: LoadedAdapter;
  readonly classifier?: TextClassifier;
  readonly version: string;
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
  const info = {
    ...{ id, parent, method: 'selector', numVirtualTokens, maxLength, version },
    ...newWriter(),
  };
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
  const own = { method, numVirtualTokens, maxLength, labels, version };
  const info = { ...ids, ...own, generates: false, created: new Date() };
  return { info, classifier, requests: 0 };
}

interface ClassifierParts {
  readonly id: string;
  readonly parent: string;
  readonly adapter: Adapter;
  readonly version: string;
  readonly classifier: TextClassifier;
}
