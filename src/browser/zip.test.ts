import { zipSync } from 'fflate';
import { expect, it } from 'vitest';
import { unzip, zip } from './zip.js';

const bytes = new Uint8Array([1, 2, 3]);

it('gives back what was packed, in the same bytes each time', () => {
  const files = new Map([
    ['a/adapter_config.json', bytes],
    ['b', new Uint8Array()],
  ]);
  expect(unzip(zip(files), 'x.zip')).toEqual(files);
  expect(zip(files)).toEqual(zip(files));
});

it.each(['../../models/promptune-mini/config.json', '/models/config.json', 'a/../../b'])(
  'refuses a file at %s',
  (path) => {
    const packed = zipSync({ 'adapter_config.json': bytes, [path]: bytes });
    expect(() => unzip(packed, 'x.zip')).toThrow(`x.zip: its file "${path}" lies outside of the folder`);
  },
);

it('refuses what is no zip', () => {
  expect(() => unzip(bytes, 'x.zip')).toThrow('x.zip: this is not a zip file, or it is damaged');
});
