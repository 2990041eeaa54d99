/** @file The model bundled with the package. */

/** Its name, and the default wherever no model is named. */
export const embeddedModel = 'promptune-mini';
