/**
 * @file Shaders are compiled for kinds of sizes (whether they are divisible by 2 or 4), not for lengths: rows of other
 *   lengths need no padding to few of them.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isGpuThere } from './webgpu-models.js';

const hasGpu = await isGpuThere();

describe.skipIf(!hasGpu)('shaders on webgpu', () => {
  it('are those of the first step, but for a few, whatever the lengths of rows', async () => {
    const script = join(import.meta.dirname, 'webgpu-shaders-once.ts');
    const { stderr } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script], {
      maxBuffer: 2 ** 28,
    });
    // ONNX Runtime names a shader by all that its code depends on.
    const steps = stderr
      .split('step of ')
      .slice(1)
      .map((log) => [...log.matchAll(/Starting program "([^"]+)"/g)].map(([, shader]) => shader!));
    const shaders = steps.map((step) => new Set(step));
    const known = shaders[0]!;
    console.log(`${steps[0]!.length} kernels a step, ${known.size} shaders`);
    expect(steps.map((step) => step.length)).toEqual(new Array(3).fill(steps[0]!.length));
    expect(steps[0]!.length).toBeLessThanOrEqual(378);
    expect(known.size).toBeGreaterThan(30);
    for (const later of shaders.slice(1))
      expect([...later].filter((shader) => !known.has(shader)).length).toBeLessThanOrEqual(4);
  });
});
