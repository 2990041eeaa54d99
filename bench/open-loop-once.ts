/** @file A load in a process of its own, so that it takes no turns of the server's: `node open-loop-once.js LOAD`. */
import { type Load, openLoop } from './open-loop.js';

process.send!(await openLoop(JSON.parse(process.argv[2]!) as Load), () => process.disconnect());
