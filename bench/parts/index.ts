/** @file All parts of the benchmark, in the order in which they run. */
import type { Part } from '../part.js';
import { browser } from './browser.js';
import { families } from './families.js';
import { generation } from './generation.js';
import { lengths } from './lengths.js';
import { llamaCpp } from './llama-cpp.js';
import { load } from './load.js';
import { lookup } from './lookup.js';
import { matmul } from './matmul.js';
import { memory } from './memory.js';
import { methods } from './methods.js';
import { peers } from './peers.js';
import { precision } from './precision.js';
import { profile } from './profile.js';
import { responsiveness } from './responsiveness.js';
import { rowLengths } from './row-lengths.js';
import { scale } from './scale.js';
import { serving } from './serving.js';
import { servingPeers } from './serving-peers.js';
import { session } from './session.js';
import { states } from './states.js';
import { training } from './training.js';

export const parts = {
  matmul,
  training,
  profile,
  lengths,
  rowLengths,
  generation,
  lookup,
  memory,
  precision,
  methods,
  families,
  session,
  states,
  serving,
  load,
  servingPeers,
  llamaCpp,
  scale,
  responsiveness,
  browser,
  peers,
} satisfies Record<string, Part>;
