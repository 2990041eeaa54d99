/**
 * @file Assembles records from columns. A column of nested values is flat, with two levels per entry: how much of its
 *   path exists, and at which repeated part of its path it continues (S. Melnik et al., "Dremel: Interactive Analysis
 *   of Web-Scale Datasets", 2010, section 4).
 */
import { say } from '../../say.js';
import type { Fields } from '../record-formats.js';
import type { Column } from './columns.js';
import type { SchemaNode } from './metadata.js';

/**
 * The rows of a group.
 * @param columns the columns of `leaves`, in the same order
 * @throws Error if the columns do not fit together
 */
export function rowsOf(root: SchemaNode, columns: readonly Column[], count: number): Fields[] {
  const cursors = columns.map((column) => new Cursor(column));
  let next = 0;
  const reader = (node: SchemaNode): NodeReader => {
    if (node.children.length === 0) return new NodeReader(node, [cursors[next++]!], []);
    const children = node.children.map(reader);
    return new NodeReader(
      node,
      children.flatMap((child) => child.cursors),
      children,
    );
  };
  const row = reader(root);
  const rows: Fields[] = [];
  for (let i = 0; i < count; i++) {
    for (const cursor of cursors) if (cursor.repetition !== 0) throw misfit();
    rows.push(row.fields());
  }
  if (cursors.some((cursor) => !cursor.isAtEnd)) throw misfit();
  return rows;
}

const misfit = () => new Error(say`its columns have other numbers of values than its rows`);

/** The position in a column. */
class Cursor {
  #entry = 0;
  #value = 0;

  constructor(readonly column: Column) {}

  get isAtEnd(): boolean {
    return this.#entry === this.column.definitions.length;
  }

  get definition(): number {
    if (this.isAtEnd) throw misfit();
    return this.column.definitions[this.#entry]!;
  }

  /** Undefined at the end. */
  get repetition(): number | undefined {
    return this.column.repetitions[this.#entry];
  }

  /** Takes an entry that has a value. */
  value(): unknown {
    this.#entry++;
    return this.column.values[this.#value++];
  }

  skip(): void {
    this.#entry++;
  }
}

/** Reads the next value of a node. */
class NodeReader {
  readonly #first: Cursor;

  constructor(
    readonly node: SchemaNode,
    readonly cursors: readonly Cursor[],
    readonly children: readonly NodeReader[],
  ) {
    this.#first = cursors[0]!;
  }

  read(): unknown {
    if (this.node.repetition === 'REPEATED') return this.list(() => this.one());
    if (this.isMissing()) return null;
    return this.one();
  }

  /** Whether the value is missing, which takes one entry in each column. */
  isMissing(): boolean {
    if (this.#first.definition >= this.node.maxDefinition) return false;
    for (const cursor of this.cursors) {
      if (cursor.definition >= this.node.maxDefinition) throw misfit();
      cursor.skip();
    }
    return true;
  }

  /** All values of a repeated node. */
  list(one: () => unknown): unknown[] {
    const items: unknown[] = [];
    if (this.isMissing()) return items;
    do items.push(one());
    while (this.#first.repetition === this.node.maxRepetition);
    return items;
  }

  /** A value that exists. */
  one(): unknown {
    const { node, children } = this;
    if (children.length === 0) {
      if (this.#first.definition !== node.maxDefinition) throw misfit();
      return this.#first.value();
    }
    const [inner] = children;
    if (children.length === 1 && inner!.node.repetition === 'REPEATED') {
      if (node.meaning?.kind === 'list') return inner!.list(inner!.#element(node.name));
      if (node.meaning?.kind === 'map' && inner!.children.length === 2) return inner!.#map();
    }
    return this.fields();
  }

  fields(): Fields {
    return Object.fromEntries(this.children.map((child) => [child.node.name, child.read()]));
  }

  /**
   * The reader of a list's elements, from its repeated node: its only child, or in older files the repeated node
   * itself.
   */
  #element(list: string): () => unknown {
    const { name } = this.node;
    const [child] = this.children;
    const isElement = this.children.length !== 1 || name === 'array' || name === `${list}_tuple`;
    return isElement ? () => this.one() : () => child!.read();
  }

  #map(): Fields {
    const [key, value] = this.children;
    return Object.fromEntries(this.list(() => [String(key!.read()), value!.read()]) as [string, unknown][]);
  }
}
