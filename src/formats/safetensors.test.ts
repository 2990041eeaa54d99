import { mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileError } from '../errors.js';
import { type DType, elementCount, type Tensor, tensorOf } from '../tensor.js';
import {
  readFloat32,
  readSafetensorsHeader,
  readTensor,
  type SafetensorsFile,
  writeSafetensors,
} from './safetensors.js';

let root: string;
let path: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'promptune-safetensors-'));
  path = join(root, 'x.safetensors');
});
afterAll(() => rm(root, { recursive: true }));

const makers = {
  float32: (count: number) => Float32Array.from({ length: count }, (_, i) => i - 1.5),
  float64: (count: number) => Float64Array.from({ length: count }, (_, i) => i / 3),
  float16: (count: number) => Uint16Array.from({ length: count }, (_, i) => 0x3c00 + i),
  bfloat16: (count: number) => Uint16Array.from({ length: count }, (_, i) => 0x3f80 + i),
  int64: (count: number) => BigInt64Array.from({ length: count }, (_, i) => BigInt(i) - 2n ** 62n),
  int32: (count: number) => Int32Array.from({ length: count }, (_, i) => -i),
  uint8: (count: number) => Uint8Array.from({ length: count }, (_, i) => i),
  bool: (count: number) => Uint8Array.from({ length: count }, (_, i) => i % 2),
};

function makeTensor<D extends DType>(dtype: D, shape: number[]): Tensor {
  return tensorOf<DType>(dtype, shape, makers[dtype](elementCount(shape)));
}

/** A file with this header, given as a value or as text, and so many bytes of data. */
function fileOf(header: unknown, dataBytes = 0): Buffer {
  const text = Buffer.isBuffer(header)
    ? header
    : Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(dataBytes)]);
}

const entry = (begin: unknown, end: unknown, { dtype = 'F32', shape = [1] as unknown } = {}) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

async function readAll(file: SafetensorsFile): Promise<Map<string, Tensor>> {
  const tensors = new Map<string, Tensor>();
  for (const name of file.tensors.keys()) tensors.set(name, await readTensor(file, name));
  return tensors;
}

const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => expect.unreachable('should have failed'),
    (error) => error,
  );

describe('writing and reading', () => {
  it('give back names, types, shapes, numbers and metadata', async () => {
    const name = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('__proto__', 'constructor', 'toString', '0', '10', '', '"\\\n', '权重.😀', '\u{ffff}'),
    );
    const shape = fc.array(fc.nat({ max: 4 }), { maxLength: 4 });
    const dtype = fc.constantFrom(...(Object.keys(makers) as DType[]));
    const tensor = fc.tuple(name, dtype, shape).filter(([name]) => name !== '__metadata__');
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(tensor, { selector: ([name]) => name, maxLength: 6 }),
        fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string(), { noNullPrototype: true, maxKeys: 3 }),
        async (list, metadata) => {
          const tensors = new Map(list.map(([name, dtype, shape]) => [name, makeTensor(dtype, shape)]));
          await writeSafetensors(path, tensors, metadata);
          const file = await readSafetensorsHeader(path);
          expect(new Map([...(await readAll(file))].sort())).toEqual(new Map([...tensors].sort()));
          expect(file.metadata).toEqual(metadata);
        },
      ),
      { seed: 1, numRuns: 100 },
    );
  });

  it('reproduce a file of the reference implementation byte for byte', async () => {
    const reference = 'test/golden/cases/gpt2__prompt-tuning/adapter/adapter_model.safetensors';
    const file = await readSafetensorsHeader(reference);
    expect(file.metadata).toEqual({ format: 'pt' });
    expect(file.tensors.get('prompt_embeddings')).toMatchObject({ dtype: 'F32', shape: [5, 32] });
    await writeSafetensors(path, await readAll(file), file.metadata);
    expect(await readFile(path)).toEqual(await readFile(reference));
  });

  it('lay tensors out as the reference implementation: by type from U64 down to BOOL, then by name', async () => {
    const names = ['b', 'a', '10', '9', '\u{10000}', '\u{ff5e}'];
    const tensors = new Map<string, Tensor>();
    for (const dtype of Object.keys(makers) as DType[])
      for (const name of names) tensors.set(`${name} ${dtype}`, makeTensor(dtype, [1]));
    await writeSafetensors(path, tensors);
    const { tensors: written } = await readSafetensorsHeader(path);
    const sortedNames = ['10', '9', 'a', 'b', '\u{ff5e}', '\u{10000}']; // by UTF-8 bytes
    expect([...written.keys()]).toEqual(
      ['int64', 'float64', 'float32', 'int32', 'bfloat16', 'float16', 'uint8', 'bool'].flatMap((dtype) =>
        sortedNames.map((name) => `${name} ${dtype}`),
      ),
    );
    const text = await readFile(path, 'latin1');
    expect(text.slice(8)).toMatch(/^\{"__metadata__":\{"format":"pt"\},"10 int64":/);
  });

  it('align the data to 8 bytes', async () => {
    for (const name of ['a', 'ab', 'abcdefgh']) {
      await writeSafetensors(path, new Map([[name, makeTensor('float32', [1])]]));
      expect((await readSafetensorsHeader(path)).tensors.get(name)!.offset % 8).toBe(0);
    }
  });

  it('of a view write what the view shows', async () => {
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
    await writeSafetensors(path, new Map([['a', tensorOf('float32', [2], data)]]));
    const file = await readSafetensorsHeader(path);
    expect((await readTensor(file, 'a')).data).toEqual(Float32Array.of(2, 3));
  });
});

describe('reading', () => {
  it('gives the place of every tensor in the file, and its real path', async () => {
    await writeFile(
      path,
      fileOf({ b: entry(4, 12, { dtype: 'I64' }), a: entry(0, 4), c: entry(12, 12, { shape: [0] }) }, 12),
    );
    const link = join(root, 'link.safetensors');
    await symlink(path, link);
    const file = await readSafetensorsHeader(link);
    const start = (await readFile(path)).length - 12;
    expect(file.path).toBe(path);
    expect(file.metadata).toEqual({});
    expect([...file.tensors.values()]).toEqual([
      { name: 'a', dtype: 'F32', shape: [1], offset: start, byteLength: 4 },
      { name: 'b', dtype: 'I64', shape: [1], offset: start + 4, byteLength: 8 },
      { name: 'c', dtype: 'F32', shape: [0], offset: start + 12, byteLength: 0 },
    ]);
  });

  it('as float32 converts every floating-point type, and refuses others', async () => {
    await writeSafetensors(
      path,
      new Map<string, Tensor>([
        ['half', { dtype: 'float16', shape: [2], data: Uint16Array.of(0x3c00, 0xc000) }],
        ['brain', { dtype: 'bfloat16', shape: [2], data: Uint16Array.of(0x3f80, 0xc000) }],
        ['single', { dtype: 'float32', shape: [2], data: Float32Array.of(1, -2) }],
        ['double', { dtype: 'float64', shape: [2], data: Float64Array.of(1, -2) }],
        ['whole', { dtype: 'int32', shape: [2], data: Int32Array.of(1, -2) }],
      ]),
    );
    const file = await readSafetensorsHeader(path);
    for (const name of ['half', 'brain', 'single', 'double'])
      expect(await readFloat32(file, name)).toEqual({
        dtype: 'float32',
        shape: [2],
        data: Float32Array.of(1, -2),
      });
    await expect(readFloat32(file, 'whole')).rejects.toThrow('(whole): expected floating-point numbers');
    await expect(readFloat32(file, 'none')).rejects.toThrow('(none): the file has no such tensor');
  });

  it('of an unsupported type is refused only when it is read', async () => {
    await writeFile(path, fileOf({ a: entry(0, 2, { dtype: 'F8_E4M3', shape: [2] }) }, 2));
    const file = await readSafetensorsHeader(path);
    await expect(readTensor(file, 'a')).rejects.toThrow('(a): tensors of type F8_E4M3 are not supported');
  });

  it('of a file that shrinks after its header was read fails', async () => {
    await writeSafetensors(path, new Map([['a', makeTensor('float32', [100])]]));
    const file = await readSafetensorsHeader(path);
    const handle = await open(path, 'r+');
    await handle.truncate(file.tensors.get('a')!.offset + 10);
    await handle.close();
    expect(await failure(readTensor(file, 'a'))).toBeInstanceOf(FileError);
    await rm(path);
    expect(await failure(readTensor(file, 'a'))).toBeInstanceOf(FileError);
  });

  it.each([
    ['nothing', 'none.safetensors'],
    ['a folder', '.'],
    ['a path through a file', 'x.safetensors/y'],
  ])('of %s fails', async (_, name) => {
    await writeFile(path, '');
    expect(await failure(readSafetensorsHeader(join(root, name)))).toBeInstanceOf(FileError);
  });
});

describe('a damaged or hostile file is refused:', () => {
  const metadata = (value: unknown) => ({ __metadata__: value, a: entry(0, 4) });
  it.each<[string, Buffer, RegExp]>([
    ['an empty file', Buffer.alloc(0), /only 0 bytes/],
    ['a length without a header', fileOf('').subarray(0, 7), /only 7 bytes/],
    [
      'a header longer than the file',
      Buffer.concat([fileOf('{}').subarray(0, 8), Buffer.from('{')]),
      /missing/,
    ],
    [
      'a header of 2^64 - 1 bytes',
      Buffer.from('ffffffffffffffff7b7d', 'hex'),
      /at most 100000000 bytes, found 18446744073709551615/,
    ],
    [
      'a header of 100,000,001 bytes',
      Buffer.from('01e1f505000000007b7d', 'hex'),
      /at most 100000000 bytes, found 100000001/,
    ],
    ['an empty header', fileOf(''), /not JSON/],
    ['what is not JSON', fileOf('{"a":'), /not JSON/],
    ['what is not UTF-8', fileOf(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])), /not UTF-8/],
    ['a list', fileOf('[]'), /JSON object/],
    ['null', fileOf('null'), /JSON object/],
    ['a text', fileOf('"a"'), /JSON object/],
    [
      'a tensor twice',
      fileOf(`{"a":${JSON.stringify(entry(0, 4))},"a":${JSON.stringify(entry(0, 4))}}`, 4),
      /\(a\).*twice/,
    ],
    [
      'a tensor twice, once escaped',
      fileOf(`{"a":${JSON.stringify(entry(0, 4))},"\\u0061":${JSON.stringify(entry(0, 4))}}`, 4),
      /\(a\).*twice/,
    ],
    ['metadata twice', fileOf('{"__metadata__":{},"__metadata__":{}}'), /__metadata__.*twice/],
    ['metadata that is a text', fileOf(metadata('x'), 4), /__metadata__/],
    ['metadata that is null', fileOf(metadata(null), 4), /__metadata__/],
    ['metadata with a number', fileOf(metadata({ n: 1 }), 4), /__metadata__/],
    ['an entry that is null', fileOf({ a: null }), /\(a\).*entry/],
    ['an entry that is a list', fileOf({ a: [] }), /\(a\).*entry/],
    ['no dtype', fileOf({ a: { shape: [], data_offsets: [0, 4] } }, 4), /\(a\).*dtype/],
    ['an unknown dtype', fileOf({ a: entry(0, 4, { dtype: 'F31' }) }, 4), /\(a\).*"F31"/],
    [
      'a dtype of every object',
      fileOf({ a: entry(0, 4, { dtype: 'constructor' }) }, 4),
      /\(a\).*"constructor"/,
    ],
    ['no shape', fileOf({ a: { dtype: 'F32', data_offsets: [0, 4] } }, 4), /\(a\).*shape/],
    ['a shape that is a number', fileOf({ a: entry(0, 4, { shape: 1 }) }, 4), /\(a\).*shape/],
    ['a negative size', fileOf({ a: entry(0, 4, { shape: [-1, -1] }) }, 4), /\(a\).*shape/],
    ['a fraction as size', fileOf({ a: entry(0, 4, { shape: [0.5, 2] }) }, 4), /\(a\).*shape/],
    ['a text as size', fileOf({ a: entry(0, 4, { shape: ['1'] }) }, 4), /\(a\).*shape/],
    ['a size of 2^53', fileOf({ a: entry(0, 4, { shape: [2 ** 53] }) }, 4), /\(a\).*shape/],
    [
      'sizes with an infinite product',
      fileOf({ a: entry(0, 4, { shape: Array(40).fill(2 ** 52) }) }, 4),
      /\(a\).*Infinity/,
    ],
    [
      'sizes with an infinite product, times zero',
      fileOf({ a: entry(0, 0, { shape: [...Array(40).fill(2 ** 52), 0] }) }),
      /\(a\)/,
    ],
    [
      'too few bytes for the shape',
      fileOf({ a: entry(0, 4, { shape: [2] }) }, 4),
      /\(a\).*takes 8 bytes.*span 4/,
    ],
    ['too many bytes for the shape', fileOf({ a: entry(0, 8) }, 8), /\(a\).*takes 4 bytes.*span 8/],
    ['no offsets', fileOf({ a: { dtype: 'F32', shape: [1] } }, 4), /\(a\).*data_offsets/],
    ['one offset', fileOf({ a: { ...entry(0, 4), data_offsets: [0] } }, 4), /\(a\).*data_offsets/],
    ['three offsets', fileOf({ a: { ...entry(0, 4), data_offsets: [0, 4, 8] } }, 4), /\(a\).*data_offsets/],
    ['negative offsets', fileOf({ a: entry(-4, 0) }, 4), /\(a\).*data_offsets/],
    ['offsets in reverse', fileOf({ a: entry(4, 0) }, 4), /\(a\).*a start and an end/],
    ['offsets beyond 2^53', fileOf({ a: entry(2 ** 53, 2 ** 53 + 4) }, 4), /\(a\).*data_offsets/],
    ['offsets that are texts', fileOf({ a: entry('0', '4') }, 4), /\(a\).*data_offsets/],
    ['offsets beyond the file', fileOf({ a: entry(0, 4), b: entry(4, 8) }, 4), /\(b\).*4 are missing/],
    [
      'a huge tensor in a small file',
      fileOf({ a: entry(0, 2 ** 50, { shape: [2 ** 48] }) }, 4),
      /\(a\).*are missing/,
    ],
    ['tensors that overlap', fileOf({ a: entry(0, 4), b: entry(2, 6) }, 6), /\(b\).*overlap/],
    ['two tensors at one place', fileOf({ a: entry(0, 4), b: entry(0, 4) }, 4), /\(b\).*overlap/],
    [
      'an empty tensor inside another',
      fileOf({ a: entry(0, 4), b: entry(2, 2, { shape: [0] }) }, 4),
      /\(b\).*overlap/,
    ],
    ['a gap', fileOf({ a: entry(0, 4), b: entry(8, 12) }, 12), /\(b\).*4 bytes before it/],
    ['a gap at the beginning', fileOf({ a: entry(4, 8) }, 8), /\(a\).*4 bytes before it/],
    ['bytes after the last tensor', fileOf({ a: entry(0, 4) }, 5), /1 bytes after/],
    ['bytes without a tensor', fileOf({}, 5), /5 bytes after/],
    ['deep nesting', fileOf('['.repeat(1_000_000)), /at most 3 levels of nesting/],
    ['a string without an end', fileOf(`{"${'\\'.repeat(1_000_001)}`), /not JSON/],
  ])('%s', async (_, bytes, problem) => {
    await writeFile(path, bytes);
    const error = await failure(readSafetensorsHeader(path));
    expect(error).toBeInstanceOf(FileError);
    expect(error).toMatchObject({ path });
    expect(error.message).toMatch(problem);
    expect(error.message.length).toBeLessThan(2000);
  });

  it('a file that ends anywhere before its end', async () => {
    await writeSafetensors(
      path,
      new Map([
        ['a', makeTensor('float32', [2])],
        ['b', makeTensor('uint8', [3])],
      ]),
    );
    const whole = await readFile(path);
    for (let length = 0; length < whole.length; length++) {
      await writeFile(path, whole.subarray(0, length));
      expect(await failure(readSafetensorsHeader(path)), `${length} bytes`).toBeInstanceOf(FileError);
    }
  });

  it('a file with any byte of its header changed is read or refused, but nothing else happens', async () => {
    await writeSafetensors(
      path,
      new Map([
        ['a', makeTensor('float32', [2])],
        ['b', makeTensor('uint8', [3])],
      ]),
    );
    const whole = await readFile(path);
    const headerEnd = 8 + Number(whole.readBigUInt64LE());
    const change = fc.record({ at: fc.nat({ max: headerEnd - 1 }), byte: fc.nat({ max: 255 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const damaged = Buffer.from(whole);
        for (const { at, byte } of changes) damaged[at] = byte;
        await writeFile(path, damaged);
        const result = await readSafetensorsHeader(path).catch((error) => error);
        if (result instanceof Error) expect(result).toBeInstanceOf(FileError);
        else
          for (const { offset, byteLength } of result.tensors.values())
            expect(offset + byteLength).toBeLessThanOrEqual(whole.length);
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it('long texts in the header are no problem', async () => {
    const text = 'x\\"'.repeat(2_000_000);
    await writeSafetensors(path, new Map(), { text });
    expect((await readSafetensorsHeader(path)).metadata.text).toBe(text);
  });
});
