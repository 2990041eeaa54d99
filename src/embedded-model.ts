/** @file The model that comes with the package. */

/** Its name, and what is used where no model is named. */
export const embeddedModel = 'promptune-mini';
