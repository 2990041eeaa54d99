/** @file Messages of commander about a command line, in the language that is spoken. */
import { spoken } from '../../say.js';

/** A message of commander's, which makes them in English alone. */
export const usageError = (message: string): string =>
  spoken().language === 'zh'
    ? chinese.reduce((said, [from, to]) => said.replace(from, to), message)
    : message;

const chinese: readonly (readonly [RegExp, string])[] = [
  [/^error: /, '错误：'],
  [/unknown option ('[^']*')/, '未知的选项 $1'],
  [/unknown command ('[^']*')/, '未知的命令 $1'],
  [/option ('[^']*') argument missing/, '选项 $1 缺少参数'],
  [/missing required argument ('[^']*')/, '缺少参数 $1'],
  [/required option ('[^']*') not specified/, '缺少选项 $1'],
  [/option ('[^']*') argument ('[^']*') is invalid\./, '选项 $1 的参数 $2 无效。'],
  [/option ('[^']*') cannot be used with option ('[^']*')/, '选项 $1 不能与选项 $2 一起使用'],
  [/Allowed choices are ([^\n]*)\./, '可选：$1。'],
  [/\(Did you mean ([^\n]*)\?\)/, '（是否想用 $1？）'],
  [/\(Put a flag before it: (.*)\.\)/, '（请在它前面加上标志：$1。）'],
  [/\(Leave out (\S*): its value is an argument\.\)/, '（去掉 $1：它的值是参数。）'],
  [
    /too many arguments(?: for ('[^']*'))?\. Expected (\d+) arguments? but got (\d+)\./,
    '参数过多：应为 $2 个，得到 $3 个。',
  ],
];
