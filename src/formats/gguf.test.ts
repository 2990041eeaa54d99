import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { fileSystem } from '#platform';
import { FileError } from '../errors.js';
import { type GgufFile, readGgufBytes, readGgufHeader } from './gguf.js';
import { dequantize, quantizeQ4, quantizeQ8, readableTypes } from './gguf-blocks.js';
import { useTemporaryFolder } from './temporary-folder.fixture.js';

// Written and read by the Python package `gguf`: tools/golden/make_gguf_fixture.py.
const fixture = join(import.meta.dirname, 'gguf.fixture.gguf');

const inFolder = useTemporaryFolder();
let whole: Buffer;
beforeAll(async () => {
  whole = await readFile(fixture);
});

async function numbersOf(file: GgufFile, name: string): Promise<Float32Array> {
  const tensor = file.tensors.get(name)!;
  const handle = await fileSystem.open(file.path, 'read');
  try {
    const bytes = await readGgufBytes(handle, file.path, tensor);
    const numbers = dequantize(tensor.type, bytes, tensor.shape[0]! * tensor.shape[1]!);
    return numbers.map((x) => x + 0); // -0 is 0
  } finally {
    await handle.close();
  }
}

async function errorOf(bytes: Uint8Array): Promise<FileError> {
  const path = inFolder('a.gguf');
  await writeFile(path, bytes);
  const error = await readGgufHeader(path).then(
    () => undefined,
    (caught) => caught,
  );
  expect(error).toBeInstanceOf(FileError);
  return error;
}

/** A header by hand: numbers are little-endian of the size that is said. */
function bytesOf(...parts: (string | readonly [bits: 8 | 32 | 64, value: number])[]): Buffer {
  return Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'string') {
        const text = Buffer.from(part);
        return Buffer.concat([bytesOf([64, text.length]), text]);
      }
      const [bits, value] = part;
      const bytes = Buffer.alloc(bits / 8);
      if (bits === 64) bytes.writeBigUInt64LE(BigInt(value));
      else bytes.writeUIntLE(value, 0, bits / 8);
      return bytes;
    }),
  );
}

const header = (tensors: number, keys: number, version = 3) =>
  Buffer.concat([Buffer.from('GGUF'), bytesOf([32, version], [64, tensors], [64, keys])]);

/** A file with one tensor of float32. */
function oneTensor(parts: { dims?: number[]; type?: number; offset?: number; data?: number } = {}): Buffer {
  const { dims = [8], type = 0, offset = 0, data = 32 } = parts;
  const info = bytesOf(
    't',
    [32, dims.length],
    ...dims.map((d) => [64, d] as const),
    [32, type],
    [64, offset],
  );
  const start = Buffer.concat([header(1, 0), info]);
  return Buffer.concat([start, Buffer.alloc((32 - (start.length % 32)) % 32), Buffer.alloc(data)]);
}

describe('a file of the reference implementation', () => {
  it('gives metadata of every type', async () => {
    const { metadata } = await readGgufHeader(fixture);
    expect(Object.fromEntries(metadata)).toEqual({
      'general.architecture': 'test',
      u8: 255,
      i8: -128,
      u16: 65535,
      i16: -32768,
      u32: 4294967295,
      i32: -2147483648,
      f32: Math.fround(0.1),
      bool: true,
      string: '猫 and 🐈',
      array: ['a', '', 'b'],
      u64: 2n ** 64n - 1n,
      i64: -5,
      f64: 0.1,
    });
  });

  it.each(readableTypes)('gives the numbers of %s that the reference reads', async (type) => {
    const file = await readGgufHeader(fixture);
    expect(file.tensors.get(type)).toMatchObject({ type, shape: [2, 256] });
    const numbers = await numbersOf(file, type);
    expect(new Set(numbers).size).toBeGreaterThan(100);
    expect(numbers).toEqual(await numbersOf(file, `expected.${type}`));
  });

  it('may have a header longer than the first read', async () => {
    const texts = Array.from({ length: 20_000 }, (_, i) => `${i} `.padEnd(100, 'x'));
    const list = bytesOf('tokens', [32, 9], [32, 8], [64, texts.length], ...texts);
    const path = inFolder('long.gguf');
    await writeFile(path, Buffer.concat([header(0, 1), list]));
    expect((await readGgufHeader(path)).metadata.get('tokens')).toEqual(texts);
  });
});

describe('a damaged file', () => {
  it('is refused wherever it was cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), async (length) => {
        const { message } = await errorOf(whole.subarray(0, length));
        expect(message).toContain('a.gguf');
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  it('is either refused or read, whichever byte of its header is wrong', async () => {
    const path = inFolder('a.gguf');
    const headerBytes = (await readGgufHeader(fixture)).tensors.get('F32')!.offset;
    await fc.assert(
      fc.asyncProperty(fc.nat(headerBytes - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = Buffer.from(whole);
        damaged[at]! ^= change;
        await writeFile(path, damaged);
        const result = await readGgufHeader(path).catch((error) => error);
        if (result instanceof Error) expect(result).toBeInstanceOf(FileError);
        else
          for (const { offset, byteLength } of result.tensors.values()) {
            expect(offset + byteLength).toBeLessThanOrEqual(damaged.length);
          }
      }),
      { seed: 2, numRuns: 100 },
    );
  });

  it.each<[string, Buffer, string]>([
    [
      'another format',
      Buffer.from('PK\u0003\u0004 and more'),
      '(header): expected "GGUF" at the start, found ',
    ],
    ['version 1', header(0, 0, 1), '(header): its version is 1, expected version 2 or 3'],
    ['big-endian', header(0, 0, 0x03000000), '(header): it is big-endian'],
    ['too many tensors', header(2 ** 40, 0), `(header): the header announces ${2 ** 40} tensors`],
    [
      'too long a text',
      Buffer.concat([header(0, 1), bytesOf([64, 2 ** 50], [64, 0])]),
      'bytes of text, more than the file can hold',
    ],
    [
      'a key twice',
      Buffer.concat([header(0, 2), bytesOf('k', [32, 0], [8, 1], 'k', [32, 0], [8, 1])]),
      '(k): the header has this key twice',
    ],
    [
      'an unknown type',
      Buffer.concat([header(0, 1), bytesOf('k', [32, 13], [64, 0])]),
      '(k): 13 is not a type',
    ],
    ['a boolean of 2', Buffer.concat([header(0, 1), bytesOf('k', [32, 7], [8, 2])]), '(k): expected 0 or 1'],
    [
      'too long a list',
      Buffer.concat([header(0, 1), bytesOf('k', [32, 9], [32, 4], [64, 2 ** 40])]),
      `(k): the header announces ${2 ** 40} items`,
    ],
    [
      'deep lists',
      Buffer.concat([
        header(0, 1),
        bytesOf(
          'k',
          [32, 9],
          ...Array.from(
            { length: 9 },
            () =>
              [
                [32, 9],
                [64, 1],
              ] as const,
          ).flat(),
        ),
        Buffer.alloc(64),
      ]),
      '(k): lists are nested more than 4 deep',
    ],
    [
      'text that is not UTF-8',
      Buffer.concat([header(0, 1), bytesOf([64, 4]), Buffer.from([255, 254, 0, 0, 0, 0, 0, 0, 0])]),
      'is not UTF-8',
    ],
    ['five dimensions', oneTensor({ dims: [1, 1, 1, 1, 1] }), '(t): it has 5 dimensions'],
    ['a size of 0', oneTensor({ dims: [0] }), '(t): its shape [0] is impossible'],
    ['sizes whose product is too large', oneTensor({ dims: [2 ** 40, 2 ** 40] }), 'is impossible'],
    ['an unknown type of tensor', oneTensor({ type: 200 }), '(t): its type 200 is not supported'],
    [
      'a row that is not whole blocks',
      oneTensor({ type: 2, dims: [8] }),
      '(t): its rows have 8 elements, expected a multiple of 32',
    ],
    ['an offset that is elsewhere', oneTensor({ offset: 32, data: 64 }), '(t): its offset is 32, expected 0'],
    ['missing data', oneTensor({ data: 31 }), '(t): the file has 95 bytes, but this tensor ends at 96'],
  ])('with %s is refused', async (_, bytes, message) => {
    expect((await errorOf(bytes)).message).toContain(message);
  });

  it('that is missing is refused', async () => {
    await expect(readGgufHeader(inFolder('none.gguf'))).rejects.toThrow('there is no such file');
  });
});

it('rounds numbers to Q8_0 as gguf-py does (gguf.quants.quantize, gguf 0.19)', () => {
  const numbers = Float32Array.from({ length: 64 }, (_, i) => (i < 32 ? (((i * 37) % 64) - 31.5) / 7 : 0));
  const expected = [
    ...[
      137, 40, 129, 22, 169, 62, 210, 103, 250, 141, 34, 181, 75, 222, 115, 6, 153, 46, 194, 87, 234, 127, 18,
    ],
    ...[165, 58, 206, 99, 246, 137, 30, 177, 71, 218, 111],
    ...new Array<number>(34).fill(0),
  ];
  expect([...quantizeQ8(numbers)]).toEqual(expected);
});

it('computes in float32 for Q8_0, as ggml does: -0.8 of at most 1.6 is halfway between two levels there', () => {
  const numbers = Float32Array.from({ length: 32 }, (_, i) => [0.6, -1.6, -0.8][i] ?? 0);
  const expected = [115, 34, 48, 129, 192, ...new Array<number>(29).fill(0)];
  expect([...quantizeQ8(numbers)]).toEqual(expected);
});

it('rounds numbers to Q4_1 as gguf-py does', () => {
  const numbers = Float32Array.from({ length: 64 }, (_, i) => (i < 32 ? (((i * 37) % 64) - 31.5) / 7 : 0.25));
  const expected = [
    ...[205, 56, 128, 196, 64, 217, 98, 251, 149, 46, 183, 81, 218, 115, 12, 149, 62, 200, 81, 234],
    ...[0, 0, 0, 52, ...new Array<number>(16).fill(0)],
  ];
  expect([...quantizeQ4(numbers)]).toEqual(expected);
});
