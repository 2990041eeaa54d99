/** @file Stores that are away, full or read-only, and a store of machines that do not know each other's processes. */
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cells, childrenOf, failureOf, NotPossibleHere, type Scenario, some } from './place.js';

const guide = join(import.meta.dirname, '../../../docs/scale.md');

export const stores: Readonly<Record<string, Scenario>> = {
  "shares, as the guide's sbatch file starts them, one killed": async ({
    random,
    number,
    script,
    check,
    run,
    store,
  }) => {
    const config = `out-${number}.yaml`;
    const file = /```bash\n(.*?)```/s.exec(await readFile(guide, 'utf8'))![1]!;
    const own = file.replace('/shared/pt', store).replace('compare.yaml', config).replace('/100', '/3');
    const share = (id: number) => script('bash', ['-c', own], { SLURM_ARRAY_TASK_ID: `${id}` });
    const shares = [share(1), share(2), share(3)];
    await sleep(1000 + some(random, 3000));
    for (const pid of await childrenOf(shares[0]!.child.pid!)) process.kill(pid, 'SIGKILL');
    shares[0]!.child.kill('SIGKILL');
    await shares[0]!.ended;
    shares[0] = share(1); // as --requeue has it
    for (const each of shares) {
      const failure = await failureOf(each);
      if (failure !== undefined) return failure;
    }
    const gathered = run(['compare', config, '--store', store]);
    const failure = await failureOf(gathered);
    if (failure !== undefined) return failure;
    const kept = gathered.output().match(/\(kept\)/g)?.length ?? 0;
    return kept === cells.length ? check() : `the shares left something to compute: ${gathered.output()}`;
  },

  'the store away': async ({ worker, compare, check, store }) => {
    const one = worker();
    const asked = compare();
    await one.printed(/begun/);
    await rename(store, `${store}-away`);
    await writeFile(store, ''); // nothing can be made below it
    await one.printed(/failed: .*store.*cannot be/);
    await rm(store);
    await rename(`${store}-away`, store);
    worker(); // the other one takes nothing for a minute
    return (await failureOf(asked)) ?? check();
  },

  'the store on a full disk': async ({ worker, compare, check, store }) =>
    onDisk(store, async (remount) => {
      const one = worker();
      const asked = compare();
      await one.printed(/begun/);
      await writeFile(join(store, 'ballast'), new Uint8Array(diskBytes)).catch(() => {});
      await one.printed(/failed: .*the disk is full/);
      remount(`size=${2 * diskBytes}`);
      worker(); // the other one takes nothing for a minute
      return (await failureOf(asked)) ?? check();
    }),

  'the store on a disk that becomes read-only': async ({ worker, compare, check, store }) =>
    onDisk(store, async (remount) => {
      const one = worker();
      const asked = compare();
      await one.printed(/begun/);
      remount('ro');
      await one.printed(/failed: .*read-only/);
      remount('rw');
      worker();
      return (await failureOf(asked)) ?? check();
    }),

  'two hosts on one folder, one killed': async ({ random, foreignWorker, worker, compare, check, store }) => {
    const [far, near] = [foreignWorker('far'), worker()];
    const asked = compare();
    await Promise.all([far.printed(/begun/), near.printed(/begun/)]);
    // What another host is writing, whose processes cannot be looked up here.
    const foreign = '.entry.incomplete-12.345.abcdefabcdef-01234567';
    await mkdir(join(store, 'cell', '00'), { recursive: true });
    await writeFile(join(store, 'cell', '00', foreign), 'half');
    await sleep(some(random, 1500));
    far.child.kill('SIGKILL');
    const fault = (await failureOf(asked)) ?? (await check());
    const left = await readdir(join(store, 'cell', '00'));
    return fault ?? (left.includes(foreign) ? undefined : "another host's unfinished entry was removed");
  },
};

/** Room for the results and checkpoints of the comparison. */
const diskBytes = 4 * 2 ** 20;

/** Has a store on a disk of its own, of a few megabytes in memory. */
async function onDisk(
  store: string,
  use: (remount: (options: string) => void) => Promise<string | undefined>,
): Promise<string | undefined> {
  await mkdir(store, { recursive: true });
  const mount = (...args: string[]) => spawnSync('mount', args).status === 0;
  if (!mount('-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', store))
    throw new NotPossibleHere('no disk can be mounted');
  try {
    return await use((options) => {
      if (!mount('-o', `remount,${options}`, store)) throw new Error(`the disk cannot be made ${options}`);
    });
  } finally {
    spawnSync('umount', ['-l', store]);
  }
}
