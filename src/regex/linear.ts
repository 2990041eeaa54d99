/**
 * @file Searches in time proportional to the length of the text, for patterns that have not been reviewed: backtracking
 *   that remembers the outcome of each choice at each position (R. Cox, "Regular Expression Matching: the Virtual
 *   Machine Approach", 2009, on memoization). The outcome depends on the position alone, since patterns have no
 *   backreferences.
 */
import { PromptuneError } from '../errors.js';
import { say } from '../say.js';
import type { Node } from './syntax.js';

/** The part of a RegExp with the flag g that searching needs. */
export interface Pattern {
  lastIndex: number;
  /** The next match from `lastIndex`, which is then set to its end. */
  exec(text: string): { readonly index: number; readonly 0: string } | null;
}

type Instruction =
  | { op: 'set'; set: CharacterSet; next: number }
  /** Continues at `next` and, if that fails, at `other`. */
  | { op: 'split'; next: number; other: number; number: number }
  | { op: 'look'; inner: number; isBehind: boolean; isNegative: boolean; next: number }
  | { op: 'atomic'; inner: number; next: number }
  | { op: 'match' };

const maxInstructions = 20_000;

/** Limit on choices times positions: 1 GiB. */
const maxMemory = 2 ** 28;

/** Instructions per character of a text; for short texts, the limit in total. */
const stepsPerCharacter = 2000;
const minSteps = 10_000_000;

// The remembered outcome of a choice at a position; above 0, the end of the match plus 1.
const unknown = 0;
const failed = -1;
const underWay = -2;

/** @throws Error if the pattern is too large */
export function linearPattern(tree: Node, source: string): Pattern {
  return new LinearPattern(compile(tree), source);
}

interface Program {
  readonly instructions: readonly Instruction[];
  readonly start: number;
  readonly splits: number;
  /** Whether something that can match the empty text is repeated: a choice may then recur at the same position. */
  readonly hasEmptyLoops: boolean;
}

function compile(tree: Node): Program {
  const instructions: Instruction[] = [];
  const sets = new Map<string, CharacterSet>();
  let splits = 0;
  let hasEmptyLoops = false;

  const add = (instruction: Instruction): number => {
    if (instructions.length >= maxInstructions) throw new Error(say`it is too large`);
    return instructions.push(instruction) - 1;
  };
  const split = (next: number, other: number) => add({ op: 'split', next, other, number: splits++ });

  /**
   * Adds the instructions that match `node` and continue at `next`; returns their start. Built from the end to the
   * start.
   */
  function emit(node: Node, next: number, isBackward: boolean): number {
    switch (node.kind) {
      case 'set': {
        const set = sets.get(node.source) ?? new CharacterSet(node.source);
        sets.set(node.source, set);
        return add({ op: 'set', set, next });
      }
      case 'sequence': {
        const nodes = isBackward ? node.nodes : node.nodes.toReversed();
        return nodes.reduce((after, inner) => emit(inner, after, isBackward), next);
      }
      case 'choice': {
        const starts = node.nodes.map((inner) => emit(inner, next, isBackward));
        return starts.reduceRight((other, start) => split(start, other));
      }
      case 'repeat':
        return emitRepeat(node, next, isBackward);
      case 'look': {
        const inner = emit(node.node, add({ op: 'match' }), node.isBehind);
        return add({ op: 'look', inner, isBehind: node.isBehind, isNegative: node.isNegative, next });
      }
      case 'atomic':
        return add({ op: 'atomic', inner: emit(node.node, add({ op: 'match' }), isBackward), next });
    }
  }

  function emitRepeat(
    { node, least, most, isLazy }: Node & { kind: 'repeat' },
    next: number,
    isBackward: boolean,
  ): number {
    const either = (body: number, exit: number) => (isLazy ? split(exit, body) : split(body, exit));
    let start = next;
    if (most === Number.POSITIVE_INFINITY) {
      if (isNullable(node)) hasEmptyLoops = true;
      start = either(next, next);
      const loop = instructions[start] as Instruction & { op: 'split' };
      loop[isLazy ? 'other' : 'next'] = emit(node, start, isBackward);
    } else {
      for (let i = least; i < most; i++) start = either(emit(node, start, isBackward), next);
    }
    for (let i = 0; i < least; i++) start = emit(node, start, isBackward);
    return start;
  }

  const start = emit(tree, add({ op: 'match' }), false);
  return { instructions, start, splits, hasEmptyLoops };
}

/** Whether it can match the empty text. */
export function isNullable(node: Node): boolean {
  switch (node.kind) {
    case 'set':
      return false;
    case 'sequence':
      return node.nodes.every(isNullable);
    case 'choice':
      return node.nodes.some(isNullable);
    case 'repeat':
      return node.least === 0 || isNullable(node.node);
    case 'look':
      return true;
    case 'atomic':
      return isNullable(node.node);
  }
}

class CharacterSet {
  readonly #pattern: RegExp;
  readonly #known = new Map<number, boolean>();

  constructor(source: string) {
    this.#pattern = new RegExp(`^${source}$`, 'v');
  }

  has(point: number): boolean {
    let isIn = this.#known.get(point);
    if (isIn === undefined) {
      isIn = this.#pattern.test(String.fromCodePoint(point));
      this.#known.set(point, isIn);
    }
    return isIn;
  }
}

class LinearPattern implements Pattern {
  lastIndex = 0;
  #text: string | undefined;
  /** By choice and position. */
  #memory = new Int32Array(0);
  #touched: number[] = [];
  #steps = 0;

  constructor(
    readonly program: Program,
    readonly source: string,
  ) {}

  exec(text: string): { readonly index: number; readonly 0: string } | null {
    if (text !== this.#text) this.#begin(text);
    for (let start = this.lastIndex; start <= text.length; start += sizeAt(text, start)) {
      const end = this.#run(this.program.start, start, 1);
      if (this.program.hasEmptyLoops) this.#forget();
      if (end < 0) continue;
      this.lastIndex = end;
      return { index: start, 0: text.slice(start, end) };
    }
    this.lastIndex = 0;
    this.#text = undefined;
    this.#memory = new Int32Array(0);
    return null;
  }

  #begin(text: string): void {
    const size = this.program.splits * (text.length + 1);
    if (size > maxMemory)
      throw new PromptuneError(
        say`the pattern ${this.source} needs too much memory for a text of ${text.length}`,
      );
    this.#memory = new Int32Array(size);
    this.#text = text;
    this.#steps = Math.max(minSteps, stepsPerCharacter * text.length);
  }

  /** Failures that depend on a choice still in progress hold for that run only. */
  #forget(): void {
    for (const key of this.#touched) this.#memory[key] = unknown;
    this.#touched = [];
  }

  /**
   * The end of a match from `from`, or -1.
   * @param step 1 to read forward, -1 backward
   */
  #run(start: number, from: number, step: 1 | -1): number {
    const { instructions, hasEmptyLoops } = this.program;
    const text = this.#text!;
    const memory = this.#memory;
    const places = text.length + 1;
    const waiting: number[] = []; // instruction, position and length of the path, for each choice with another way left
    const path: number[] = []; // the choices that led here
    let at = start;
    let place = from;
    for (;;) {
      if (--this.#steps < 0)
        throw new PromptuneError(say`the pattern ${this.source} takes too long for a text of ${text.length}`);
      const instruction = instructions[at]!;
      let isOpen = true;
      let end = -1;
      switch (instruction.op) {
        case 'set': {
          const point = step > 0 ? text.codePointAt(place) : pointBefore(text, place);
          isOpen = point !== undefined && instruction.set.has(point);
          if (isOpen) place += step * (point! > 0xffff ? 2 : 1);
          at = instruction.next;
          break;
        }
        case 'split': {
          const key = instruction.number * places + place;
          const known = memory[key]!;
          if (known === unknown) {
            memory[key] = underWay;
            if (hasEmptyLoops) this.#touched.push(key);
            path.push(key);
            waiting.push(instruction.other, place, path.length);
            at = instruction.next;
          } else if (known > 0) end = known - 1;
          else isOpen = false;
          break;
        }
        case 'look': {
          const found = this.#run(instruction.inner, place, instruction.isBehind ? -1 : 1) >= 0;
          isOpen = found !== instruction.isNegative;
          at = instruction.next;
          break;
        }
        case 'atomic': {
          const innerEnd = this.#run(instruction.inner, place, step);
          isOpen = innerEnd >= 0;
          place = innerEnd;
          at = instruction.next;
          break;
        }
        case 'match':
          end = place;
      }
      if (end >= 0) {
        for (const key of path) memory[key] = end + 1;
        return end;
      }
      if (isOpen) continue;
      const kept = waiting.length === 0 ? 0 : waiting.pop()!;
      while (path.length > kept) memory[path.pop()!] = failed;
      if (waiting.length === 0) return -1;
      place = waiting.pop()!;
      at = waiting.pop()!;
    }
  }
}

const sizeAt = (text: string, place: number): number => (text.codePointAt(place)! > 0xffff ? 2 : 1);

function pointBefore(text: string, place: number): number | undefined {
  if (place === 0) return undefined;
  const point = text.codePointAt(place - 2);
  return place > 1 && point! > 0xffff ? point : text.charCodeAt(place - 1);
}
