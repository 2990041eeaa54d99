/** @file What errors are made of, and what is said of any option or field, in Chinese. */
import type { Sentences } from '../../say.js';

export const errors: Sentences = {
  '; ': '；',
  '{0}: {1}': '{0}：{1}',
  '{0} (line {1})': '{0}（第 {1} 行）',
  ': ': '：',
  '{0} ({1}): {2}': '{0}（{1}）：{2}',
  '{0}, got {1}': '{0}，得到 {1}',
  'expected {0}': '应为 {0}',
  'expected {0} to have {1} characters': '应为 {1} 个字符的 {0}',
  'expected {0} to have {1} items': '应为 {1} 项的 {0}',
  'expected {0} to be {1}': '应为 {1} 的 {0}',
  'it is missing; {0}': '缺少该项；{0}',
  'the key is unknown; did you mean "{0}"?': '未知的键；是否想用 "{0}"？',
  'the key is unknown; {0}': '未知的键；{0}',
  'expected no keys here': '这里不应有键',
  none: '无',

  // Found by `said`: what zod calls the types of values.
  number: '数字',
  string: '字符串',
  boolean: '布尔值',
  array: '数组',
  object: '对象',
  record: '对象',
};
