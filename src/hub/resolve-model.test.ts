import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FileError, PromptuneError, UsageError } from '../errors.js';
import {
  commit,
  gitHash,
  type HubServer,
  refuse,
  sendCut,
  sendJson,
  sendRange,
  sha256,
  startHubServer,
} from './hub-server.fixture.js';
import { resolveModel } from './index.js';

const weights = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251));
const files = {
  'config.json': '{"model_type":"gpt2"}',
  'tokenizer.json': '{}',
  'merges.txt': 'a b\n',
  'model.safetensors': weights,
  'pytorch_model.bin': 'never',
  'model.onnx': 'never',
  'README.md': 'never',
  'consolidated.safetensors': 'never',
};

let root: string;
let cacheDir: string;
const servers: HubServer[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'promptune-hub-'));
  cacheDir = join(root, 'cache');
  for (const name of ['HF_HUB_CACHE', 'HF_TOKEN', 'HF_ENDPOINT', 'HF_HUB_OFFLINE', 'XDG_CACHE_HOME'])
    vi.stubEnv(name, undefined);
  vi.stubEnv('HF_HOME', join(root, 'home'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) await server.close();
  await rm(root, { recursive: true });
});

type Intercept = (request: IncomingMessage, response: ServerResponse) => boolean;

async function hub(intercept?: Intercept, content: Record<string, string | Buffer> = files) {
  const server = await startHubServer({ name: 'owner/tiny', files: content, intercept });
  servers.push(server);
  return server;
}

/** Answers requests of the weights, and leaves all others to the server. */
const forWeights = (answer: (response: ServerResponse, range: string | undefined) => void): Intercept => {
  return (request, response) => {
    if (!request.url?.endsWith('/model.safetensors')) return false;
    answer(response, request.headers.range);
    return true;
  };
};

async function write(path: string, content: string | Buffer = '') {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

async function fillCache(folder: string, { ref = 'main', sha = commit } = {}) {
  const model = join(folder, 'models--owner--tiny');
  const snapshot = join(model, 'snapshots', sha);
  await write(join(snapshot, 'config.json'), '{}');
  await write(join(snapshot, 'model.safetensors'));
  await write(join(model, 'refs', ref), sha);
  return snapshot;
}

const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => expect.unreachable('should have failed'),
    (error) => error,
  );

/** Compares hashes, because comparing large buffers byte by byte is slow. */
async function expectBytes(path: string, content: Buffer) {
  expect(sha256(await readFile(path))).toBe(sha256(content));
}

const cached = (...parts: string[]) => join(cacheDir, 'models--owner--tiny', ...parts);
const partialOfWeights = () => cached('blobs', `${sha256(weights)}.incomplete`);
const requestsOf = (server: HubServer, file: string) =>
  server.requests.filter(({ path }) => path.endsWith(`/${file}`));

describe('a folder', () => {
  it('that exists is taken as it is', async () => {
    expect(await resolveModel(root)).toEqual({ folder: root, source: 'folder' });
  });

  it('takes precedence over a model of the same name', async () => {
    const snapshot = await fillCache(cacheDir);
    vi.spyOn(process, 'cwd').mockReturnValue(root);
    expect(await resolveModel('owner/tiny', { cacheDir })).toMatchObject({ folder: snapshot });
    await mkdir(join(root, 'owner/tiny'), { recursive: true });
    expect(await resolveModel('owner/tiny', { cacheDir })).toEqual({
      folder: join(root, 'owner/tiny'),
      source: 'folder',
    });
    vi.restoreAllMocks();
  });

  it.each(['./none', '../none', '/none/none', 'C:\\none', 'a/b/c', '~/none', 'a--b', 'a/..x', '.'.repeat(3)])(
    '%s that does not exist is never looked for on the Hub',
    async (name) => {
      const server = await hub();
      const error = await failure(resolveModel(name, { cacheDir, endpoint: server.endpoint }));
      expect(error).toBeInstanceOf(PromptuneError);
      expect(error.message).toMatch(/^the folder .* does not exist; expected a model's folder/);
      expect(server.requests).toEqual([]);
    },
  );

  it('is expected if the name is that of a file, or empty', async () => {
    await write(join(root, 'model.safetensors'));
    await expect(resolveModel(join(root, 'model.safetensors'))).rejects.toThrow(
      'is a file, expected the folder',
    );
    await expect(resolveModel('')).rejects.toThrow(UsageError);
  });
});

describe('the cache', () => {
  it.each([
    ['HF_HUB_CACHE', 'a', 'a'],
    ['HF_HOME', 'b', 'b/hub'],
    ['XDG_CACHE_HOME', 'c', 'c/huggingface/hub'],
  ])('is found by %s', async (variable, value, place) => {
    vi.stubEnv('HF_HOME', undefined);
    vi.stubEnv(variable, join(root, value));
    const folder = await fillCache(join(root, place));
    expect(await resolveModel('owner/tiny', { offline: true })).toEqual({
      folder,
      source: 'cache',
      revision: commit,
    });
  });

  it('knows a revision by its name, with slashes too, and by its commit', async () => {
    const sha = 'b'.repeat(40);
    const folder = await fillCache(cacheDir, { ref: 'refs/pr/7', sha });
    for (const revision of ['refs/pr/7', sha])
      expect(await resolveModel('owner/tiny', { cacheDir, revision, offline: true })).toEqual({
        folder,
        source: 'cache',
        revision: sha,
      });
    await expect(resolveModel('owner/tiny', { cacheDir, offline: true })).rejects.toThrow(
      'it has no revision "main"',
    );
  });

  it.each(['', '../main', 'a//b', '/main', 'a\\b', '.hidden', 'a?b'])(
    'refuses the revision "%s"',
    async (revision) => {
      await expect(resolveModel('owner/tiny', { cacheDir, revision, offline: true })).rejects.toThrow(
        UsageError,
      );
    },
  );

  it('does not follow a revision out of its folder', async () => {
    await fillCache(cacheDir);
    await write(cached('refs', 'main'), '../../../..');
    await expect(resolveModel('owner/tiny', { cacheDir, offline: true })).rejects.toThrow(
      'no revision "main"',
    );
  });

  it('with only a part of a model does not count', async () => {
    const snapshot = await fillCache(cacheDir);
    const problem = () => failure(resolveModel('owner/tiny', { cacheDir, offline: true }));
    await rm(join(snapshot, 'model.safetensors'));
    expect((await problem()).message).toContain('model.safetensors is missing in its snapshot');
    await symlink('../../blobs/none', join(snapshot, 'model.safetensors'));
    expect((await problem()).message).toContain('model.safetensors is missing in its snapshot');
    await rm(join(snapshot, 'model.safetensors'));
    const index = join(snapshot, 'model.safetensors.index.json');
    await write(index, JSON.stringify({ weight_map: { a: '1.safetensors', b: '2.safetensors' } }));
    await write(join(snapshot, '1.safetensors'));
    expect((await problem()).message).toContain('2.safetensors is missing in its snapshot');
    await write(join(snapshot, '2.safetensors'));
    expect(await resolveModel('owner/tiny', { cacheDir, offline: true })).toMatchObject({ folder: snapshot });
    await write(index, '{"weight_map": 3');
    expect(await problem()).toBeInstanceOf(FileError);
    await rm(join(snapshot, 'config.json'));
    expect((await problem()).message).toContain('config.json is missing in its snapshot');
  });

  it('answers without asking the Hub', async () => {
    await fillCache(cacheDir);
    const server = await hub();
    await resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint });
    expect(server.requests).toEqual([]);
  });
});

describe('a download', () => {
  it('fetches what is needed into the cache, as huggingface_hub lays it out', async () => {
    const server = await hub();
    vi.stubEnv('HF_ENDPOINT', `${server.endpoint}/`);
    const progress: [string, number, number][] = [];
    const result = await resolveModel('owner/tiny', {
      cacheDir,
      onProgress: ({ file, loadedBytes, totalBytes }) => progress.push([file, loadedBytes, totalBytes]),
    });
    const folder = cached('snapshots', commit);
    expect(result).toEqual({ folder, source: 'download', revision: commit });
    const needed = ['config.json', 'merges.txt', 'model.safetensors', 'tokenizer.json'];
    expect((await readdir(folder)).sort()).toEqual(needed);
    await expectBytes(join(folder, 'model.safetensors'), weights);
    expect(await readlink(join(folder, 'model.safetensors'))).toBe(`../../blobs/${sha256(weights)}`);
    expect(await readlink(join(folder, 'config.json'))).toBe(
      `../../blobs/${gitHash('{"model_type":"gpt2"}')}`,
    );
    expect(await readFile(cached('refs', 'main'), 'utf8')).toBe(commit);
    expect(await readdir(cached('blobs'))).toHaveLength(4);
    expect([...new Set(progress.map(([file]) => file))].at(-1)).toBe('model.safetensors');
    expect(progress.at(-1)).toEqual(['model.safetensors', weights.length, weights.length]);
    expect(await resolveModel('owner/tiny', { cacheDir, offline: true })).toEqual({
      ...result,
      source: 'cache',
    });
  });

  it('of another revision writes its ref and takes files that it shares from the cache', async () => {
    const server = await hub();
    await resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint });
    await resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint, revision: 'v1' });
    expect((await readdir(cached('refs'))).sort()).toEqual(['main', 'v1']);
    expect(requestsOf(server, 'model.safetensors')).toHaveLength(1);
  });

  it('of a commit writes no ref', async () => {
    const server = await hub();
    const { revision } = await resolveModel('owner/tiny', {
      cacheDir,
      endpoint: server.endpoint,
      revision: commit,
    });
    expect(revision).toBe(commit);
    expect((await readdir(cached())).sort()).toEqual(['blobs', 'snapshots']);
  });

  it('takes the shards that the index names, and no others', async () => {
    const content = {
      'config.json': '{}',
      'model.safetensors.index.json': JSON.stringify({ weight_map: { a: 'one.safetensors' } }),
      'one.safetensors': 'one',
      'other.safetensors': 'other',
    };
    const server = await hub(undefined, content);
    const { folder } = await resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint });
    expect((await readdir(folder)).sort()).toEqual([
      'config.json',
      'model.safetensors.index.json',
      'one.safetensors',
    ]);
  });

  it('takes the chat templates in their folder, and nothing of other folders', async () => {
    const content = {
      ...files,
      'additional_chat_templates/tool_use.jinja': 'tools',
      'additional_chat_templates/note.txt': 'never',
      'original/params.json': 'never',
    };
    const server = await hub(undefined, content);
    const { folder } = await resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint });
    await expectBytes(join(folder, 'additional_chat_templates', 'tool_use.jinja'), Buffer.from('tools'));
    expect(await readdir(join(folder, 'additional_chat_templates'))).toEqual(['tool_use.jinja']);
    expect(await readdir(folder)).not.toContain('original');
  });

  it('that is interrupted continues by itself with the missing bytes', async () => {
    let answers = 0;
    const server = await hub(
      forWeights((response, range) =>
        answers++ === 0 ? sendCut(response, weights, 100_000) : sendRange(response, weights, range),
      ),
    );
    const { folder } = await resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint });
    const [first, second] = requestsOf(server, 'model.safetensors');
    expect(first?.range).toBeUndefined();
    expect(second?.range).toMatch(/^bytes=[1-9]\d*-$/);
    await expectBytes(join(folder, 'model.safetensors'), weights);
  });

  it('that failed continues with the next call, and its snapshot does not count meanwhile', async () => {
    await write(partialOfWeights(), weights.subarray(0, 123_456));
    const broken = await hub(forWeights((response) => response.destroy()));
    const error = await failure(resolveModel('owner/tiny', { cacheDir, endpoint: broken.endpoint }));
    expect(error.message).toContain(`on the Hub: the connection to ${broken.endpoint} failed`);
    await expectBytes(partialOfWeights(), weights.subarray(0, 123_456));
    await expect(readdir(cached('refs'))).rejects.toThrow('ENOENT');
    await expect(resolveModel('owner/tiny', { cacheDir, revision: commit, offline: true })).rejects.toThrow(
      'model.safetensors is missing',
    );

    const server = await hub();
    const loaded: number[] = [];
    const { folder } = await resolveModel('owner/tiny', {
      cacheDir,
      endpoint: server.endpoint,
      onProgress: ({ file, loadedBytes }) => file === 'model.safetensors' && loaded.push(loadedBytes),
    });
    expect(requestsOf(server, 'model.safetensors').map(({ range }) => range)).toEqual(['bytes=123456-']);
    expect(loaded[0]).toBe(123_456);
    await expectBytes(join(folder, 'model.safetensors'), weights);
    expect((await readdir(cached('blobs'))).filter((name) => name.endsWith('.incomplete'))).toEqual([]);
  });

  it('starts again if the server does not support ranges, or the partial file is too long', async () => {
    await write(partialOfWeights(), weights.subarray(0, 1000));
    const server = await hub(forWeights((response) => response.end(weights)));
    const { folder } = await resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint });
    await expectBytes(join(folder, 'model.safetensors'), weights);

    cacheDir = join(root, 'second');
    await write(partialOfWeights(), Buffer.alloc(weights.length + 1));
    const second = await resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint });
    await expectBytes(join(second.folder, 'model.safetensors'), weights);
  });

  it('does not trust a server that sends another range than requested', async () => {
    await write(partialOfWeights(), weights.subarray(0, 1000));
    const server = await hub(forWeights((response) => sendRange(response, weights, 'bytes=500-')));
    await expect(resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint })).rejects.toThrow(
      'asked for the bytes from 1000 on, it sent "bytes 500-',
    );
  });

  it('with damaged bytes fails and keeps none of them', async () => {
    await write(partialOfWeights(), Buffer.alloc(1000, 255));
    const server = await hub();
    const error = await failure(resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint }));
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toContain(`expected ${sha256(weights)}`);
    expect((await readdir(cached('blobs'))).some((name) => name.startsWith(sha256(weights)))).toBe(false);
    await resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint });
  });

  it.each([
    ['longer', Buffer.concat([weights, Buffer.of(0)]), 'it is longer than the 300000 bytes'],
    ['shorter', weights.subarray(1), /it sent nothing after \d+ bytes of 300000/],
  ])('that is %s than announced fails', async (_, sent, problem) => {
    const server = await hub(forWeights((response, range) => (range ? response.end() : response.end(sent))));
    await expect(resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint })).rejects.toThrow(
      problem,
    );
  });

  it('stops by a signal and keeps what has arrived', async () => {
    const server = await hub(forWeights((response) => response.write(weights.subarray(0, 50_000))));
    const stop = new AbortController();
    const promise = resolveModel('owner/tiny', {
      cacheDir,
      endpoint: server.endpoint,
      signal: stop.signal,
      onProgress: ({ file, loadedBytes }) =>
        file === 'model.safetensors' && loadedBytes === 50_000 && stop.abort(),
    });
    await expect(promise).rejects.toBe(await failure(promise));
    expect(stop.signal.reason).toBe(await failure(promise));
    await expectBytes(partialOfWeights(), weights.subarray(0, 50_000));
    await expect(
      resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint, signal: stop.signal }),
    ).rejects.toBe(stop.signal.reason);
  });

  it('passes on errors of the callback', async () => {
    const server = await hub();
    const error = new TypeError('in the callback');
    const onProgress = ({ loadedBytes }: { loadedBytes: number }) => {
      if (loadedBytes > 0) throw error;
    };
    await expect(
      resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint, onProgress }),
    ).rejects.toBe(error);
  });

  it('can be started twice at the same time', async () => {
    const server = await hub();
    const call = () => resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint });
    const [first, second] = await Promise.all([call(), call()]);
    expect(first).toEqual(second);
    await expectBytes(join(first.folder, 'model.safetensors'), weights);
  });

  it('leaves out files whose names lead elsewhere', async () => {
    const entry = (path: string) => ({ type: 'file', path, size: 2, oid: gitHash('{}') });
    const paths = ['config.json', '../out.json', 'sub/in.json', '..\\out.json', '.hidden.json', '/abs.json'];
    const server = await hub(
      (request, response) => {
        if (!request.url?.includes('/tree/')) return false;
        sendJson(response, [...paths, 'model.safetensors'].map(entry));
        return true;
      },
      { 'config.json': '{}', 'model.safetensors': '{}' },
    );
    const { folder } = await resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint });
    expect((await readdir(folder)).sort()).toEqual(['config.json', 'model.safetensors']);
  });

  it.each([
    ['/revision/', { sha: '../../..' }, 'its answer "../../.." is not a commit'],
    [
      '/tree/',
      [{ type: 'file', path: 'config.json', size: 2, oid: '../x' }],
      'its answer "../x" is not a hash',
    ],
    ['/revision/', undefined, 'does not answer as the Hub does: Unexpected token'],
  ])('refuses what cannot come from the Hub: %s %j', async (path, answer, problem) => {
    const server = await hub((request, response) => {
      if (!request.url?.includes(path)) return false;
      if (answer) sendJson(response, answer);
      else response.end('<html>');
      return true;
    });
    await expect(resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint })).rejects.toThrow(
      problem,
    );
  });

  it.each([
    [{ 'pytorch_model.bin': 'x', 'config.json': '{}' }, 'the repository has no model.safetensors'],
    [{ 'adapter_config.json': '{}', 'model.safetensors': 'x' }, 'the repository has no config.json'],
    [
      { 'config.json': '{}', 'model.safetensors.index.json': '{"weight_map":{"a":"b.safetensors"}}' },
      'model.safetensors.index.json names b.safetensors, but the repository does not have it',
    ],
  ])('refuses a repository with %j', async (content, problem) => {
    const server = await hub(undefined, content);
    await expect(resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint })).rejects.toThrow(
      problem,
    );
  });

  it('that cannot be written says so', async () => {
    const server = await hub();
    await write(cacheDir, 'a file where the cache should be');
    const error = await failure(resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint }));
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toContain('the download cannot be written: ENOTDIR');
  });
});

describe('the token', () => {
  it('goes to the Hub, and not to where it redirects', async () => {
    const elsewhere = await hub(forWeights((response, range) => sendRange(response, weights, range)));
    await write(partialOfWeights(), weights.subarray(0, 10));
    const server = await hub(
      forWeights((response) =>
        response.writeHead(302, { location: `${elsewhere.endpoint}/model.safetensors` }).end(),
      ),
    );
    vi.stubEnv('HF_TOKEN', 'hf_environment');
    await resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint });
    expect(new Set(server.requests.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer hf_environment']),
    );
    expect(elsewhere.requests).toEqual([
      { path: '/model.safetensors', range: 'bytes=10-', authorization: undefined },
    ]);
  });

  it('does not follow a list of files to another server', async () => {
    const elsewhere = await hub((_, response) => {
      sendJson(response, []);
      return true;
    });
    const server = await hub((request, response) => {
      if (!request.url?.includes('/tree/')) return false;
      response.setHeader('link', `<${elsewhere.endpoint}/next>; rel="next"`);
      sendJson(response, []);
      return true;
    });
    await failure(resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint, token: 'hf_x' }));
    expect(server.requests.at(-1)?.authorization).toBe('Bearer hf_x');
    expect(elsewhere.requests).toEqual([{ path: '/next' }]);
  });

  it('comes from the options, then HF_TOKEN, then the file in HF_HOME', async () => {
    const server = await hub((_, response) => {
      refuse(response, 500);
      return true;
    });
    const tokenSent = async (token?: string) => {
      await failure(resolveModel('owner/tiny', { cacheDir, endpoint: server.endpoint, token }));
      return server.requests.at(-1)?.authorization;
    };
    expect(await tokenSent()).toBeUndefined();
    await write(join(root, 'home', 'token'), 'hf_file\n');
    expect(await tokenSent()).toBe('Bearer hf_file');
    vi.stubEnv('HF_TOKEN', 'hf_environment');
    expect(await tokenSent()).toBe('Bearer hf_environment');
    expect(await tokenSent('hf_option')).toBe('Bearer hf_option');
  });
});

describe('the error', () => {
  it.each(['huggingface.co', 'ftp://x', 'http://'])(
    'of the endpoint %s asks for an address',
    async (endpoint) => {
      await expect(resolveModel('owner/tiny', { cacheDir, endpoint })).rejects.toThrow(UsageError);
    },
  );

  const answering = (status: number, code?: string) =>
    hub((_, response) => {
      refuse(response, status, code);
      return true;
    });

  it('says where it looked, what failed and what to do', async () => {
    const { endpoint } = await answering(404, 'RepoNotFound');
    const error = await failure(resolveModel('owner/tiny', { cacheDir, endpoint }));
    expect(error).toBeInstanceOf(PromptuneError);
    expect(error.message.split('\n')).toEqual([
      'the model "owner/tiny" could not be found or fetched:',
      `- as a folder: there is no ${join(process.cwd(), 'owner/tiny')}`,
      `- in the cache: ${cached()} is not usable, because it has no revision "main"`,
      `- on the Hub: ${endpoint}/owner/tiny answers with HTTP status 404 (RepoNotFound): there is no such model`,
      'Check the name and its owner.',
    ]);
  });

  it.each([
    [401, 'GatedRepo', 'accept its licence at', 'set HF_TOKEN'],
    [403, 'GatedRepo', 'accept its licence at', 'set HF_TOKEN'],
    [404, 'RevisionNotFound', 'no revision "main"', 'Check the revision'],
    [503, undefined, 'HTTP status 503', 'Try again later'],
  ])('of %i %s names the remedy', async (status, code, problem, remedy) => {
    const { endpoint } = await answering(status, code);
    const { message } = await failure(resolveModel('owner/tiny', { cacheDir, endpoint }));
    expect(message).toContain(problem);
    expect(message).toContain(remedy);
  });

  it('of a gated model says, where there is a token, that it has no access', async () => {
    const { endpoint } = await answering(403, 'GatedRepo');
    await expect(resolveModel('owner/tiny', { cacheDir, endpoint, token: 'hf_x' })).rejects.toThrow(
      'check that HF_TOKEN',
    );
  });

  it('of an unreachable Hub has the reason', async () => {
    const { endpoint, close } = await hub();
    await close();
    await expect(resolveModel('owner/tiny', { cacheDir, endpoint })).rejects.toThrow(
      new RegExp(`on the Hub: the connection to ${endpoint} failed: .*ECONNREFUSED`),
    );
  });

  it.each(['1', 'ON', 'yes', 'True'])('of HF_HUB_OFFLINE=%s says that nothing was asked', async (value) => {
    vi.stubEnv('HF_HUB_OFFLINE', value);
    const { endpoint, requests } = await hub();
    await expect(resolveModel('owner/tiny', { cacheDir, endpoint })).rejects.toThrow(
      'not asked, because offline or HF_HUB_OFFLINE is set',
    );
    expect(requests).toEqual([]);
    await expect(resolveModel('owner/tiny', { cacheDir, endpoint, offline: false })).resolves.toBeDefined();
  });
});
