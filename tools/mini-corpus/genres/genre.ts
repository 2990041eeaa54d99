/** @file The definition of a genre. */
import type { Frame, Language, Writer } from '../engine/frames.js';

export interface Genre {
  readonly name: string;
  /**
   * Its share of the documents, relative to the other genres' weights; 0 for one that is written only if it is named.
   */
  readonly weight: number;
  /** Every list of frames that it writes from. */
  readonly frames: readonly (readonly Frame[])[];
  /** One document. Genres that hold both languages (translations) use `language` for what surrounds them. */
  write(writer: Writer, language: Language): string;
}
