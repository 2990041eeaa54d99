import { expect, it } from 'vitest';
import { commonSessionOptions } from './session-options.js';

it('disables every optimizer that would keep unpacked weights, unless they are to be folded', () => {
  const optimizers = (folding: boolean) => {
    const { extra } = commonSessionOptions({ provider: 'cpu', threads: 1, prepacking: false, folding });
    return (extra as { optimization?: Record<string, string> }).optimization?.disable_specified_optimizers;
  };
  expect(optimizers(true)).toBeUndefined();
  expect(optimizers(false)?.split(';').sort()).toEqual([
    'CommonSubexpressionElimination',
    'ConstantFolding',
    'FuseFp16InitializerToFp32NodeTransformer',
  ]);
});
