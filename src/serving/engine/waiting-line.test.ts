import { expect, it } from 'vitest';
import { WaitingLine } from './waiting-line.js';

const item = (client: string, model: string, name: string) => ({ client, model, name, passedOver: 0 });
const line = (...written: string[]) => {
  const waiting = new WaitingLine<ReturnType<typeof item>>();
  for (const words of written) {
    const [client, model, name] = words.split(' ') as [string, string, string];
    waiting.add(item(client, model, name));
  }
  return waiting;
};
const takeAll = (
  waiting: WaitingLine<ReturnType<typeof item>>,
  fits: (name: string) => boolean = () => true,
) => {
  const names: string[] = [];
  for (let next = waiting.take((one) => fits(one.name)); next; next = waiting.take((one) => fits(one.name)))
    names.push(next.name);
  return names.join('');
};

it('lets clients take turns, and the models of each', () => {
  expect(
    takeAll(line('x cats a', 'x cats b', 'x cats c', 'y cats d', 'y dogs e', 'y cats f', 'y dogs g')),
  ).toBe('adbecfg');
});

it('passes over what does not fit, which keeps its turn', () => {
  const waiting = line('x cats a', 'x cats b', 'x dogs c', 'y cats d');
  expect(takeAll(waiting, (name) => name !== 'a')).toBe('cd');
  expect(waiting.length).toBe(2);
  expect(takeAll(waiting)).toBe('ab');
});

it('finally waits for a request that was passed over often', () => {
  const waiting = line('x large a');
  const taken: string[] = [];
  for (let i = 0; i < 100; i++) {
    waiting.add(item('y', 'small', String(i)));
    const next = waiting.take(({ name }) => name !== 'a');
    if (next) taken.push(next.name);
  }
  expect(taken.length).toBe(64);
  expect(waiting.take(() => true)!.name).toBe('a');
});

it('removes requests from any place', () => {
  const waiting = line('x cats a');
  const left = item('x', 'cats', 'b');
  waiting.add(left);
  waiting.add(item('x', 'cats', 'c'));
  expect([waiting.remove(left), waiting.remove(left)]).toEqual([true, false]);
  expect(takeAll(waiting)).toBe('ac');
  expect(
    line('x cats a', 'y dogs b')
      .clear()
      .map(({ name }) => name),
  ).toEqual(['a', 'b']);
});
