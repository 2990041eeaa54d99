/**
 * @file The process of one part: `node run-part.js NAME CONTEXT`, with the context as JSON. Sends its report to the
 *   parent process, and ends, even if a library of a peer still has threads or timers.
 */
import type { Context } from './part.js';
import { parts } from './parts/index.js';

const [name, context] = process.argv.slice(2);
const report = await parts[name as keyof typeof parts](JSON.parse(context!) as Context);
process.send!(report, () => process.exit());
