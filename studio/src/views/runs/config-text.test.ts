import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { flattened, yamlOf } from './config-text.js';

const config = {
  data: 'a: b.jsonl',
  labels: ['no', 'yes'],
  methodOptions: {},
  optimizer: { name: 'adamw', weightDecay: 0.01 },
  verbalizer: { '1.0': 'good: very' },
};

it('writes YAML that says the same', () => {
  expect(parse(yamlOf(config))).toEqual(config);
});

it('has one line per value', () => {
  expect(flattened(config)).toEqual([
    { key: 'data', value: 'a: b.jsonl' },
    { key: 'labels', value: '["no","yes"]' },
    { key: 'optimizer.name', value: 'adamw' },
    { key: 'optimizer.weightDecay', value: '0.01' },
    { key: 'verbalizer.1.0', value: 'good: very' },
  ]);
});
