/** @file SHA-256 (FIPS 180-4) of data that comes in parts, which Web Crypto does not have. */
import type { Hash } from './platform.js';

const blockBytes = 64;

const primes: number[] = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);

/** The first 32 bits of the fraction. */
const fractionBits = (x: number) => Math.floor((x - Math.floor(x)) * 2 ** 32);
const roundConstants = Uint32Array.from(primes, (prime) => fractionBits(Math.cbrt(prime)));
const start = Uint32Array.from(primes.slice(0, 8), (prime) => fractionBits(Math.sqrt(prime)));

export function sha256(): Hash {
  const state = start.slice();
  const schedule = new Uint32Array(64);
  const block = new Uint8Array(blockBytes);
  const words = new DataView(block.buffer);
  let filled = 0;
  let total = 0;

  function update(bytes: Uint8Array): void {
    total += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + blockBytes - filled);
      block.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled === blockBytes) {
        compress(state, words, schedule);
        filled = 0;
      }
    }
  }

  const hash: Hash = {
    update(data) {
      update(typeof data === 'string' ? new TextEncoder().encode(data) : data);
      return hash;
    },
    hex() {
      const length = new Uint8Array(8);
      new DataView(length.buffer).setBigUint64(0, BigInt(total) * 8n);
      const zeros = (2 * blockBytes - 9 - filled) % blockBytes; // a 1 bit, zeros and the length fill the last block
      update(Uint8Array.of(0x80, ...new Uint8Array(zeros), ...length));
      return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('');
    },
  };
  return hash;
}

function compress(state: Uint32Array, words: DataView, w: Uint32Array): void {
  for (let i = 0; i < 16; i++) w[i] = words.getUint32(4 * i);
  for (let i = 16; i < 64; i++) {
    const [x, y] = [w[i - 15]!, w[i - 2]!];
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    w[i] = w[i - 16]! + s0 + w[i - 7]! + s1;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + roundConstants[i]! + w[i]!) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  for (const [i, value] of [a, b, c, d, e, f, g, h].entries()) state[i]! += value;
}

const rotate = (x: number, by: number) => (x >>> by) | (x << (32 - by));
