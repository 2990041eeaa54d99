import { describe, expect, it } from 'vitest';
import { expectedName, nearestName, wrongName } from './nearest-name.js';

describe('nearestName', () => {
  it('finds a typo and nothing else', () => {
    const names = ['batchSize', 'learningRate', 'seed'];
    expect(nearestName('batchsize', names)).toBe('batchSize');
    expect(nearestName('lerningRate', names)).toBe('learningRate');
    expect(nearestName('sede', names)).toBe('seed');
    expect(nearestName('zzzzzz', names)).toBeUndefined();
    expect(nearestName('x', [])).toBeUndefined();
  });
});

describe('a wrong name', () => {
  const known = ['adamw', 'sgd', 'adafactor'];

  it('gets the one that was probably meant, or all', () => {
    expect(expectedName('adam', known)).toBe('did you mean "adamw"?');
    expect(expectedName('lion', known)).toBe('expected one of adamw, sgd, adafactor');
    expect(expectedName('lion', [])).toBe('expected one of none');
    expect(wrongName('adafctor', known)).toBe('"adafctor" is unknown; did you mean "adafactor"?');
    expect(wrongName('lion', known)).toBe('expected one of adamw, sgd, adafactor, got "lion"');
  });

  it('is another one where more than half of it differs', () => {
    expect(nearestName('de', ['en', 'zh'])).toBeUndefined();
    expect(nearestName('em', ['en', 'zh'])).toBe('en');
  });
});
