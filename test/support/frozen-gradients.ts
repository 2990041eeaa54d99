/** @file Looks for work that nobody needs in a training graph: gradients of what no trained tensor changes. */
import { vi } from 'vitest';
import { reachableNodes } from '../../src/graph/emitter.js';
import { isInput, operatorTable, type Value } from '../../src/graph/index.js';
import type { Operator } from '../../src/graph/value.js';

/**
 * Builds a graph with its gradients, and names every value whose gradient was built although it depends on no trained
 * tensor: a frozen parameter by its name, another value by its operator.
 * @param trained the names of the graph's inputs that are trained
 */
export function frozenGradients(trained: Iterable<string>, build: () => unknown): string[] {
  const differentiated = new Set<Value>();
  const spies = [...operatorTable.values()].flatMap((operator) => {
    const { gradient } = operator;
    if (!gradient) return [];
    return vi.spyOn(operator as Required<Operator>, 'gradient').mockImplementation((dy, node) =>
      gradient(dy, node).map(
        (thunk, i) =>
          thunk &&
          (() => {
            differentiated.add(node.inputs[i]!);
            return thunk();
          }),
      ),
    );
  });
  try {
    build();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  const names = new Set(trained);
  const isTrained = (value: Value) => isInput(value) && names.has(nameOf(value)!);
  return [...differentiated].flatMap((value) => {
    const changes = reachableNodes([value]).some(({ outputs }) => isTrained(outputs[0]!));
    return changes ? [] : [nameOf(value) ?? value.node.operator.name];
  });
}

/** Of an input or a weight. */
const nameOf = ({ node }: Value) => (node.attributes as { name?: string }).name;
