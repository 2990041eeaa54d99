/** @file A YAML file of settings, which knows the line of every key. */
import { isMap, isNode, isScalar, isSeq } from 'yaml';
import { fileSystem } from '#platform';
import { FileError, type Problem } from '../errors.js';
import { withFileErrors } from '../formats/files.js';
import { parseYaml, type YamlFile } from '../formats/yaml.js';

export interface ConfigFile {
  readonly path: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** A problem with its place in the file; as it is where neither its key nor an outer one is in the file. */
  placed(problem: Problem): Problem;
}

/**
 * @param format what the file may be written in, for errors; JSON is YAML as well
 * @throws FileError where the file cannot be read, or not as YAML
 */
export async function readYaml(path: string, format?: string): Promise<YamlFile> {
  return parseYaml(await withFileErrors(path, 'read', () => fileSystem.readText(path)), path, format);
}

/** @throws FileError if the file cannot be read, or is not YAML with keys and values */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  const { document, lines, values } = await readYaml(path);
  if (document.contents !== null && !isMap(document.contents)) {
    throw new FileError(path, undefined, 'expected settings as keys and values, such as "data: pairs.jsonl"');
  }
  return {
    path,
    values: (values ?? {}) as Record<string, unknown>,
    placed(problem) {
      const line = lineOf(problem.path);
      return line === undefined ? problem : { ...problem, file: path, line };
    },
  };

  /** The line of a key, or of the outer one that should hold it. */
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
