/**
 * @file The page's words in the reader's language. `t()` gives all of them, reactively: `{t().runs.title}`; words that
 *   depend on a value are functions: `t().runs.count(3)`. `format` writes numbers, durations and dates in that language.
 *   Each view has its words in `en/<view>.ts` and `zh/<view>.ts`, which have the same keys by their types.
 */
import { stored } from '../shell/stored.js';
import { en, type Messages } from './en/index.js';
import { zh } from './zh/index.js';

export type Language = 'en' | 'zh';
export const languages: Readonly<Record<Language, string>> = { en: 'English', zh: '中文' };

const all: Readonly<Record<Language, Messages>> = { en, zh };
const isLanguage = (value: unknown): value is Language => value === 'en' || value === 'zh';

const byBrowser = (): Language => navigator.languages.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? 'en';

const choice = stored('language');
let current = $state<Language>(isLanguage(choice.read()) ? (choice.read() as Language) : byBrowser());
$effect.root(() => {
  $effect(() => {
    document.documentElement.lang = current === 'zh' ? 'zh-CN' : 'en';
  });
});

export const language = {
  get current(): Language {
    return current;
  },
  /** Keeps the choice for the next visit. */
  choose(chosen: Language): void {
    current = chosen;
    choice.write(chosen);
  },
};

export const t = (): Messages => all[current];

const formats = new Map<string, Intl.NumberFormat>();

function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = current + JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.NumberFormat(current, options);
  formats.set(key, known);
  return known;
}

export const format = {
  /** Whole numbers with their separators; others with at most `digits` digits after the point. */
  number: (value: number, digits = 0): string =>
    numberFormat({ maximumFractionDigits: digits }).format(value),
  /** With the same number of digits after the point, as in a column. */
  fixed: (value: number, digits: number): string =>
    numberFormat({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value),
  /** Losses and the like: four significant digits at least, never in exponents. */
  loss: (value: number | undefined): string =>
    value === undefined || !Number.isFinite(value)
      ? '–'
      : numberFormat({ minimumFractionDigits: 3, maximumFractionDigits: value < 0.1 ? 5 : 3 }).format(value),
  /** `12.3k` or `1.2万`. */
  short: (value: number): string =>
    numberFormat({ notation: 'compact', maximumFractionDigits: 1 }).format(value),
  percent: (share: number, digits = 0): string =>
    numberFormat({ style: 'percent', maximumFractionDigits: digits }).format(share),
  bytes(bytes: number): string {
    const power = Math.min(4, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
    const unit = (['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const)[power]!;
    const value = bytes / 1000 ** power;
    return numberFormat({
      style: 'unit',
      unit,
      maximumFractionDigits: value < 10 && power > 0 ? 1 : 0,
    }).format(value);
  },
  /** The two largest units: `1 min 20 s`. */
  duration(seconds: number): string {
    const unit = (value: number, name: 'hour' | 'minute' | 'second', digits = 0) =>
      numberFormat({ style: 'unit', unit: name, maximumFractionDigits: digits }).format(value);
    if (seconds < 10) return unit(seconds, 'second', 1);
    const whole = Math.round(seconds);
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
    const gap = current === 'zh' ? '' : ' ';
    if (hours > 0) return unit(hours, 'hour') + gap + unit(minutes, 'minute');
    if (minutes > 0) return unit(minutes, 'minute') + gap + unit(whole % 60, 'second');
    return unit(whole, 'second');
  },
  time: (date: Date | string | number): string =>
    new Intl.DateTimeFormat(current, { timeStyle: 'medium' }).format(new Date(date)),
  date: (date: Date | string | number): string =>
    new Intl.DateTimeFormat(current, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(date)),
};
