/** @file A YAML file of settings, with line numbers for errors. */
import { isMap, isNode, isScalar, isSeq } from 'yaml';
import { fileSystem } from '#platform';
import { FileError, type Problem } from '../errors.js';
import { withFileErrors } from '../formats/files.js';
import { parseYaml, type YamlFile } from '../formats/yaml.js';
import { say } from '../say.js';

export interface ConfigFile {
  readonly path: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** Adds a problem's place in the file, if the file has its key or an outer one. */
  placed(problem: Problem): Problem;
}

/**
 * @param format the file's format, for errors; JSON is YAML too
 * @throws FileError if the file cannot be read, or is not YAML
 */
export async function readYaml(path: string, format?: string): Promise<YamlFile> {
  return parseYaml(await withFileErrors(path, 'read', () => fileSystem.readText(path)), path, format);
}

/**
 * The settings of a YAML file, with the line of each.
 * @throws FileError if the file cannot be read, or is not YAML with keys and values
 */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  const { document, lines, values } = await readYaml(path);
  if (document.contents !== null && !isMap(document.contents)) {
    throw new FileError(
      path,
      undefined,
      say`expected settings as keys and values, such as "data: pairs.jsonl"`,
    );
  }
  return {
    path,
    values: (values ?? {}) as Record<string, unknown>,
    placed(problem) {
      const line = lineOf(problem.path);
      return line === undefined ? problem : { ...problem, file: path, line };
    },
  };

  /** The line of a key, or of the innermost outer key that exists. */
  function lineOf(keys: readonly PropertyKey[]): number | undefined {
    let node: unknown = document.contents;
    let offset: number | undefined;
    for (const key of keys) {
      const pair = isMap(node)
        ? node.items.find((item) => isScalar(item.key) && item.key.value === key)
        : undefined;
      const place = pair ? pair.key : isSeq(node) ? node.items[Number(key)] : undefined;
      if (!isNode(place)) break;
      offset = place.range?.[0];
      node = pair ? pair.value : place;
    }
    return offset === undefined ? undefined : lines.linePos(offset).line;
  }
}
