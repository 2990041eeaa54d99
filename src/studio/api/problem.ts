/** @file The answer to a request that failed. */
import * as z from 'zod';

/** The body of an error. */
export const problemSchema = z.object({
  error: z.object({
    message: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
    /** All that is wrong with the request, by place. */
    problems: z.array(z.object({ param: z.string(), message: z.string() })).optional(),
  }),
});
export type ApiProblem = z.output<typeof problemSchema>;
