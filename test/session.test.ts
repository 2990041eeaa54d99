import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PromptuneError, UsageError } from '../src/errors.js';
import { add, exp, input, matmul, multiply, toOnnx, weight } from '../src/graph/index.js';
import {
  checkDevice,
  float32Output,
  Session,
  supportedDevices,
  type WeightSource,
} from '../src/runtime/index.js';
import { float32Tensor, tensorOf } from '../src/tensor.js';

const x = input('x', 'float32', ['n']);
const graph = toOnnx({ y: multiply(x, 2) });

describe('Session', () => {
  let keeper: Session;
  beforeAll(async () => {
    keeper = await Session.create(graph.bytes);
  });
  afterAll(() => keeper.dispose());

  it('runs, for every size of a symbolic axis', async () => {
    expect((await keeper.run({ x: float32Tensor([3], [1, 2, 3]) })).y).toEqual(float32Tensor([3], [2, 4, 6]));
    expect((await keeper.run({ x: float32Tensor([1], [5]) })).y).toEqual(float32Tensor([1], [10]));
    expect((await keeper.run({ x: float32Tensor([0], []) })).y).toEqual(float32Tensor([0], []));
  });

  it('keeps what it is fed, and borrows what it is lent', async () => {
    const fed = float32Tensor([2], [1, 2]);
    await keeper.run({ x: fed });
    expect(fed.data).toEqual(Float32Array.of(1, 2));

    const lent = float32Tensor([2], [3, 4]);
    const before = lent.data;
    const running = keeper.run({}, { x: lent });
    expect(before.length).toBe(0); // the buffer itself has moved to the worker
    expect((await running).y!.data).toEqual(Float32Array.of(6, 8));
    expect(lent.data).toEqual(Float32Array.of(3, 4));
  });

  it('holds copies of tensors for every run, until others replace them', async () => {
    const session = await Session.create(toOnnx({ y: add(x, input('z', 'float32', ['n'])) }).bytes);
    const held = float32Tensor([2], [10, 20]);
    await session.hold({ z: held });
    held.data.fill(0); // a copy is held
    const fed = { x: float32Tensor([2], [1, 2]) };
    for (let run = 0; run < 2; run++)
      expect((await session.run(fed)).y!.data).toEqual(Float32Array.of(11, 22));
    await session.hold({ z: float32Tensor([2], [5, 6]) });
    expect((await session.run(fed)).y!.data).toEqual(Float32Array.of(6, 8));
    await session.dispose();
    await expect(session.hold({})).rejects.toThrow('this session has been disposed of');
  });

  it('gives lent tensors back when a run fails', async () => {
    const session = await Session.create(toOnnx({ y: add(x, input('z', 'float32', ['n'])) }).bytes);
    const lent = float32Tensor([3], [1, 2, 3]);
    await expect(session.run({ z: float32Tensor([2]) }, { x: lent })).rejects.toThrow(PromptuneError);
    expect(lent.data).toEqual(Float32Array.of(1, 2, 3));
    await session.dispose();
  });

  it('leaves the main thread free while it runs', async () => {
    const size = 700;
    const a = input('a', 'float32', [size, size]);
    let product = a;
    for (let i = 0; i < 12; i++) product = matmul(product, a);
    const session = await Session.create(toOnnx({ product }).bytes);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await session.run({ a: float32Tensor([size, size]) });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
    await session.dispose();
  });

  describe('with weights outside of the graph', () => {
    const values = Float32Array.of(10, 20, 30);
    const stored = Buffer.concat([Buffer.alloc(7), Buffer.from(values.buffer)]);
    const range = { location: 'parts/w.bin', offset: 7, byteLength: 12 };
    const { bytes: onnx } = toOnnx({
      y: add(input('x', 'float32', [3]), weight('w', 'float32', [3], range)),
    });

    async function sumWith(weights: WeightSource): Promise<Float32Array> {
      const session = await Session.create(onnx, { weights });
      try {
        return float32Output(await session.run({ x: float32Tensor([3], [1, 2, 3]) }), 'y');
      } finally {
        await session.dispose();
      }
    }

    it('reads them from a file at any byte, and says when the file is not there', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'promptune-session-'));
      try {
        await mkdir(join(folder, 'parts'));
        await writeFile(join(folder, 'parts/w.bin'), stored);
        expect(await sumWith({ folder })).toEqual(Float32Array.of(11, 22, 33));
        await expect(sumWith({ folder: join(folder, 'nowhere') })).rejects.toThrow('ONNX Runtime:');
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    it('takes them as bytes, which stay with the caller, and says when they are not among them', async () => {
      const bytes = new Uint8Array(stored);
      expect(await sumWith({ bytes: new Map([['parts/w.bin', bytes]]) })).toEqual(
        Float32Array.of(11, 22, 33),
      );
      expect(bytes.length).toBe(19);
      await expect(sumWith({ bytes: new Map([['other.bin', bytes]]) })).rejects.toThrow('ONNX Runtime:');
    });
  });

  it('computes in float64 and int64 as well', async () => {
    const session = await Session.create(toOnnx({ y: exp(input('x', 'float64', [1])) }).bytes);
    const { y } = await session.run({ x: tensorOf('float64', [1], Float64Array.of(1)) });
    expect(y).toEqual(tensorOf('float64', [1], Float64Array.of(Math.E)));
    await session.dispose();
  });

  it('cannot be used once disposed of, and may be disposed of twice', async () => {
    const session = await Session.create(graph.bytes);
    await session.dispose();
    await session.dispose();
    await expect(session.run({ x: float32Tensor([1]) })).rejects.toThrow('has been disposed of');
  });

  it('refuses bytes that are not a graph', async () => {
    await expect(Session.create(new Uint8Array([1, 2, 3]))).rejects.toThrow(PromptuneError);
  });
});

it.each([0, 1.5, -1, 100_000])('refuses %d threads', async (threads) => {
  const creating = Session.create(graph.bytes, { threads });
  await expect(creating).rejects.toThrow(`threads: expected a whole number from 1 to 1024, got ${threads}`);
});

describe('devices', () => {
  it('are known by name', () => {
    expect(supportedDevices()).toContain('cpu');
    expect(checkDevice('cpu')).toBe('cpu');
  });

  it('are refused with what there is instead', () => {
    expect(() => checkDevice('tpu')).toThrow(UsageError);
    expect(() => checkDevice('tpu')).toThrow(
      'device "tpu" is unknown; expected one of cpu, webgpu, cuda, coreml, dml',
    );
    const missing = (['dml', 'coreml'] as const).find((name) => !supportedDevices().includes(name))!;
    expect(() => checkDevice(missing)).toThrow(
      `device "${missing}" is not supported by ONNX Runtime's build`,
    );
  });
});
