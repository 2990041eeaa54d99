/** @file The language that the command line speaks: `--lang`, or that of the environment. */
import { UsageError } from '../../index.js';
import { type Language, languages } from '../../say.js';

/**
 * The language, and the arguments without `--lang`, which may stand anywhere before `--`.
 * @throws UsageError for a language that there is not
 */
export function languageOf(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): { language: Language; args: string[] } {
  const end = args.indexOf('--');
  const options = end === -1 ? args : args.slice(0, end);
  const at = options.findIndex((arg) => arg === '--lang' || arg.startsWith('--lang='));
  if (at === -1) return { language: languageOfEnvironment(environment), args: [...args] };
  const isApart = options[at] === '--lang';
  const given = isApart ? options[at + 1] : options[at]!.slice('--lang='.length);
  const language = languages.find((name) => name === given);
  if (!language) throw new UsageError(`--lang: expected one of ${languages.join(', ')}, got ${given}`);
  return { language, args: args.toSpliced(at, isApart ? 2 : 1) };
}

/** As POSIX ranks the variables; `zh_CN.UTF-8` and `zh_TW` are Chinese. */
function languageOfEnvironment({
  LC_ALL,
  LC_MESSAGES,
  LANG,
}: Readonly<Record<string, string | undefined>>): Language {
  return (LC_ALL || LC_MESSAGES || LANG || '').startsWith('zh') ? 'zh' : 'en';
}
