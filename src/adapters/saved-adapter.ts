/** @file Adapters that give their files: those that were loaded, and those that were trained. */
import type { Adapter } from '../attach/method.js';
import type { AdapterContent } from '../formats/adapter-content.js';
import { filesOf } from '../formats/adapter-files.js';
import { writeAdapter } from '../formats/adapter-folder.js';

export interface SavedAdapter extends Adapter {
  /** Says that it was trained for another model than the one that it was loaded for. */
  readonly note?: string;
  content(): AdapterContent | Promise<AdapterContent>;
  /** Its files by their paths in its folder, such as `adapter_config.json` and `adapter_model.safetensors`. */
  files(): Promise<Map<string, Uint8Array>>;
  /**
   * Writes its folder, which appears whole or not at all, and replaces an existing one.
   * @throws FileError if it cannot be written
   */
  save(folder: string): Promise<void>;
}

/** The adapter with its files. */
export function savable(adapter: Adapter & Pick<SavedAdapter, 'content' | 'note'>): SavedAdapter {
  return {
    ...adapter,
    files: async () => filesOf(await adapter.content()),
    save: async (folder) => writeAdapter(folder, await adapter.content()),
  };
}
