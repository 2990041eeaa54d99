/**
 * @file What requests can name: models come, are replaced and go while rows run. A version that requests can no longer
 *   name is freed when no row uses it any more.
 */
import type { Adapter } from '../../attach/method.js';
import { notedWords } from '../../attach/with-usage.js';
import { PromptuneError, UsageError } from '../../errors.js';
import { createClassifier } from '../../evaluation/classifier.js';
import { weightsDigest } from '../../formats/digest.js';
import { createPromptClassifier } from '../../prompting/prompt-classifier.js';
import type { Fields } from '../../records/record-formats.js';
import { say } from '../../say.js';
import { adapterOf } from '../../selection/candidates.js';
import type { Selector } from '../../selection/selector.js';
import { ByContent } from './by-content.js';
import { ClassifierSessions, type TextClassifier } from './classifier-sessions.js';
import type { EngineOptions } from './engine-options.js';
import { type LoadedAdapter, loadForRows, versionOf } from './loaded-adapter.js';
import { type Served, type ServedModel, servedClassifier, servedModel, servedSelector } from './models.js';
import type { RowDecoder } from './row-decoder.js';
import type { RunningBatch } from './running-batch.js';

export class ServedModels {
  readonly baseId: string;
  /** By id; the base model comes first. */
  readonly infos = new Map<string, ServedModel>();
  readonly #options: EngineOptions;
  readonly #batch: RunningBatch;
  readonly #served = new Map<string, Served>();
  /** Versions that new requests cannot name, but rows may still use. */
  readonly #retired = new Set<Served>();
  readonly #adapters = new ByContent<LoadedAdapter>();
  readonly #classifiers = new ByContent<TextClassifier>();
  readonly #classifierSessions: ClassifierSessions;

  constructor(options: EngineOptions, batch: RunningBatch) {
    this.#options = options;
    this.#batch = batch;
    this.baseId = options.id ?? options.model.name;
    this.#classifierSessions = new ClassifierSessions(options.maxClassifiers ?? 4);
  }

  async start(): Promise<void> {
    const { adapters = {}, onRefused, model } = this.#options;
    const version = await weightsDigest(model.source);
    const classifier = await this.#byWords(undefined, version);
    this.#publish(servedModel(model, { id: this.baseId, version, classifier }));
    for (const [id, adapter] of Object.entries(adapters)) {
      try {
        this.#publish(await this.#made(id, adapter));
      } catch (error) {
        if (!onRefused || !(error instanceof PromptuneError)) throw error;
        onRefused(id, error);
      }
    }
  }

  /** @throws UsageError if there is none */
  named(id = this.baseId): Served {
    const served = this.#served.get(id);
    if (!served) throw new UsageError(say`there is no model "${id}" here`, { code: 'unknown-name' });
    return served;
  }

  /** The adapters that rows may need. */
  get adapters(): readonly LoadedAdapter[] {
    return this.#versions.flatMap(({ loaded }) => loaded ?? []);
  }

  /** Classifiers whose sessions are open. */
  get openClassifiers(): number {
    return this.#classifierSessions.count;
  }

  async load(id: string, adapter: Adapter): Promise<ServedModel> {
    const served = await this.#made(id, adapter);
    await this.#orFree([served], () => this.#prepare([served]));
    await this.#replace(served);
    return served.info;
  }

  async loadSelector(id: string, selector: Selector): Promise<ServedModel> {
    const { model } = this.#options;
    const candidates: Served[] = [];
    await this.#orFree(candidates, async () => {
      for (const candidate of selector.candidates) {
        const adapter = await adapterOf(candidate, model);
        const loaded = adapter && (await this.#loaded(`${id} (${candidate.name})`, adapter));
        const { version } = loaded ?? this.infos.get(this.baseId)!;
        candidates.push(servedModel(model, { id, parent: this.baseId, loaded, version }));
      }
      await this.#prepare(candidates);
    });
    const served = servedSelector(model, { id, parent: this.baseId, selector, candidates });
    await this.#replace(served);
    return served.info;
  }

  async unload(id: string): Promise<boolean> {
    const served = this.#served.get(id);
    if (!served || id === this.baseId) return false;
    this.#served.delete(id);
    this.infos.delete(id);
    await this.#retire(served);
    return true;
  }

  /** Keeps what rows of a model use from being freed, until `release` is called with the result. */
  hold(served: Served): readonly Served[] {
    const versions = versionsOf(served);
    for (const version of versions) version.requests++;
    return versions;
  }

  async release(versions: readonly Served[]): Promise<void> {
    for (const version of versions) version.requests--;
    if (versions.some((version) => this.#retired.has(version))) await this.#forgetBetweenSteps();
  }

  /** Runs a request to a classifier, when its session can be open. */
  async classify(classifier: TextClassifier, texts: readonly (string | Fields)[]) {
    try {
      return await this.#classifierSessions.run(classifier, () => classifier.classify(texts));
    } catch (error) {
      // Its session may be lost; the next request creates another one.
      if (!(error instanceof UsageError)) await classifier.dispose().catch(() => {});
      throw error;
    }
  }

  /** Makes sessions anew that adapters have of their own: they may be lost with the batch's. */
  async renew(): Promise<void> {
    for (const served of this.#versions) {
      const { loaded, info } = served;
      if (!loaded?.beginningsOf) continue;
      this.#adapters.forget(loaded);
      await loaded.dispose().catch(() => {});
      Object.assign(served, { loaded: await this.#loaded(info.id, loaded.adapter) });
    }
  }

  /** Frees retired versions that no row uses. */
  async forgetRetired(decoder: RowDecoder | undefined): Promise<void> {
    for (const served of this.#retired) {
      if (served.requests > 0) continue;
      this.#retired.delete(served);
      await this.#free(served, decoder);
    }
  }

  /** Frees all versions, after the batch has ended. */
  async dispose(): Promise<void> {
    for (const version of [...this.#versions, ...this.#retired]) await this.#free(version, undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  get #versions(): Served[] {
    return [...this.#served.values()].flatMap(versionsOf);
  }

  async #made(id: string, adapter: Adapter): Promise<Served> {
    const { model, tokenizer, device, threads } = this.#options;
    const parent = this.baseId;
    if (id === parent)
      throw new UsageError(say`the base model is called ${id} already; give the adapter another id`, {
        code: 'already-exists',
      });
    if (!adapter.head) {
      const loaded = await this.#loaded(id, adapter);
      const { version } = loaded;
      const classifier = await this.#byWords(adapter, version);
      return servedModel(model, { id, parent, loaded, classifier, version });
    }
    const { taskType } = adapter.head;
    if (taskType !== 'sequence-classification' || adapter.tasks)
      throw new UsageError(
        say`${id} cannot be served: its head is for ${taskType}, and only heads that label whole
          texts are`,
        { code: 'unsupported' },
      );
    const version = await versionOf(adapter);
    const classifier = await this.#classifiers.take(contentKey(adapter, version), async () =>
      createClassifier({ model, tokenizer, adapter, device, threads }),
    );
    return servedClassifier(model, { id, parent, adapter, classifier, version });
  }

  /** What labels texts by the words that an adapter, or a whole model, notes for each label. */
  async #byWords(adapter: Adapter | undefined, version: string): Promise<TextClassifier | undefined> {
    const { model, tokenizer, device, threads } = this.#options;
    if (!notedWords(model, adapter)) return undefined;
    const key = adapter ? contentKey(adapter, version) : version;
    return this.#classifiers.take(key, async () =>
      createPromptClassifier({ model, tokenizer, adapter, device, threads }),
    );
  }

  async #loaded(id: string, adapter: Adapter): Promise<LoadedAdapter> {
    const { model, device, threads, maxLoraRank: maxRank = 64 } = this.#options;
    if (adapter.head)
      throw new UsageError(say`${id} cannot be served: it labels texts (${adapter.head.taskType})`, {
        code: 'unsupported',
      });
    try {
      const version = await versionOf(adapter);
      return await this.#adapters.take(contentKey(adapter, version), () =>
        loadForRows(adapter, version, model, { device, threads, maxRank }),
      );
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(say`${id} cannot be served: ${error.message}`, { code: error.code, cause: error });
    }
  }

  #publish(served: Served): void {
    this.#served.set(served.info.id, served);
    this.infos.set(served.info.id, served.info);
  }

  /** Publishes a version in place of the former one: at no moment is there none. */
  async #replace(served: Served): Promise<void> {
    const former = this.#served.get(served.info.id);
    this.#publish(served);
    if (former) await this.#retire(former);
  }

  /** Frees what a version has, once no request uses it. */
  async #retire(served: Served): Promise<void> {
    for (const version of versionsOf(served)) this.#retired.add(version);
    await this.#forgetBetweenSteps();
  }

  #forgetBetweenSteps(): Promise<void> {
    return this.#batch.betweenSteps((decoder) => this.forgetRetired(decoder));
  }

  #prepare(versions: readonly Served[]): Promise<void> {
    const adapters = versions.flatMap(({ loaded }) => loaded ?? []);
    return this.#batch.betweenSteps(async (decoder) => decoder?.prepare(adapters));
  }

  /** Frees versions that are not published after all. */
  async #orFree(versions: readonly Served[], task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      for (const version of versions)
        await this.#batch.betweenSteps((decoder) => this.#free(version, decoder));
      throw error;
    }
  }

  /** Frees what a version has, unless another has it too. */
  async #free({ loaded, classifier }: Served, decoder: RowDecoder | undefined): Promise<void> {
    if (classifier && this.#classifiers.leave(classifier)) await this.#classifierSessions.close(classifier);
    if (!loaded || !this.#adapters.leave(loaded)) return;
    await decoder?.forget(loaded);
    await loaded.dispose();
  }
}

let unknown = 0;

/** The same for adapters that do the same, which is known only of those with content. */
const contentKey = ({ content, placement }: Adapter, version: string): string =>
  content ? `${version} ${placement?.template ?? ''}` : `unknown ${unknown++}`;

/** The versions that rows of a model use: itself, or a selector's candidates. */
const versionsOf = (served: Served): readonly Served[] => served.candidates ?? [served];
