/** @file An adapter's content as files: names and bytes. Equal content gives equal bytes. */
import { type AdapterContent, type ModelContent, notesOf } from './adapter-content.js';
import { adapterHubFiles } from './adapterhub.js';
import { jsonText } from './json.js';
import { ownName } from './own-file.js';
import { peftFiles } from './peft.js';
import { safetensorsChunks } from './safetensors.js';

/** Files by their paths in a folder: text, or bytes in chunks that view the tensors without copying them. */
export type FilesInPieces = ReadonlyMap<string, string | readonly Uint8Array[]>;

export const templateName = 'template.json';

/** Every file of an adapter's folder. Files of parts are in subfolders. */
export function filesInPieces(content: AdapterContent): FilesInPieces {
  const files = new Map<string, string | readonly Uint8Array[]>();
  if (content.form === 'model') return modelFiles(content);
  if (content.form === 'parts') {
    for (const { name, content: part } of content.parts)
      for (const [file, pieces] of filesInPieces(part)) files.set(`${name}/${file}`, pieces);
    files.set(ownName, jsonText({ parts: content.parts.map(({ name }) => name), ...notesOf(content) }));
  } else {
    const own = content.form === 'peft' ? peftFiles(content) : adapterHubFiles(content);
    for (const [file, pieces] of own) files.set(file, pieces);
    const notes = notesOf(content);
    if (Object.keys(notes).length > 0) files.set(ownName, jsonText({ ...notes }));
  }
  if ('template' in content && content.template !== undefined)
    files.set(templateName, jsonText({ template: content.template }));
  return files;
}

/** The files as bytes by their paths, such as `adapter_model.safetensors`. */
export function filesOf(content: AdapterContent): Map<string, Uint8Array> {
  return new Map(
    [...filesInPieces(content)].map(([file, pieces]) => [
      file,
      typeof pieces === 'string' ? new TextEncoder().encode(pieces) : joined(pieces),
    ]),
  );
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function modelFiles({ config, tensors, others, ...content }: ModelContent): FilesInPieces {
  const notes = notesOf(content);
  return new Map<string, string | readonly Uint8Array[]>([
    ...[...others].map(([name, bytes]) => [name, [bytes]] as const),
    ['config.json', jsonText(config)],
    ['model.safetensors', safetensorsChunks(tensors)],
    ...(Object.keys(notes).length > 0 ? [[ownName, jsonText({ ...notes })] as const] : []),
  ]);
}
