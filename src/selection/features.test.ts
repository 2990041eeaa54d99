import { expect, it } from 'vitest';
import { useWarmRuntime } from '../../test/support/warm-runtime.js';
import { float32Output } from '../runtime/index.js';
import { statesOfTokens } from './features.js';
import { openInputs } from './rows.js';
import { createStateReader } from './states.js';
import { loadToy, toyRows } from './toy.fixture.js';

useWarmRuntime();

it('gives the states of all tokens, whether there was room to keep them or not', async () => {
  const toy = await loadToy();
  const inputs = await openInputs(toyRows(40, 1), { ...toy, inputField: 'text' });
  const reader = await createStateReader(toy.model, 'states');
  let reads = 0;
  const counted: typeof reader = {
    ...reader,
    read: (ids) => {
      reads++;
      return reader.read(ids);
    },
  };
  const { hiddenSize } = toy.model.config;
  const kept = await statesOfTokens(counted, inputs, { hiddenSize });
  const computed = await statesOfTokens(counted, inputs, { hiddenSize, room: 1000 });
  expect(reads).toBe(3); // 40 rows, 16 at a time

  const rows = [3, 0, 39, 17];
  const [one, other] = [await kept(rows), await computed(rows)];
  expect(reads).toBe(4);
  expect(one.mask).toEqual(other.mask);
  const mask = float32Output(one, 'mask');
  const [states, again] = [float32Output(one, 'states'), float32Output(other, 'states')];
  expect(one.states!.shape).toEqual(other.states!.shape);
  for (const [i, state] of states.entries())
    if (mask[Math.floor(i / hiddenSize)]) expect(state).toBeCloseTo(again[i]!, 4);
  await reader.dispose();
  await inputs.dispose();
});
