/** @file Where the embedded model is: no network, no cache, the same for everybody. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { embeddedModel } from '../embedded-model.js';
import { PromptuneError } from '../errors.js';
import { say } from '../say.js';

/** `models/` of the package: two folders up from here, be it `src/hub` or the compiled `dist/hub`. */
const packagedModels = fileURLToPath(new URL('../../models', import.meta.url));

/** @throws PromptuneError if the package is incomplete */
export async function embeddedFolder(models = packagedModels): Promise<string> {
  const folder = join(models, embeddedModel);
  if (await stat(join(folder, 'config.json')).catch(() => undefined)) return folder;
  throw new PromptuneError(
    say`the model "${embeddedModel}" is part of promptune, but ${folder} is missing; install
      promptune again`,
    { code: 'not-found' },
  );
}
