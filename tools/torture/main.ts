/** @file `npm run torture -- CAMPAIGN`: tests the product against crashes, hostile files and long use. */
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { attemptTable, type Campaign, runCampaign } from './campaign.js';

/** Campaigns are loaded on demand. */
const campaigns: Readonly<Record<string, () => Promise<Campaign>>> = {
  kills: async () => (await import('./kills.js')).kills,
  fuzz: async () => (await import('./fuzz/fuzz.js')).fuzz,
  life: async () => (await import('./life.js')).life,
  scale: async () => (await import('./scale/scale.js')).scale,
  serving: async () => (await import('./serving/serving.js')).serving,
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string' },
    seed: { type: 'string', default: '1' },
    folder: { type: 'string' },
    jobs: { type: 'string', default: `${availableParallelism()}` },
  },
});
const [name = ''] = positionals;
if (!(name in campaigns)) {
  console.error('npm run torture -- CAMPAIGN [--count N] [--seed S] [--folder DIR] [--jobs N]');
  for (const [name, load] of Object.entries(campaigns)) console.error(`  ${name}: ${(await load()).about}`);
  process.exit(2);
}
const campaign = await campaigns[name]!();
const count = Number(values.count ?? campaign.defaultCount);
const seed = Number(values.seed);
const folder = values.folder ?? join(tmpdir(), `promptune-torture-${name}`);
const attempts = await runCampaign(campaign, {
  count,
  seed,
  folder,
  jobs: Number(values.jobs),
  log: console.error,
});
console.log(attemptTable(attempts));
console.log(`npm run torture -- ${name} --count ${count} --seed ${seed}`);
process.exit(attempts.some(({ fault }) => fault !== undefined) ? 1 : 0);
