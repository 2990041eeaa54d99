/** @file The studio's folder: what lies in it by names with `/`, and nothing outside. */
import { mkdir, readdir, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { optionError, UsageError } from '../errors.js';
import { say } from '../say.js';

/** Where the studio keeps its own files, in its folder. Listings of runs and adapters pass over such names. */
export const ownFolder = '.studio';

/** Where files are that were dropped on the page: below a part of their digest. */
export const dataFolder = `${ownFolder}/data`;
const droppedFiles = /\.studio[/\\]data[/\\][0-9a-f]{12}[/\\]/g;
const isPartOfPath = (character: string) => /[\w./\\-]/.test(character);

export class StudioFolder {
  private constructor(
    /** As seen from the working directory, where it is within that; else as it was given. */
    readonly path: string,
    /** With all links resolved. */
    readonly root: string,
  ) {}

  /**
   * Opens a folder, which is created if it is missing.
   * @throws UsageError for that of a single run or adapter
   */
  static async open(path: string): Promise<StudioFolder> {
    const names: readonly string[] = await readdir(path).catch(() => []);
    const own = ['metrics.jsonl', 'adapter_config.json'].find((name) => names.includes(name));
    if (own !== undefined)
      throw optionError('folder', say`${path} is a run or an adapter itself; give the folder that it is in`);
    await mkdir(join(path, ownFolder), { recursive: true });
    return new StudioFolder(fromHere(path), await realpath(path));
  }

  /**
   * The path of something in the folder, as seen from the working directory.
   * @throws UsageError (`not-found`) where there is nothing, and with the same words where it would lie outside
   */
  async existing(name: string): Promise<string> {
    const path = this.#path(name);
    const found = path === undefined ? undefined : await realpath(path).catch(() => undefined);
    if (path === undefined || found === undefined || !this.#holds(found))
      throw new UsageError(say`there is no ${JSON.stringify(name)} in the studio's folder`, {
        code: 'not-found',
      });
    return path;
  }

  has(name: string): Promise<boolean> {
    return this.existing(name).then(
      () => true,
      () => false,
    );
  }

  /**
   * The path of a run that may not exist yet.
   * @throws UsageError for a name that cannot be one, or would lie outside
   */
  async future(name: string): Promise<string> {
    const isHidden = name.split('/').some((part) => part.startsWith('.'));
    const path = isHidden ? undefined : this.#path(name);
    if (path === undefined)
      throw optionError(
        'run',
        say`${JSON.stringify(name)} is no name for a run; expected one that begins with no ".", or
          several with / between them`,
      );
    for (let parent = path; ; parent = dirname(parent)) {
      const real = await realpath(parent).catch(() => undefined);
      if (real === undefined) continue;
      if (this.#holds(real)) return path;
      throw optionError('run', say`${JSON.stringify(name)} would lie outside of the studio's folder`);
    }
  }

  /** The name of a path in the folder. */
  nameOf(path: string): string {
    return relative(resolve(this.path), resolve(path)).split(sep).join('/');
  }

  /** A message in which paths of the folder are names in it, and files that were dropped on the page are their own. */
  named(message: string): string {
    let text = message;
    for (const folder of new Set([resolve(this.path), this.root, this.path]))
      text = text.replaceAll(folder + sep, (path, at: number, whole: string) =>
        isPartOfPath(whole.charAt(at - 1)) ? path : '',
      );
    return text.replace(droppedFiles, '');
  }

  #path(name: string): string | undefined {
    const parts = name.split('/');
    const isSound = (part: string) => part !== '' && part !== '.' && part !== '..' && !/[\\\0:]/.test(part);
    return parts.every(isSound) && !isAbsolute(name) ? join(this.path, ...parts) : undefined;
  }

  #holds(real: string): boolean {
    return real === this.root || real.startsWith(this.root + sep);
  }
}

/** Paths in a run's configuration begin with it: relative ones stay right when a project moves. */
function fromHere(path: string): string {
  const within = relative(process.cwd(), path);
  return isAbsolute(path) && within !== '' && !/^\.\.(\/|\\|$)/.test(within) && !isAbsolute(within)
    ? within
    : path;
}
