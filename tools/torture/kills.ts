/** @file Kills commands at random moments; each goes on to the bytes of one that was not killed. */
import type { Campaign } from './campaign.js';

export const kills: Campaign = {
  about: 'kill -9 at random moments of every command that writes, then the same command again',
  defaultCount: 1000,
  async start() {
    throw new Error('not there yet');
  },
};
