/** @file The process in which mutants are read, so that a hang or a crash ends only it. */
import { exp, input, toOnnx } from '../../../src/graph/index.js';
import { Session } from '../../../src/runtime/index.js';
import { attemptRandom } from '../campaign.js';
import { fuzzAttempt } from './attempt.js';

// ONNX Runtime is unloaded with a process's last session, and takes long to load again.
await Session.create(toOnnx({ y: exp(input('x', 'float32', [])) }).bytes);

const [folder = ''] = process.argv.slice(2);
process.on('message', async ({ number, seed }: { number: number; seed: number }) => {
  const attempt = await fuzzAttempt(folder, number, attemptRandom(seed, number));
  process.send!({ attempt, peakBytes: process.resourceUsage().maxRSS * 1024 });
});
process.once('disconnect', () => process.exit());
