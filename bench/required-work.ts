/**
 * @file The multiply-adds that a step of prompt tuning needs at least, counted from shapes alone.
 *
 * What counts, and what does not:
 * - The learned prompt's rows count once, not once per row of the batch: causal attention makes them equal.
 * - A row's last token does not count: nothing is predicted from it.
 * - Forward: every product of a weight matrix with the rows that need it. In the last layer all rows need keys and
 * values, but only those that predict a label need queries, feed-forward and head.
 * - Backward: the gradients of inputs on a path to the prompt, and of no weight. In the first layer, a text's rows get
 * no gradient: they are embeddings of fixed tokens.
 * - Attention: the pairs of a query and a position that it sees; masked pairs do not count.
 * - Only products count: no normalizations, activations, softmax or loss.
 */
import type { LanguageModel } from '../src/models/model.js';

/** A batch of equal rows. */
export interface StepShape {
  readonly batch: number;
  /** Tokens per row, without the prompt. */
  readonly length: number;
  /** Tokens at a row's end that count in the loss. */
  readonly labels: number;
  readonly virtualTokens: number;
}

/** Rows times a weight matrix, or times its transpose. */
export interface Product {
  readonly parameter: string;
  readonly rows: number;
  readonly transposed: boolean;
  /** The columns of the matrix [in, out] that are used, if not all. */
  readonly columns?: readonly [from: number, to: number];
}

export interface RequiredWork {
  readonly products: readonly Product[];
  /** Multiply-adds of the products. */
  readonly inProducts: number;
  /** Multiply-adds of attention: queries with keys, probabilities with values, and their gradients. */
  readonly inAttention: number;
}

/** The work of one forward and backward pass of prompt tuning on a GPT-2. */
export function requiredWork(model: LanguageModel, step: StepShape): RequiredWork {
  const { numLayers, hiddenSize } = model.config;
  const { batch, length, labels, virtualTokens } = step;
  const firstIsLabel = labels === length;
  const textLabels = firstIsLabel ? labels - 1 : labels;
  const text = { rows: batch * (length - 1), predicting: batch * textLabels };
  const prompt = { rows: virtualTokens, predicting: firstIsLabel ? 1 : 0 };

  const products: Product[] = [];
  for (let layer = 0; layer < numLayers; layer++) {
    for (const stream of [prompt, text]) {
      const forward = layerProducts(layer, stream, layer === numLayers - 1, hiddenSize);
      const backward = stream === text && layer === 0 ? forward.filter(isAfterAttention) : forward;
      products.push(...forward, ...backward.map((product) => ({ ...product, transposed: true })));
    }
  }
  const head = { parameter: model.embeddingName, rows: text.predicting + prompt.predicting };
  products.push({ ...head, transposed: true }, { ...head, transposed: false });
  const needed = products.filter(({ rows }) => rows > 0);

  return {
    products: needed,
    inProducts: needed.reduce((sum, product) => sum + multiplyAdds(model, product), 0),
    inAttention: hiddenSize * attentionPairs(step, numLayers, textLabels, prompt.predicting),
  };
}

export function multiplyAdds(model: LanguageModel, { parameter, rows, columns }: Product): number {
  const [height, width] = model.parameters.get(parameter) as [number, number];
  return rows * height * (columns ? columns[1] - columns[0] : width);
}

interface StreamRows {
  readonly rows: number;
  /** Rows whose last hidden state predicts a label. */
  readonly predicting: number;
}

function layerProducts(
  layer: number,
  { rows, predicting }: StreamRows,
  isLast: boolean,
  hiddenSize: number,
): Product[] {
  const product = (part: string, of: number, columns?: Product['columns']): Product => ({
    parameter: `transformer.h.${layer}.${part}.weight`,
    rows: of,
    transposed: false,
    columns,
  });
  const after = isLast ? predicting : rows;
  const queriesKeysValues = isLast
    ? [
        product('attn.c_attn', predicting, [0, hiddenSize]),
        product('attn.c_attn', rows, [hiddenSize, 3 * hiddenSize]),
      ]
    : [product('attn.c_attn', rows)];
  return [
    ...queriesKeysValues,
    ...['attn.c_proj', 'mlp.c_fc', 'mlp.c_proj'].map((part) => product(part, after)),
  ];
}

const isAfterAttention = ({ parameter }: Product) => !parameter.includes('c_attn');

/**
 * Pairs of a query and a position, weighted by the number of products over the hidden size that use them: two forward
 * (scores and weighted values) and four backward (for each of the two, the gradients of both operands). In the first
 * layer the text's own keys, values and queries get no gradient, which leaves three products with the prompt's
 * positions.
 */
function attentionPairs(
  { batch, length, virtualTokens }: StepShape,
  numLayers: number,
  textLabels: number,
  promptPredicting: number,
): number {
  const visibleFrom = (first: number) => {
    let pairs = 0;
    for (let position = first; position < length - 1; position++) pairs += virtualTokens + position + 1;
    return batch * pairs;
  };
  const everyQuery = visibleFrom(0);
  const predictingQueries = visibleFrom(length - 1 - textLabels);
  const ofPrompt = (virtualTokens * (virtualTokens + 1)) / 2;
  const firstLayerBackward = 3 * batch * (length - 1) * virtualTokens;
  return (
    2 * everyQuery +
    firstLayerBackward +
    6 * (numLayers - 2) * everyQuery +
    6 * predictingQueries +
    6 * (numLayers - 1) * ofPrompt +
    6 * promptPredicting * virtualTokens
  );
}
