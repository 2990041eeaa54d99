/**
 * @file Reads a network byte by byte. A position in a text is a set of stacks of states, which is created once and
 *   reused, so that the next byte is a table look-up.
 */
import { GrammarTooLarge, type Rule, type State } from './network.js';

/** A state, and where to continue when its rule has ended. Equal stacks are the same object. */
interface Stack {
  readonly state: State;
  readonly parent: Stack | undefined;
  readonly number: number;
  /** The stacks on top of it, by their states. */
  readonly children: Map<State, Stack>;
  /** Where a text is that has just got here, and nowhere else. */
  position?: Position;
}

/** What has been read so far, as far as it determines what may follow. */
export interface Position {
  readonly stacks: readonly Stack[];
  /** Whether the text read so far is complete. */
  readonly isEnd: boolean;
  /** By byte; null if it cannot follow, undefined if that has not been computed. */
  readonly next: (Position | null | undefined)[];
}

/** Maximum number of remembered positions; forgotten ones have to be computed again. */
const maxPositions = 2048;

/** Ways to read a text that are followed at once: patterns such as `(.{0,99}){0,99}` have very many. */
const maxStacks = 4096;

/** Stacks that are looked at for one mask. It takes up to a second; usual schemas need some thousands. */
const maxWork = 5_000_000;

export class Matcher {
  readonly #root: Rule;
  /** The bottom of every stack: whoever reaches it has read a complete text. */
  #bottom: Stack;
  #positions = new Map<string, Position>();
  #count = 0;
  #work = 0;
  start: Position;

  constructor(root: Rule) {
    this.#root = root;
    this.#bottom = this.#newBottom();
    this.start = this.#position([this.#stack(root.start, this.#bottom)]);
  }

  #newBottom(): Stack {
    return { state: this.#root.end, parent: undefined, number: this.#count++, children: new Map() };
  }

  /** What follows may take so much work again. */
  beginMask(): void {
    this.#work = 0;
  }

  /**
   * The position after a byte; null if the byte cannot follow.
   * @throws GrammarTooLarge
   */
  next(position: Position, byte: number): Position | null {
    const known = position.next[byte];
    if (known !== undefined) return known;
    const stacks: Stack[] = [];
    this.#work += position.stacks.length;
    for (const { state, parent } of position.stacks)
      for (const { low, high, to } of state.bytes)
        if (byte >= low && byte <= high) stacks.push(this.#stack(to, parent!));
    const next = this.#positionAt(stacks);
    position.next[byte] = next;
    return next;
  }

  /** Nearly always it is one stack, which most bytes of a string lead to. */
  #positionAt(stacks: readonly Stack[]): Position | null {
    if (stacks.length === 0) return null;
    if (stacks.length > 1) return this.#position(stacks);
    const [stack] = stacks as [Stack];
    stack.position ??= this.#position(stacks);
    return stack.position;
  }

  /** Forgets remembered positions if there are too many. Positions in use stay valid. */
  tidy(): void {
    if (this.#positions.size <= maxPositions) return;
    this.#positions = new Map();
    this.#bottom = this.#newBottom();
    this.start = this.#position([this.#stack(this.#root.start, this.#bottom)]);
  }

  #stack(state: State, parent: Stack): Stack {
    const known = parent.children.get(state);
    if (known) return known;
    const made = { state, parent, number: this.#count++, children: new Map() };
    parent.children.set(state, made);
    return made;
  }

  /** Adds everything that is reachable without a byte. Only stacks that read bytes are kept. */
  #position(begun: readonly Stack[]): Position {
    const reached = new Set(begun); // a set that grows is iterated to its end
    const reading: Stack[] = [];
    let isEnd = false;
    for (const stack of reached) {
      if (reached.size > maxStacks) throw new GrammarTooLarge();
      const { state, parent } = stack;
      if (!parent) {
        isEnd = true;
        continue;
      }
      if (state.bytes.length > 0) reading.push(stack);
      if (state.isEnd) reached.add(parent);
      for (const to of state.empty) reached.add(this.#stack(to, parent));
      for (const { rule, to } of state.calls) reached.add(this.#stack(rule.start, this.#stack(to, parent)));
    }
    this.#work += reached.size;
    if (this.#work > maxWork) throw new GrammarTooLarge();
    const key = `${isEnd} ${reading.map(({ number }) => number).sort((a, b) => a - b)}`;
    const known = this.#positions.get(key);
    if (known) return known;
    const position: Position = { stacks: reading, isEnd, next: new Array(256) };
    this.#positions.set(key, position);
    return position;
  }
}
