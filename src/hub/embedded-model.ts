/** @file The model that comes with the package itself: no network, no cache, the same for everybody. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PromptuneError } from '../errors.js';

/** Its name, and what is used where no model is named. */
export const embeddedModel = 'promptune-mini';

/** `models/` of the package: two folders up from here, be it `src/hub` or the compiled `dist/hub`. */
const packagedModels = fileURLToPath(new URL('../../models', import.meta.url));

/** @throws PromptuneError where the package is not whole */
export async function embeddedFolder(models = packagedModels): Promise<string> {
  const folder = join(models, embeddedModel);
  if (await stat(join(folder, 'config.json')).catch(() => undefined)) return folder;
  throw new PromptuneError(
    `the model "${embeddedModel}" should have come with promptune, but there is no ${folder}: install promptune again`,
  );
}
