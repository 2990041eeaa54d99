/** @file The precision of a model's matrices in memory. */

/**
 * - `auto`: as stored; but 16-bit matrices of small models (64 MB) are unpacked to float32 at load, those of large ones
 *   are handled as with `fp16`
 * - `fp32`: float32
 * - `fp16`: float16 or bfloat16 as stored, float32 rounded to float16. In training a matrix is unpacked when it is
 *   used; generation unpacks all of them once
 * - `q8`, `q4`: 8 or 4 bits, in blocks of 32 numbers with a scale and a zero point. Embeddings and head have 8 bits in
 *   both
 */
export const modelDtypes = ['auto', 'fp32', 'fp16', 'q8', 'q4'] as const;
export type ModelDtype = (typeof modelDtypes)[number];
