/** @file `matmul`: the machine's speed of float32 products with this model's shapes in ONNX Runtime. */

import { loadModel } from '../../src/loading/load-model.js';
import type { LanguageModel } from '../../src/models/model.js';
import { standardStep } from '../example-step.js';
import { interleave } from '../measure.js';
import type { Part } from '../part.js';
import { loadProducts } from '../products-graph.js';
import type { Row } from '../report.js';
import { multiplyAdds, type Product, requiredWork } from '../required-work.js';

export const matmul: Part = async ({ model: folder }) => {
  const model = await loadModel(folder);
  const { products, inProducts } = requiredWork(model, standardStep);
  const work = (group: readonly Product[]) => group.reduce((sum, part) => sum + multiplyAdds(model, part), 0);
  const groups = [...byShape(model, products)].filter(([, group]) => work(group) > 0.01 * inProducts);

  const rows: Row[] = [];
  for (const [product, group] of [...groups, ['all of a step', products] as const]) {
    const mapped = await loadProducts(model, group);
    const packed = await loadProducts(model, group, { prepacking: true });
    const times = await interleave(5, { mapped: mapped.run, packed: packed.run });
    await mapped.dispose();
    await packed.dispose();
    rows.push({
      product,
      'a step': group.length,
      'G multiply-adds': work(group) / 1e9,
      'GFLOP/s': (2 * work(group)) / times.mapped.median / 1e9,
      'GFLOP/s, weights repacked': (2 * work(group)) / times.packed.median / 1e9,
    });
  }
  return {
    rows,
    notes: [
      'W is read as it lies in its file, and Wᵀ from the same bytes, as steps do it: repacked weights are private copies.',
      'Shapes that make up less than 1 % of a step are in the last line alone.',
    ],
  };
};

function byShape(model: LanguageModel, products: readonly Product[]): Map<string, Product[]> {
  const groups = new Map<string, Product[]>();
  for (const product of products) {
    const { parameter, rows, transposed } = product;
    const [height, width] = model.parameters.get(parameter) as [number, number];
    const [from, to] = product.columns ?? [0, width];
    const name = transposed
      ? `[${rows}, ${to - from}] · Wᵀ [${to - from}, ${height}]`
      : `[${rows}, ${height}] · W [${height}, ${to - from}]`;
    groups.set(name, [...(groups.get(name) ?? []), product]);
  }
  return groups;
}
