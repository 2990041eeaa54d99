/** @file How `promptune` is called where this process was: a package that a project installs is not on the PATH. */

const runners: Readonly<Record<string, string>> = {
  npm: 'npx promptune',
  pnpm: 'pnpm exec promptune',
  yarn: 'yarn promptune',
  bun: 'bunx promptune',
};

/** A command line to copy. */
export function promptune(...words: readonly string[]): string {
  // Every package manager names itself to what it runs, as npm/11.4.1 node/v22.1.0 linux x64.
  const [manager] = (process.env.npm_config_user_agent ?? '').split('/');
  return [runners[manager!] ?? 'promptune', ...words].join(' ');
}
