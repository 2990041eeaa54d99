/** @file A run's configuration as lines to read, and as YAML to copy. */

type Config = Readonly<Record<string, unknown>>;

const isGroup = (value: unknown): value is Config =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One line per value: `optimizer.name`. Empty groups have none. */
export function flattened(config: Config, around = ''): { key: string; value: string }[] {
  return Object.entries(config).flatMap(([name, value]) => {
    const key = around + name;
    if (isGroup(value)) return flattened(value, `${key}.`);
    return [{ key, value: typeof value === 'string' ? value : JSON.stringify(value) }];
  });
}

/** JSON's texts and lists are YAML's. */
export function yamlOf(config: Config, indent = ''): string {
  return Object.entries(config)
    .map(([name, value]) => {
      const key = /^[\w-]+$/.test(name) ? name : JSON.stringify(name);
      if (!isGroup(value)) return `${indent}${key}: ${JSON.stringify(value)}\n`;
      if (Object.keys(value).length === 0) return `${indent}${key}: {}\n`;
      return `${indent}${key}:\n${yamlOf(value, `${indent}  `)}`;
    })
    .join('');
}
