import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FileError } from '../errors.js';
import { parseLlamaConfig } from './llama-config.js';

interface Case {
  readonly config: Readonly<Record<string, unknown>>;
  readonly kinds: Readonly<Record<string, { readonly frequencies: number[]; readonly factor: number }>>;
}

const cases: Case[] = JSON.parse(readFileSync(new URL('./rotary.fixture.json', import.meta.url), 'utf8'));
const isLlamaLike = ({ config }: Case) => !['phi', 'gpt_neox'].includes(`${config.model_type}`);

describe('frequencies are those of transformers', () => {
  it.each(cases.filter(isLlamaLike).map((one, i) => [`${one.config.model_type} ${i}`, one] as const))(
    '%s',
    (_, { config, kinds }) => {
      let parsed: ReturnType<typeof parseLlamaConfig>;
      try {
        parsed = parseLlamaConfig(config, 'config.json');
      } catch (error) {
        expect(error).toBeInstanceOf(FileError); // what is not read is refused by name
        return;
      }
      const found = parsed.attentionPatterns.map(({ rotary }) => rotary!);
      for (const { frequencies, factor } of Object.values(kinds)) {
        const match = found.find(
          (rotary) =>
            Math.abs(rotary.factor - factor) < 1e-6 &&
            rotary.frequencies.length === frequencies.length &&
            frequencies.every((x, i) => Math.abs(x - rotary.frequencies[i]!) <= 1e-6 * Math.max(x, 1e-3)),
        );
        expect(match, JSON.stringify({ config, frequencies, found })).toBeDefined();
      }
    },
  );
});

it.each(['rope_parameters', 'rope_scaling'])('refuses %s that is no object', (name) => {
  const { config } = cases.find(isLlamaLike)!;
  for (const [value, found] of [
    ['\0', 'a string'],
    [[], 'an array'],
    [3, 'a number'],
  ])
    expect(() => parseLlamaConfig({ ...config, [name]: value }, 'config.json')).toThrow(
      `config.json (${name}): expected an object, found ${found}`,
    );
});
