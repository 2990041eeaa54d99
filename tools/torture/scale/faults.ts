/** @file Workers, their children, commands and Redis that are killed, stopped and cut off amid a comparison. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CutProxy, freePort } from '../redis-server.js';
import { cells, childrenOf, failureOf, type Place, type Scenario, some, workerArguments } from './place.js';

export const faults: Readonly<Record<string, Scenario>> = {
  'kill -9 of a worker': async ({ random, worker, compare, check }) => {
    const workers = [worker(), worker()];
    const asked = compare();
    await Promise.race(workers.map((one) => one.printed(/begun/)));
    await sleep(some(random, 2500));
    workers[0]!.child.kill('SIGKILL');
    return (await failureOf(asked)) ?? check();
  },

  'kill -9 after a checkpoint, which another machine goes on from': async ({
    cwd,
    run,
    compare,
    check,
    store,
  }) => {
    const machine = (name: string) =>
      run(workerArguments(store), { PROMPTUNE_SCRATCH: join(cwd, `scratch-${name}`) });
    const one = machine('one');
    const asked = compare();
    const saved = async () =>
      (await readdir(join(store, 'checkpoint'), { recursive: true }).catch(() => [])).some((name) =>
        /\/\d{9}$/.test(name),
      );
    while (!(await saved())) await sleep(20);
    one.child.kill('SIGKILL');
    const other = machine('other');
    const failure = await failureOf(asked);
    if (failure !== undefined) return failure;
    const isResumed = /goes on from step [1-9]/.test(other.output());
    return isResumed ? check() : `the other worker began anew: ${other.output()}`;
  },

  'two of three workers killed': async ({ random, worker, compare, check }) => {
    const workers = [worker(), worker(), worker()];
    const asked = compare();
    await Promise.race(workers.map((one) => one.printed(/begun/)));
    for (const one of workers.slice(1)) {
      await sleep(some(random, 1500));
      one.child.kill('SIGKILL');
    }
    return (await failureOf(asked)) ?? check();
  },

  'a cell that stands still gets a second worker': async ({ worker, compare, check }) => {
    const still = worker();
    const asked = compare();
    await still.printed(/begun/);
    const children = await childrenOf(still.child.pid!);
    for (const pid of children) process.kill(pid, 'SIGSTOP');
    worker(); // does the others, and then this one again, although its worker still holds its lock
    if ((await asked.ended) !== 0) return `the command ended with ${await asked.ended}: ${asked.output()}`;
    for (const pid of children) process.kill(pid, 'SIGCONT');
    still.child.kill('SIGTERM');
    if ((await still.ended) !== 0)
      return `the late worker ended with ${await still.ended}: ${still.output()}`;
    return check();
  },

  'Redis killed, back after 10 s with its data': (place) => redisAway(place, false),
  'Redis killed, back after 10 s and empty': (place) => redisAway(place, true),

  'a cell that kills each of its workers': async ({ worker, compare, check, endAll }) => {
    const victim = cells[0]!;
    const flags = ['--max-deaths', '1'];
    let isOver = false;
    const supervise = async () => {
      while (!isOver) {
        const one = worker(...flags);
        void one.printed(new RegExp(`${victim}: begun`)).then(() => one.child.kill('SIGKILL'));
        await one.ended;
      }
    };
    const supervised = supervise();
    const other = worker(...flags);
    void other.printed(new RegExp(`${victim}: begun`)).then(() => other.child.kill('SIGKILL'));
    const asked = compare();
    const code = await asked.ended;
    isOver = true;
    const output = asked.output();
    endAll();
    await supervised;
    if (code !== 1 || !/given up: every worker that had it died/.test(output))
      return `ended with ${code}: ${output}`;
    return check(cells.slice(1));
  },

  'kill -9 of the child alone': async ({ random, worker, compare, check }) => {
    const one = worker();
    const asked = compare();
    await one.printed(/begun/);
    await sleep(some(random, 1500));
    const children = await childrenOf(one.child.pid!);
    for (const pid of children) process.kill(pid, 'SIGKILL');
    if ((await asked.ended) !== 0) return `the command ended with ${await asked.ended}: ${asked.output()}`;
    return children.length > 0 ? check() : 'there was no child to kill';
  },

  'SIGSTOP past the lock, then SIGCONT': async ({ worker, compare, check }) => {
    const [stopped, other] = [worker(), worker()];
    const asked = compare();
    await stopped.printed(/begun/);
    const all = [stopped.child.pid!, ...(await childrenOf(stopped.child.pid!))];
    for (const pid of all) process.kill(pid, 'SIGSTOP');
    const code = await asked.ended;
    for (const pid of all) process.kill(pid, 'SIGCONT');
    if (code !== 0) return `the command ended with ${code}: ${asked.output()}`;
    await sleep(3000);
    for (const one of [stopped, other]) one.child.kill('SIGTERM');
    if ((await stopped.ended) !== 0)
      return `the late worker ended with ${await stopped.ended}: ${stopped.output()}`;
    return check();
  },

  'two commands at once': async ({ worker, compare, check }) => {
    worker();
    worker();
    const codes = await Promise.all([compare().ended, compare('--json').ended]);
    return codes.every((code) => code === 0) ? check() : `the commands ended with ${codes}`;
  },

  'SIGTERM: the work is given back': async ({ worker, compare, check, run }) => {
    const one = worker();
    const asked = compare();
    await one.printed(/begun/);
    await sleep(1200);
    one.child.kill('SIGTERM');
    if ((await one.ended) !== 0) return `the worker ended with ${await one.ended}: ${one.output()}`;
    const status = run(['queue', 'status', '--json']);
    await status.ended;
    if (!/"running":0/.test(status.output())) return `nothing waits: ${status.output()}`;
    worker();
    return (await failureOf(asked)) ?? check();
  },

  'kill -9 of the command, and again': async ({ random, worker, compare, check }) => {
    const one = worker();
    const first = compare();
    await one.printed(/begun/);
    await sleep(some(random, 4000));
    first.child.kill('SIGKILL');
    await first.ended;
    const again = compare();
    if ((await again.ended) !== 0) return `the command ended with ${await again.ended}: ${again.output()}`;
    const begun = one.output().match(/: begun/g)!.length;
    return begun === cells.length ? check() : `${begun} cells were begun, expected ${cells.length}`;
  },

  'a worker cut off': async ({ redis, run, worker, compare, check, store }) => {
    const proxy = new CutProxy(await freePort(), redis.port);
    const far = run(workerArguments(store), {
      PROMPTUNE_QUEUE: `redis://127.0.0.1:${proxy.port}`,
    });
    const asked = compare();
    await far.printed(/begun/);
    proxy.cut();
    worker();
    const code = await asked.ended;
    proxy.heal();
    await sleep(3000);
    far.child.kill('SIGTERM');
    const end = await far.ended;
    proxy.close();
    if (code !== 0) return `the command ended with ${code}: ${asked.output()}`;
    return end === 0 ? check() : `the worker ended with ${end}: ${far.output()}`;
  },

  'workers of another class': async ({ worker, compare, check }) => {
    const other = worker('--threads', '2');
    const asked = compare();
    await asked.printed(
      /0 workers on promptune-1-\w+; start one with promptune worker \(connected are those of \w+\)/,
    );
    if (/begun/.test(other.output())) return `it took work: ${other.output()}`;
    worker();
    return (await failureOf(asked)) ?? check();
  },
};

/** BullMQ's workers once stopped fetching after an outage of more than six seconds (taskforcesh/bullmq#4585). */
async function redisAway({ random, redis, worker, compare, check }: Place, isEmpty: boolean) {
  const workers = [worker(), worker()];
  const asked = compare();
  await Promise.race(workers.map((one) => one.printed(/begun/)));
  await sleep(some(random, 1500));
  await redis.kill();
  if (isEmpty) await redis.empty();
  await sleep(10_000);
  await redis.start();
  return (await failureOf(asked)) ?? check();
}
