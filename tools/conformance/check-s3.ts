/**
 * @file Whether a store keeps its promises on a service with S3's API that is not ours, with signed requests: entries
 *   appear once and whole, of many writers one wins, and lists turn their pages. Exits with code 1 where one does not.
 *
 * python -m venv DIR && DIR/bin/pip install "moto[server]==5.2.1"
 * npx tsx tools/conformance/check-s3.ts DIR/bin/python          # a server of its own
 * AWS_ENDPOINT_URL=… AWS_ACCESS_KEY_ID=… npx tsx tools/conformance/check-s3.ts s3://BUCKET/PREFIX
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsClient } from 'aws4fetch';
import { openStore } from '../../src/workspace/index.js';
import { freePort } from '../torture/redis-server.js';

const [given] = process.argv.slice(2);
if (given === undefined) throw new Error('give the path of a Python with moto, or s3://BUCKET/PREFIX');
const server = given.startsWith('s3:') ? undefined : await startMoto(given);
try {
  await check(server ? 's3://promptune/some/where' : given);
  console.log('every promise is kept');
} finally {
  server?.kill();
}

async function check(url: string): Promise<void> {
  const store = openStore(url);
  const bytes = (text: string) => new TextEncoder().encode(text);
  const text = (file: Uint8Array | undefined) => new TextDecoder().decode(file);
  const run = crypto.randomUUID(); // the bucket may have entries of earlier checks

  const entry = `cell/ab/${run}`;
  assert.equal(await store.has(entry), false);
  assert.equal(await store.get(entry), undefined);
  const files = new Map([
    ['result.json', bytes('{"a":1}')],
    ['run/adapter/weights &+%1 é.bin', Uint8Array.from({ length: 300_000 }, (_, i) => i % 251)],
    ['empty', new Uint8Array()],
  ]);
  assert.equal(await store.create(entry, files), true);
  assert.equal(await store.create(entry, new Map([['result.json', bytes('other')]])), false);
  assert.equal(await store.has(entry), true);
  const found = (await store.get(entry))!;
  assert.deepEqual([...found.keys()].sort(), [...files.keys()].sort());
  for (const [name, content] of files) assert.deepEqual(new Uint8Array(found.get(name)!), content);
  console.log('an entry appears once, with all of its bytes');

  for (let round = 0; round < 10; round++) {
    const name = `cell/cd/${run}-${round}`;
    const writers = Array.from({ length: 16 }, (_, i) =>
      openStore(url).create(name, new Map([['result.json', bytes(`${i}`)]])),
    );
    const created = await Promise.all(writers);
    assert.equal(created.filter(Boolean).length, 1, `${created.filter(Boolean).length} writers won`);
    assert.equal(text((await store.get(name))!.get('result.json')), `${created.indexOf(true)}`);
  }
  console.log('of 16 writers at once one wins, 10 times');

  const folder = `checkpoint/${run} &<é`;
  const names = Array.from({ length: 1030 }, (_, i) => `${folder}/${String(i).padStart(9, '0')}`);
  for (let at = 0; at < names.length; at += 30)
    await Promise.all(
      names.slice(at, at + 30).map((name) => store.create(name, new Map([['a', bytes('1')]]))),
    );
  assert.deepEqual((await store.list(folder)).sort(), names);
  console.log('a list of 1,030 entries is whole');
  for (let at = 0; at < names.length; at += 30)
    await Promise.all(names.slice(at, at + 30).map((name) => store.remove(name)));
  await store.remove(names[0]!);
  assert.deepEqual(await store.list(folder), []);
  console.log('what is removed is gone');

  await store.show(`tensorboard/${run}/events.0`, bytes('one'));
  await store.show(`tensorboard/${run}/events.0`, bytes('two'));
}

async function startMoto(python: string) {
  const port = await freePort();
  const child = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', `${port}`], { stdio: 'ignore' });
  const keys = { accessKeyId: 'check', secretAccessKey: 'check' };
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
  });
  const client = new AwsClient({ ...keys, region: 'us-east-1', service: 's3', retries: 0 });
  for (let tries = 0; tries < 300; tries++) {
    await sleep(100);
    const answer = await client
      .fetch(`http://127.0.0.1:${port}/promptune`, { method: 'PUT' })
      .catch(() => undefined);
    if (answer?.ok) return child;
  }
  child.kill();
  throw new Error('the server does not answer');
}
