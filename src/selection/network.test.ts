import { expect, it } from 'vitest';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { seededRandom } from '../random.js';
import { float32Output, type NamedTensors, Session } from '../runtime/index.js';
import { float32Tensor } from '../tensor.js';
import { standardize } from './features.js';
import { createNetwork, type NetworkSizes, softTargets, trainingGraph } from './network.js';
import { reportOf } from './report.js';
import { createScorer } from './scorer.js';
import { createStateReader } from './states.js';
import { loadToy } from './toy.fixture.js';

useWarmRuntime();

const sizes: NetworkSizes = {
  kind: 'linear',
  candidates: 3,
  hiddenSize: 4,
  width: 8,
  layers: 1,
};
const random = seededRandom(4);
const numbers = (...shape: number[]) =>
  float32Tensor(
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()),
  );

it('soft targets are softmax(-loss/τ)', () => {
  const losses = [Float32Array.of(1, 900), Float32Array.of(3, 902)];
  const share = 1 / (1 + Math.exp(-1));
  const targets = softTargets(losses, 2);
  for (const [i, expected] of [share, 1 - share, share, 1 - share].entries())
    expect(targets[i]).toBeCloseTo(expected, 6);
});

it('the linear selector scores W(x - mean)/deviation + b, and its loss is the cross-entropy with the targets', async () => {
  const network = createNetwork(sizes, 0);
  network.tensors.set('out.weight', numbers(3, 8)).set('out.bias', numbers(3));
  const pooled = numbers(2, 8);
  standardize(network.fixed, Float32Array.of(...pooled.data, ...pooled.data), 8);
  expect(network.fixed.get('pooled.mean')!.data[3]).toBeCloseTo((pooled.data[3]! + pooled.data[11]!) / 2, 6);
  const weight = network.tensors.get('out.weight')!.data.slice();
  const bias = network.tensors.get('out.bias')!.data.slice();
  // Of two rows, standardized numbers are 1 and -1.
  const expected = [0, 1].map((row) =>
    [0, 1, 2].map((c) => {
      const terms = Array.from({ length: 8 }, (_, i) => {
        const sign = Math.sign(pooled.data[row * 8 + i]! - pooled.data[(1 - row) * 8 + i]!);
        return sign * weight[c * 8 + i]!;
      });
      return terms.reduce((a, b) => a + b, bias[c]!);
    }),
  );
  const scorer = await createScorer(sizes, network);
  const scores = await scorer.scores({ pooled });
  await scorer.dispose();
  for (const [row, own] of expected.entries())
    for (const [c, score] of own.entries()) expect(scores[row]![c]).toBeCloseTo(score, 4);

  const targets = float32Tensor([2, 3], [0.5, 0.25, 0.25, 0, 0, 1]);
  const loss = expected.reduce((sum, own, row) => {
    const logSum = Math.log(own.reduce((total, score) => total + Math.exp(score), 0));
    return sum + own.reduce((part, score, c) => part + targets.data[row * 3 + c]! * (logSum - score), 0);
  }, 0);
  const session = await Session.create(trainingGraph(sizes, network).bytes);
  const outputs = await session.run(
    { pooled, targets, scale: float32Tensor([], [1]) },
    Object.fromEntries([...network.tensors, ...network.fixed]),
  );
  await session.dispose();
  expect(float32Output(outputs, 'loss')[0]).toBeCloseTo(loss, 4);
  // d loss / d b = Σ softmax(scores) - targets
  const slope = [0, 1, 2].map((c) =>
    expected.reduce((sum, own, row) => {
      const total = own.reduce((part, score) => part + Math.exp(score), 0);
      return sum + Math.exp(own[c]!) / total - targets.data[row * 3 + c]!;
    }, 0),
  );
  for (const [c, value] of slope.entries())
    expect(float32Output(outputs, 'gradient.out.bias')[c]).toBeCloseTo(value, 4);
});

it.each(['linear', 'transformer'] as const)('a %s selector starts without a preference', async (kind) => {
  const scorer = await createScorer({ ...sizes, kind }, createNetwork({ ...sizes, kind }, 1));
  const states: NamedTensors =
    kind === 'linear'
      ? { pooled: numbers(2, 8) }
      : { states: numbers(2, 3, 4), mask: float32Tensor([2, 3], [1, 1, 1, 1, 0, 0]) };
  expect((await scorer.scores(states)).map((scores) => [...scores])).toEqual([
    [0, 0, 0],
    [0, 0, 0],
  ]);
  await scorer.dispose();
});

it('pooled states are the mean over the tokens and the last one, whatever stands beside a text', async () => {
  const { model } = await loadToy();
  const texts = [
    [5, 17, 60, 2, 33],
    [90, 1],
  ].map((ids) => Int32Array.from(ids));
  const tokens = await createStateReader(model, 'states');
  const reader = await createStateReader(model, 'pooled');
  const size = model.config.hiddenSize;
  const pooled = (await reader.read(texts)).pooled!.data as Float32Array;
  for (const [row, ids] of texts.entries()) {
    const states = (await tokens.read([ids])).states!.data as Float32Array;
    for (let i = 0; i < size; i++) {
      const own = Array.from(ids, (_, position) => states[position * size + i]!);
      expect(pooled[row * 2 * size + i]).toBeCloseTo(own.reduce((a, b) => a + b) / own.length, 4);
      expect(pooled[(row * 2 + 1) * size + i]).toBeCloseTo(own.at(-1)!, 4);
    }
  }
  await reader.dispose();
  await tokens.dispose();
});

it('reports what one candidate, the choices and the best choices would have lost', () => {
  const candidates = [{ name: 'a' }, { name: 'b' }];
  const table = {
    losses: [Float32Array.of(1, 5, 2, 4), Float32Array.of(3, 1, 2, 8)],
    tokens: Int32Array.of(1, 2, 1, 2),
  };
  expect(reportOf(candidates, table, [0, 1, 1, 1])).toEqual({
    rows: 4,
    labelTokens: 6,
    candidates: [
      { name: 'a', loss: 12 / 6, chosen: 1, best: 3 },
      { name: 'b', loss: 14 / 6, chosen: 3, best: 1 },
    ],
    bestSingle: { name: 'a', loss: 2 },
    selector: (1 + 1 + 2 + 8) / 6,
    oracle: (1 + 1 + 2 + 4) / 6,
    accuracy: 3 / 4,
  });
});
