import { describe, expect, it } from 'vitest';
import { withoutSecrets } from './secrets.js';

describe('withoutSecrets', () => {
  it.each([
    ['http://anna:geheim@proxy:8080/x failed', 'http://…@proxy:8080/x failed'],
    ['https://token@host', 'https://…@host'],
    ['"https://host/v1?api_key=abc&x=1"', '"https://host/v1?api_key=…&x=1"'],
    ['Headers.set: "Bearer hf_abcDEF123456" is invalid', 'Headers.set: "Bearer …" is invalid'],
    ['sk-proj-abcdefgh12345 is wrong', '… is wrong'],
    ['anna@example.org wrote to a/b@c', 'anna@example.org wrote to a/b@c'],
    ['https://huggingface.co/a/b', 'https://huggingface.co/a/b'],
  ])('%s', (text, shown) => {
    expect(withoutSecrets(text)).toBe(shown);
  });
});
