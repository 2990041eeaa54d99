/** @file The corpus: documents of all genres, mixed, the same for the same seed. */
import { type Frame, type Language, type Split, Writer } from './engine/frames.js';
import { seededRandom } from './engine/random.js';
import { cats } from './genres/cats.js';
import { code } from './genres/code.js';
import { description } from './genres/description.js';
import { dialogue } from './genres/dialogue.js';
import type { Genre } from './genres/genre.js';
import { question } from './genres/question.js';
import { reading } from './genres/reading.js';
import { review } from './genres/review.js';
import { story, summary } from './genres/story.js';
import { sentences, translation } from './genres/translation.js';
import { lexicon } from './words/lexicon.js';

export const genres: readonly Genre[] = [
  cats,
  description,
  story,
  summary,
  review,
  question,
  reading,
  dialogue,
  translation,
  sentences,
  code,
];

/** Every frame that is written in words, each once. */
export const allFrames: readonly Frame[] = [...new Set(genres.flatMap((genre) => genre.frames.flat()))];

export interface Document {
  readonly text: string;
  /** The language it is written in; if it has both, that of its first half. */
  readonly lang: Language;
  readonly genre: string;
}

export interface GenerateOptions {
  seed: number;
  /** The number of documents. Default: unlimited. */
  count?: number;
  /** Names of genres (`genres`); default all, by weight. */
  genres?: readonly string[];
  /** Default `train`: nothing held out. In the others, every document has held-out content. */
  split?: Split;
  /** Leaves out documents that name their task ("Question: …", "翻译：…"). */
  unnamed?: boolean;
}

/** How a document names its task. */
const names =
  /^(Q|Question|Review|Sentiment|Good review|Bad review|English|Chinese|Translate): |\b(Q|Question|Summary|In short): |^Summary|^(问|问题|评论|情感|好评|差评|英文|中文|翻译|总结|概括)：|问：|问题：|How do you say |用英语怎么说|\((positive|negative)\)|（[正负]面）/m;

/** Whether a document says which task it belongs to. */
export function namesItsTask(text: string): boolean {
  return names.test(text);
}

/** Writes documents one by one. */
export function* generateDocuments(options: GenerateOptions): Generator<Document, void> {
  const {
    seed,
    count = Number.POSITIVE_INFINITY,
    genres: wanted,
    split = 'train',
    unnamed = false,
  } = options;
  const unknown = wanted?.find((name) => !genres.some((genre) => genre.name === name));
  if (unknown)
    throw new RangeError(`no genre "${unknown}"; there are ${genres.map(({ name }) => name).join(', ')}`);
  const open = genres
    .filter(({ name }) => wanted?.includes(name) ?? true)
    // Genres of weight 0 are in no mixture; they are written only if they are named.
    .flatMap((genre) => Array<Genre>(wanted ? Math.max(1, genre.weight) : genre.weight).fill(genre));
  const random = seededRandom(seed);
  for (let written = 0; written < count; ) {
    const genre = random.pick(open);
    const language = random.pick(['en', 'zh'] as const);
    const writer = new Writer(random, lexicon, split);
    const text = genre.write(writer, language);
    // Without held-out content, a document would measure what was learned.
    if (split !== 'train' && !writer.usedHeldOut) continue;
    if (unnamed && namesItsTask(text)) continue;
    written++;
    yield { text, lang: language, genre: genre.name };
  }
}
