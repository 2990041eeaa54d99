import { expect, it } from 'vitest';
import type { SessionSettings } from '../protocol.js';
import { sessionOptions } from './session-options.js';

const prepacks = (bytes: number, settings: Partial<SessionSettings> = {}) => {
  const weights = { bytes: new Map([['model.safetensors', { size: bytes } as Blob]]) };
  const all = { provider: 'cpu', threads: 1, prepacking: false, folding: true, weights, ...settings };
  const { extra } = sessionOptions(all) as { extra: { session: Record<string, string> } };
  return extra.session.disable_prepacking === undefined;
};

it('rearranges the weights of small models, and of others when it is asked to', () => {
  expect(prepacks(14e6)).toBe(true);
  expect(prepacks(249e6)).toBe(false);
  expect(prepacks(249e6, { prepacking: true })).toBe(true);
  expect(prepacks(14e6, { provider: 'webgpu' })).toBe(false);
});

it('names the execution provider as onnxruntime-web does', () => {
  const settings = { provider: 'cpu', threads: 1, prepacking: false, folding: true };
  expect(sessionOptions(settings).executionProviders).toEqual(['wasm']);
  expect(sessionOptions({ ...settings, provider: 'webgpu' }).executionProviders).toEqual(['webgpu']);
});
