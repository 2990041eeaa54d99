/**
 * @file JSON files with their records somewhere inside one object: SQuAD's own format, named lists, tables of columns.
 */
import { FileError } from '../errors.js';
import { isJsonObject, type JsonObject } from '../formats/json.js';
import { say } from '../say.js';
import type { Fields } from './record-formats.js';

/** A record and its place in the tree, such as `data[0].paragraphs[2].qas[0]`. */
export interface TreeRecord {
  readonly place: string;
  readonly fields: Fields;
}

/** Names of lists of records. */
const listNames = ['data', 'rows', 'instances', 'examples', 'records', 'items', 'train', 'training'];
const splitNames = ['train', 'training', 'validation', 'valid', 'dev', 'test', 'eval'];

/**
 * The records inside an object that is a whole file, or undefined if it is itself a record.
 * @throws FileError if several lists could be meant, or a list has elements that are not objects
 */
export function recordsInTree(tree: JsonObject, path: string): TreeRecord[] | undefined {
  const table = columnTable(tree);
  if (table) return table;
  const lists = Object.keys(tree).filter((name) => isRecordList(tree[name]));
  const splits = lists.filter((name) => splitNames.includes(name));
  if (splits.length > 1) {
    const problem = say`it has several lists of records (${splits.join(', ')}); write the one to use to a separate
      file`;
    throw new FileError(path, undefined, problem);
  }
  const [name] = lists.filter((candidate) => listNames.includes(candidate));
  if (name === undefined) return undefined;
  return (tree[name] as JsonObject[]).flatMap((item, i) => inArticle(rowOf(item), `${name}[${i}]`));
}

const isRecordList = (value: unknown): value is JsonObject[] =>
  Array.isArray(value) && value.length > 0 && value.every(isJsonObject);

/** Whether an element of a list is an article in SQuAD's own format, which has several questions. */
export const isArticle = (value: unknown): boolean => isJsonObject(value) && isRecordList(value.paragraphs);

/** Responses of the Hub wrap each record as {"row_idx": 0, "row": {…}}. */
const rowOf = (item: JsonObject): JsonObject =>
  'row_idx' in item && isJsonObject(item.row) ? item.row : item;

/**
 * SQuAD's own format (Rajpurkar et al. 2016): articles have paragraphs, paragraphs have questions. Anything else is
 * itself a record.
 */
export function inArticle(item: Fields, place: string): TreeRecord[] {
  if (!isArticle(item)) return [{ place, fields: item }];
  const { paragraphs, ...article } = item;
  return (paragraphs as JsonObject[]).flatMap(({ qas, ...paragraph }, i) => {
    const at = `${place}.paragraphs[${i}]`;
    if (!Array.isArray(qas)) return [{ place: at, fields: { ...article, ...paragraph } }];
    return qas.map((question: unknown, j) => ({
      place: `${at}.qas[${j}]`,
      fields: { ...article, ...paragraph, ...(isJsonObject(question) ? question : { question }) },
    }));
  });
}

/** A table as pandas writes it: a list per column, an object {"0": …, "1": …} per column, or {columns, data}. */
function columnTable(tree: JsonObject): TreeRecord[] | undefined {
  const { columns, data } = tree;
  if (
    isTextList(columns) &&
    Array.isArray(data) &&
    data.every((row) => Array.isArray(row) && row.length === columns.length)
  )
    return (data as unknown[][]).map((row, i) => ({
      place: `data[${i}]`,
      fields: Object.fromEntries(columns.map((name, j) => [name, row[j]])),
    }));
  const names = Object.keys(tree);
  const values = Object.values(tree);
  if (names.length < 2) return undefined;
  const keys = isJsonObject(values[0]) ? Object.keys(values[0]) : [];
  const isByNumber =
    keys.length > 0 &&
    keys.every((key, i) => key === String(i)) &&
    values.every((value) => isJsonObject(value) && Object.keys(value).join() === keys.join());
  const length = isByNumber ? keys.length : Array.isArray(values[0]) ? values[0].length : 0;
  const isOneSentence = names.some((name) => ['tokens', 'words'].includes(name)); // with its tags
  const isLists = !isOneSentence && values.every((value) => isScalarList(value) && value.length === length);
  if (length === 0 || !(isByNumber || isLists)) return undefined;
  return Array.from({ length }, (_, i) => ({
    place: `row ${i + 1}`,
    fields: Object.fromEntries(names.map((name) => [name, (tree[name] as Record<number, unknown>)[i]])),
  }));
}

const isTextList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
const isScalarList = (value: unknown): value is unknown[] =>
  Array.isArray(value) && value.every((item) => !Array.isArray(item) && !isJsonObject(item));
