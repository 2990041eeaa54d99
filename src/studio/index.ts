/** @file `promptune/studio`: the studio as a server of one's own program. */

export { readKeysFile } from '../serving/http/keys.js';
export type * from './api/index.js';
export type { ServedModelSource } from './models.js';
export { type StaticPageParts, writeStaticPage } from './static-page.js';
export { createStudio, type Studio, type StudioOptions } from './studio.js';
