import { writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileError } from '../errors.js';
import { invalidAt, readJsonObject } from './json.js';
import { useTemporaryFolder } from './temporary-folder.fixture.js';

const inFolder = useTemporaryFolder();

async function errorFor(text: string): Promise<FileError> {
  await writeFile(inFolder('config.json'), text);
  const error = await readJsonObject(inFolder('config.json')).catch((caught) => caught);
  expect(error).toBeInstanceOf(FileError);
  expect(error.path).toBe(inFolder('config.json'));
  return error;
}

describe('readJsonObject', () => {
  it('reads an object', async () => {
    await writeFile(inFolder('config.json'), '{"名": [1, null]}');
    expect(await readJsonObject(inFolder('config.json'))).toEqual({ 名: [1, null] });
  });

  it('refuses a key that is there twice', async () => {
    const error = await errorFor('{"a": 1, "b": {"a": 2}, "\\u0061": 3}');
    expect(error.message).toMatch(/config\.json \(a\): the key is there twice in one object; remove one$/);
  });

  it('reads past a byte order mark, which some editors put before the text', async () => {
    await writeFile(inFolder('config.json'), '\ufeff{"a": 1}');
    expect(await readJsonObject(inFolder('config.json'))).toEqual({ a: 1 });
  });

  it.each([
    ['a comma too many', '{\n  "a": 1,\n}', 'line 3, column 1'],
    ['a colon too few', '{"a" 1}', 'line 1, column 6'],
    ['an unknown word', '{\n  "a": [1, tru]\n}', 'line 2, column 12'],
    ['a string without its end', '{"a": "b', 'line 1, column 7'],
    ['a file that ends early', '{"a": 1,\n', 'line 2, column 1'],
    ['an empty file', '', 'line 1, column 1'],
    ['text after the end', '{}\n{}', 'line 2, column 1'],
  ])('says where: %s', async (_, text, place) => {
    const error = await errorFor(text);
    expect(error.place).toBe(place);
    expect(error.message).toContain('it is not valid JSON');
  });

  it.each(['[]', 'null', '"text"', '1'])('refuses %s', async (text) => {
    expect((await errorFor(text)).message).toContain('expected a JSON object');
  });

  it('names the path and its problem', async () => {
    await expect(readJsonObject(inFolder('none.json'))).rejects.toThrow(
      /none\.json: .*there is no such file/,
    );
    await expect(readJsonObject(inFolder())).rejects.toThrow('this is a folder, not a file');
  });
});

describe('invalidAt', () => {
  it('finds nothing in JSON', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), (json, indent) => {
        const text = JSON.stringify(JSON.parse(json), null, indent);
        return invalidAt(text) === text.length;
      }),
      { seed: 2 },
    );
  });

  it('finds the beginning of the token at which JSON.parse stops, in text with one character replaced', () => {
    let compared = 0;
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom(...'{}[],:"\\ \n01-.eEtn\u0001\u007f'),
        (json, where, character) => {
          const at = where % json.length;
          const text = json.slice(0, at) + character + json.slice(at + 1);
          const found = invalidAt(text);
          try {
            JSON.parse(text);
            return found === text.length;
          } catch (error) {
            const said = /at position (\d+)/.exec((error as Error).message)?.[1]; // some messages say it
            if (said === undefined) return found <= text.length;
            compared++;
            return found === Number(said) || (found < Number(said) && /["\-\w.]/.test(text[found]!));
          }
        },
      ),
      { seed: 3, numRuns: 3000 },
    );
    expect(compared).toBeGreaterThan(500);
  });
});
