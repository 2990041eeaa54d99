/** @file `promptune models` and `promptune push`, against a Hub on this machine. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writePeftAdapter } from '../../src/formats/adapter-folder.fixture.js';
import { commit, type HubServer, startHubServer } from '../../src/hub/hub-server.fixture.js';
import { type PushServer, startPushServer } from '../../src/hub/push-server.fixture.js';
import { jsonLines, runCli, succeed } from '../support/cli.js';
import { refused } from '../support/refused.js';
import { workplace } from '../support/workplace.js';

let cwd: string;
let hub: HubServer;
let pushHub: PushServer;
beforeAll(async () => {
  cwd = await workplace();
  const weights = await readFile(join(cwd, 'model', 'model.safetensors'));
  const files = { 'config.json': '{"model_type":"gpt2","dtype":"float32"}', 'model.safetensors': weights };
  hub = await startHubServer({ name: 'anna/tiny', files });
  pushHub = await startPushServer();
  const data = Float32Array.of(1, 2);
  await writePeftAdapter(join(cwd, 'run', 'adapter'), {
    config: { base_model_name_or_path: 'gpt2', peft_type: 'PROMPT_TUNING', task_type: 'CAUSAL_LM' },
    tensors: new Map([['prompt_embeddings', { dtype: 'float32', shape: [1, 2], data }]]),
  });
});
afterAll(async () => {
  await hub.close();
  await pushHub.close();
  await rm(cwd, { recursive: true, force: true });
});

const online = (endpoint: string) => ({ cwd, env: { HF_HUB_OFFLINE: '', HF_ENDPOINT: endpoint } });

it('models: the list, a folder, what would be downloaded, and the same from the cache', async () => {
  const [embedded] = jsonLines(await succeed(['models', '--json'], { cwd }));
  expect(embedded).toMatchObject({ name: 'promptune-mini', family: 'gpt2', dtype: 'float16' });
  expect(await succeed(['models', 'model'], { cwd })).toMatch(
    /^model: a folder, gpt2, float32, \d+\.\d kB\n\/.*\/model\n$/,
  );

  const size = (await readFile(join(cwd, 'model', 'model.safetensors'))).length;
  expect(await succeed(['models', 'anna/tiny'], online(hub.endpoint))).toBe(
    [
      `anna/tiny: on the Hub (${hub.endpoint}/anna/tiny), gpt2, float32`,
      `commit ${commit}`,
      '  config.json  39 bytes',
      `  model.safetensors  ${(size / 1000).toFixed(1)} kB`,
      `would download ${((size + 39) / 1000).toFixed(1)} kB`,
      '',
    ].join('\n'),
  );

  const cache = join(cwd, 'hub', 'models--anna--tiny');
  const snapshot = join(cache, 'snapshots', commit);
  await mkdir(join(cache, 'refs'), { recursive: true });
  await writeFile(join(cache, 'refs', 'main'), commit);
  await mkdir(snapshot, { recursive: true });
  await writeFile(join(snapshot, 'config.json'), '{"model_type":"gpt2"}');
  const half = await runCli(['models'], { cwd });
  expect(half.stdout).toMatch(/^anna\/tiny +21 bytes +main +not usable$/m);
  expect(half.stderr).toBe(`anna/tiny: model.safetensors is missing in its snapshot ${commit}\n`);
  await writeFile(join(snapshot, 'model.safetensors'), await readFile(join(cwd, 'model/model.safetensors')));
  expect(await succeed(['models'], { cwd })).toMatch(/^anna\/tiny +gpt2 +float32 +\d+\.\d kB +main$/m);
  expect(await succeed(['models', 'anna/tiny'], { cwd })).toContain('anna/tiny: in the cache, gpt2, float32');
});

it('models: an unknown name is refused, and a revision without a name', async () => {
  await refused(cwd, ['models', '--revision', 'v1'], 2, '--revision requires the name of a model');
  await refused(cwd, ['models', 'no/such/folder'], 1, /the folder .*no\/such\/folder does not exist/);
});

it('push: the folder of a run, and its address is what is printed', async () => {
  const { env } = online(pushHub.endpoint);
  const options = { cwd, env: { ...env, HF_TOKEN: 'secret' } };
  const { stdout, stderr } = await runCli(['push', 'run', 'anna/cats', '--private'], options);
  expect(stdout).toBe(`${pushHub.endpoint}/anna/cats\n`);
  expect(stderr).toMatch(/^ {2}README\.md {2}\d+ bytes, generated$/m);
  expect(stderr).toContain('The private repository anna/cats is new.\n');
  const { files, ...repository } = pushHub.repositories.get('anna/cats')!;
  expect(repository.private).toBe(true);
  expect(files.get('adapter_model.safetensors')).toEqual(
    await readFile(join(cwd, 'run', 'adapter', 'adapter_model.safetensors')),
  );
});

it('push: what cannot be sent is refused', async () => {
  await refused(cwd, ['push', 'run', 'cats'], 2, /expected owner\/name as the name on the Hub/);
  await refused(
    cwd,
    ['push', 'model', 'anna/cats'],
    1,
    /a whole model and not an adapter; only adapters are uploaded$/,
  );
  await refused(cwd, ['push', 'nowhere', 'anna/cats'], 1, /nowhere: there is no such folder/);
  const { stderr, code } = await runCli(['push', 'run', 'anna/cats'], online(pushHub.endpoint));
  expect(stderr).toMatch(/^promptune: there is no token; set HF_TOKEN to one with write access /);
  expect(code).toBe(2);
});

it('push --dry-run lists the files, prints the card, and sends nothing', async () => {
  const before = pushHub.repositories.size;
  const args = ['push', 'run', 'anna/new', '--dry-run', '--base-model', 'anna/tiny'];
  const { stdout, stderr, code } = await runCli(args, online(pushHub.endpoint));
  expect(stderr).toMatch(/^ {2}adapter_model\.safetensors {2}/m);
  expect(stderr).toMatch(
    /^ {2}README\.md {2}generated as below, unless the repository has one\nNothing was sent\.$/m,
  );
  expect(stdout).toContain('base_model: "anna/tiny"');
  expect({ code, repositories: pushHub.repositories.size }).toEqual({ code: 0, repositories: before });
});
