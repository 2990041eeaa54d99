import { afterEach, expect, it, vi } from 'vitest';
import { promptune } from './invocation.js';

afterEach(() => vi.unstubAllEnvs());

it.each([
  [undefined, 'promptune runs'],
  ['npm/11.4.1 node/v22.1.0 linux x64 workspaces/false', 'npx promptune runs'],
  ['pnpm/10.11.0 npm/? node/v22.1.0 linux x64', 'pnpm exec promptune runs'],
  ['bun/1.3.1 npm/? node/v24.3.0 linux x64', 'bunx promptune runs'],
])('is called as by %s', (agent, line) => {
  vi.stubEnv('npm_config_user_agent', agent);
  expect(promptune('runs')).toBe(line);
});
