/** @file A bidirectional LSTM (Hochreiter and Schmidhuber 1997) over the rows of one sequence, as torch.nn.LSTM. */
import { add, concat, matmul, multiply, sigmoid, split, tanh, type Value } from '../../graph/index.js';
import type { Random } from '../../random.js';
import type { TrainableTensors } from '../../tensor.js';
import { uniformTensor } from './linear-start.js';

const directions = ['', '_reverse'] as const;

/** Names and shapes of one layer's tensors in one direction, as in PyTorch. Gate order: input, forget, cell, output. */
function cellShapes(inSize: number, hidden: number) {
  return {
    weight_ih: [4 * hidden, inSize],
    weight_hh: [4 * hidden, hidden],
    bias_ih: [4 * hidden],
    bias_hh: [4 * hidden],
  } as const;
}

/** Adds the tensors of an LSTM of `layers` layers under `<name>.`, initialized as in PyTorch. */
export function addLstm(
  tensors: TrainableTensors,
  name: string,
  { inSize, hidden, layers }: { inSize: number; hidden: number; layers: number },
  random: Random,
): void {
  for (let layer = 0; layer < layers; layer++)
    for (const direction of directions)
      for (const [part, shape] of Object.entries(cellShapes(layer === 0 ? inSize : 2 * hidden, hidden)))
        tensors.set(`${name}.${part}_l${layer}${direction}`, uniformTensor(shape, hidden, random));
}

/** Rows [n, in] → [n, 2·hidden]: the states of both directions at each row. */
export function lstm(rows: Value, values: ReadonlyMap<string, Value>, name: string, layers: number): Value {
  let x = rows;
  for (let layer = 0; layer < layers; layer++) {
    const states = directions.map((direction) => {
      const cell = (part: string) => values.get(`${name}.${part}_l${layer}${direction}`)!;
      return concat(runCell(x, cell, direction === '_reverse'), 0);
    });
    x = concat(states, 1);
  }
  return x;
}

/** h [1, hidden] at every row: c' = σ(f)c + σ(i)tanh(g), h' = σ(o)tanh(c'), with h and c zero before the first. */
function runCell(rows: Value, cell: (part: string) => Value, reverse: boolean): Value[] {
  const bias = add(cell('bias_ih'), cell('bias_hh'));
  const fromRows = add(matmul(rows, cell('weight_ih'), { transposeB: true }), bias);
  const steps = [...split(fromRows, 0, rows.shape[0] as number)];
  if (reverse) steps.reverse();
  const states: Value[] = [];
  let c: Value | undefined;
  for (const step of steps) {
    const before = states.at(-1);
    const gates = before ? add(step, matmul(before, cell('weight_hh'), { transposeB: true })) : step;
    const [i, f, g, o] = split(gates, 1, 4);
    const written = multiply(sigmoid(i!), tanh(g!));
    c = c ? add(multiply(sigmoid(f!), c), written) : written;
    states.push(multiply(sigmoid(o!), tanh(c)));
  }
  return reverse ? states.reverse() : states;
}
