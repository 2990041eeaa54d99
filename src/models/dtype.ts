/** @file In how many bits a model's matrices are kept while it is used. */

/**
 * - `auto`: as they are stored; 16-bit matrices of large models as with `fp16`, those of small ones (64 MB) are
 *   unpacked at once
 * - `fp32`: in float32
 * - `fp16`: in 16 bits, float16 or bfloat16 as they are stored; float32 is rounded to float16. In training each is
 *   unpacked
 *   when it is used; generation unpacks them all, once, into memory of its own
 * - `q8`, `q4`: in 8 or 4 bits, in blocks of 32 numbers with a scale and a zero. Embeddings and head are in 8 bits in
 *   both
 */
export const modelDtypes = ['auto', 'fp32', 'fp16', 'q8', 'q4'] as const;
export type ModelDtype = (typeof modelDtypes)[number];
