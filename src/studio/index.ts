/** @file `promptune/studio`: the studio as a server of one's own program. */

export type * from './api.js';
export { createStudio, type Studio, type StudioOptions } from './studio.js';
