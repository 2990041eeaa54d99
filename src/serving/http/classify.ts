/** @file `POST /v1/classify`: labels of texts, by a head or by the words of labels, in the form of vLLM's route. */
import { randomUUID } from 'node:crypto';
import type { Engine } from '../engine/engine.js';
import { fingerprintOf } from './models.js';
import type { RequestRecord } from './request-record.js';
import type { ClassifyBody } from './schemas.js';

export async function classify(
  engine: Engine,
  { model, input }: ClassifyBody,
  record: RequestRecord,
): Promise<Response> {
  const texts = [input].flat();
  const classified = await engine.classify({ model, texts });
  const read = texts.flatMap((text) => (typeof text === 'string' ? [text] : Object.values(text)));
  record.promptTokens = read.reduce((sum, text) => sum + engine.tokenizer.encode(text).length, 0);
  return Response.json({
    id: `classify-${randomUUID().replaceAll('-', '')}`,
    object: 'list',
    created: Math.floor(Date.now() / 1000),
    model,
    system_fingerprint: fingerprintOf(classified.model),
    data: classified.results.map(({ label, probabilities }, index) => {
      // An object has names that are integers, such as "10" and "2", in an order of its own.
      const probs = classified.labels.map((name) => probabilities[name]!);
      return { index, label, probs, num_classes: probs.length };
    }),
    usage: { prompt_tokens: record.promptTokens, total_tokens: record.promptTokens, completion_tokens: 0 },
  });
}
