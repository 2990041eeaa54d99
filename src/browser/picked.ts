/** @file Files and folders that somebody picks or drops. */

/** A file's handle, as `showOpenFilePicker` gives it. */
export interface PickedFileHandle {
  readonly kind: 'file';
  readonly name: string;
  getFile(): Promise<File>;
}

/** A folder's handle, as `showDirectoryPicker` gives it. */
export interface PickedFolder {
  readonly kind: 'directory';
  readonly name: string;
  values(): AsyncIterable<PickedFolder | PickedFileHandle>;
}

/** A file, a folder's handle, or the files of an `<input>`, which know their paths in a folder that was picked. */
export type Picked = File | PickedFolder | PickedFileHandle | Iterable<File>;

/** A file with its path, such as `my-adapter/adapter_config.json`; without a folder, its name. */
export interface PickedFile {
  readonly path: string;
  readonly file: File;
}

/** The same in the worker, where the file is at a path. */
export interface MountedFile {
  readonly path: string;
  readonly file: string;
}

export async function filesOf(picked: Picked): Promise<PickedFile[]> {
  if (picked instanceof File) return [withPath(picked)];
  if (!('kind' in picked)) return Array.from(picked, withPath);
  return picked.kind === 'file' ? [withPath(await picked.getFile())] : filesIn(picked, picked.name);
}

function withPath(file: File): PickedFile {
  const { name, webkitRelativePath } = file as File & { webkitRelativePath?: string };
  return { path: webkitRelativePath || name, file };
}

async function filesIn(folder: PickedFolder, path: string): Promise<PickedFile[]> {
  const files: PickedFile[] = [];
  for await (const entry of folder.values()) {
    const at = `${path}/${entry.name}`;
    if (entry.kind === 'directory') files.push(...(await filesIn(entry, at)));
    else files.push({ path: at, file: await entry.getFile() });
  }
  return files;
}
