#!/usr/bin/env node
/** @file `promptune`, as it is called from a shell. */
import { exitCodes, runCommandLine } from './program.js';
import { watchOutput } from './terminal/output.js';

watchOutput((message) => {
  process.exitCode = exitCodes.failure;
  console.error(`promptune: ${message}`);
});

const code = await runCommandLine(process.argv.slice(2));
if (code !== undefined) process.exitCode = code;
