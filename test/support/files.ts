/** @file Files for tests: what lies in a folder, and safetensors files as nobody should write them. */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Every file and folder below a folder, with its size and the time of its last change. */
export async function snapshot(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const lines = names.map(async (name) => {
    const entry = await stat(join(folder, name));
    return `${name} ${entry.isDirectory() ? 'folder' : `${entry.size} bytes, ${entry.mtimeMs}`}`;
  });
  return (await Promise.all(lines)).sort();
}

export interface SafetensorsParts {
  // biome-ignore lint/suspicious/noExplicitAny: tests put anything into it
  header: Record<string, any>;
  data: Buffer;
}

/** Takes a safetensors file apart, lets `change` do its work on the parts, and puts it together without a check. */
export async function changeSafetensors(
  path: string,
  change: (parts: SafetensorsParts) => void,
): Promise<void> {
  const bytes = await readFile(path);
  const end = 8 + Number(bytes.readBigUInt64LE());
  const parts = {
    header: JSON.parse(bytes.subarray(8, end).toString()),
    data: Buffer.from(bytes.subarray(end)),
  };
  change(parts);
  const header = Buffer.from(JSON.stringify(parts.header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  await writeFile(path, Buffer.concat([length, header, parts.data]));
}

/** Changes a JSON file. */
export async function changeJson(path: string, change: object): Promise<void> {
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), ...change }));
}
