import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import { defineMetric } from '../evaluation/metrics/define-metric.js';
import { promptTuning } from '../methods/prompt-tuning.js';
import { pack, unpack } from './messages.js';

describe('pack and unpack', () => {
  it('carry options, callbacks and signals', () => {
    const heard: unknown[] = [];
    const { signal } = new AbortController();
    const options = { data: [{ a: 1 }], steps: 3, signal, onEvent: (event: unknown) => heard.push(event) };
    const { value, callbacks, signals } = pack(['a', options]);
    const [first, unpacked] = unpack(structuredClone(value), {
      object: () => ({}),
      callback: (id) => callbacks[id]!,
      signal: (id) => signals[id]!,
      file: () => '',
    }) as [string, typeof options];
    expect(first).toBe('a');
    expect(unpacked).toEqual({ ...options, signal, onEvent: callbacks[0] });
    unpacked.onEvent('step');
    expect(heard).toEqual(['step']);
  });

  const refused = (options: object) => {
    try {
      pack([options]);
    } catch (error) {
      return error as UsageError;
    }
    throw new Error('nothing was refused');
  };

  it('refuse values of one’s own by the option that has them', () => {
    const method = refused({ method: { ...promptTuning, name: 'mine' } });
    expect(method).toBeInstanceOf(UsageError);
    expect(method.code).toBe('unsupported');
    expect(method.message).toMatch(
      /^method: expected a name; values of your own, with functions such as \w+, work in Node.js alone/,
    );
    const metric = defineMetric({ name: 'mine', description: '', row: () => 1 } as never);
    expect(refused({ metrics: ['accuracy', metric] }).problems).toMatchObject([{ path: ['metrics'] }]);
    expect(refused({ transform: () => ({}) }).message).toBe(
      'transform: functions work in Node.js alone: in a browser the library is in another thread',
    );
  });
});
