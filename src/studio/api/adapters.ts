/** @file Adapters, the vectors of a learned prompt, and attention to it. */
import * as z from 'zod';
import { count, time } from './values.js';

export const adaptersSchema = z.object({
  adapters: z.array(
    z.object({
      /** What `model` of a request to `/v1` calls it. */
      id: z.string(),
      method: z.string(),
      virtualTokens: count,
      /** The labels of one that classifies, by `/v1/classify`. */
      labels: z.array(z.string()).optional(),
      /** Whether it answers a user's message, by `/v1/chat/completions`. */
      chat: z.boolean(),
      /** What a text is put into before it is continued, with fields in braces or in Jinja. */
      template: z.string().optional(),
      /** The fields of `template`. */
      fields: z.array(z.string()),
      /** Whether `adapters/{id}/prompt` and `…/attention` can show it. */
      hasVectors: z.boolean(),
      hasAttention: z.boolean(),
      /** Data and progress, if its files say them. */
      training: z
        .object({
          steps: count,
          examples: count,
          data: z.array(z.string()),
          validationLoss: z.number().optional(),
        })
        .optional(),
      loaded: time,
      /** Such as that it was trained on another model. */
      note: z.string().optional(),
    }),
  ),
  /** Adapters in the folder that cannot be served with this model. */
  refused: z.array(z.object({ id: z.string(), problem: z.string() })),
});
export type Adapters = z.output<typeof adaptersSchema>;
export type Adapter = Adapters['adapters'][number];

const pointSchema = z.tuple([z.number(), z.number()]);
const neighborSchema = z.object({
  id: count,
  token: z.string(),
  similarity: z.number(),
  /** Euclidean. */
  distance: z.number(),
});

/** The vectors of a learned prompt, in the space of the model's embeddings. */
export const promptMapSchema = z.object({
  vectors: z.array(
    z.object({
      norm: z.number(),
      /** The tokens with the highest cosine similarity, nearest first. */
      nearest: z.array(neighborSchema),
      point: pointSchema,
      /** Where it was at steps of its training, the first at the start, the last at the end. */
      path: z.array(z.object({ step: count, point: pointSchema, distance: z.number() })),
    }),
  ),
  /** Euclidean distances between the vectors, n × n. */
  distances: z.array(z.array(z.number())),
  /** Cosine similarities of the vectors, n × n. */
  similarities: z.array(z.array(z.number())),
  /** Tokens on the same map: the nearest ones, and a sample of the vocabulary. */
  vocabulary: z.array(z.object({ id: count, token: z.string(), point: pointSchema, isNear: z.boolean() })),
  /** The share of the variance that each axis of the map has. */
  explained: pointSchema,
  /** Norms of the vocabulary's embeddings, to compare with: minimum, quartiles, maximum. */
  vocabularyNorms: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]),
  /** Why there is no path. */
  note: z.string().optional(),
});
export type PromptMap = z.output<typeof promptMapSchema>;

export const attentionTextSchema = z.strictObject({
  text: z.string().min(1).max(20_000),
  /** Put the text into the adapter's template or chat format, as in generation. Default true. */
  usesTemplate: z.boolean().default(true),
});
export type AttentionText = z.input<typeof attentionTextSchema>;

/** How much each token of a text attends to each virtual token, as mean over the heads of a layer. */
export const attentionSchema = z.object({
  tokens: z.array(z.object({ id: count, text: z.string() })),
  virtualTokens: count,
  /** By layer, then token, then virtual token: shares of 1 that the token divides among all that it sees. */
  layers: z.array(z.array(z.array(z.number()))),
});
export type Attention = z.output<typeof attentionSchema>;
