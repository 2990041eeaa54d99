/**
 * @file Networks that read bytes: a rule is an automaton whose edges read a byte or call a rule, so that rules can be
 *   recursive, as JSON is (W. Woods, "Transition Network Grammars", 1970).
 *
 * A `Piece` draws itself after a state and returns the state where it ends. Pieces are combined into larger ones.
 */
import { say } from '../say.js';

export interface State {
  /** Bytes from `low` to `high` lead to `to`. */
  readonly bytes: { readonly low: number; readonly high: number; to: State }[];
  readonly calls: { readonly rule: Rule; to: State }[];
  /** States that are reachable without a byte. */
  readonly empty: State[];
  /** Whether it ends a rule. */
  readonly isEnd: boolean;
}

/** What is read between two states. */
export interface Rule {
  readonly start: State;
  readonly end: State;
}

export type Piece = (from: State) => State;

/** Far more than any schema written by people needs; larger networks take too long to read with. */
const maxStates = 50_000;

/** Creates states, up to a limit. */
export class Network {
  readonly states: State[] = [];

  /** @throws GrammarTooLarge */
  state(isEnd = false): State {
    if (this.states.length >= maxStates) throw new GrammarTooLarge();
    const state: State = { bytes: [], calls: [], empty: [], isEnd };
    this.states.push(state);
    return state;
  }

  rule(): Rule {
    return { start: this.state(), end: this.state(true) };
  }

  /** Defines a rule as a piece; a rule may be called before it is defined. */
  define({ start, end }: Rule, piece: Piece): void {
    piece(start).empty.push(end);
  }

  /** One byte of a range. */
  range(low: number, high = low): Piece {
    return (from) => {
      const to = this.state();
      from.bytes.push({ low, high, to });
      return to;
    };
  }

  literal(text: string): Piece {
    return this.sequence(...Array.from(new TextEncoder().encode(text), (byte) => this.range(byte)));
  }

  call(rule: Rule): Piece {
    return (from) => {
      const to = this.state();
      from.calls.push({ rule, to });
      return to;
    };
  }

  sequence(...pieces: readonly Piece[]): Piece {
    return (from) => pieces.reduce((state, piece) => piece(state), from);
  }

  /** One of the pieces; with none, nothing can be read. */
  choice(...pieces: readonly Piece[]): Piece {
    return (from) => {
      const to = this.state();
      for (const piece of pieces) {
        const own = this.state(); // a loop back to the start of one piece must not lead into the others
        from.empty.push(own);
        piece(own).empty.push(to);
      }
      return to;
    };
  }

  optional(piece: Piece): Piece {
    return this.choice(piece, (from) => from);
  }

  repeat(piece: Piece, least: number, most = Number.POSITIVE_INFINITY): Piece {
    return (from) => {
      let state = from;
      for (let i = 0; i < least; i++) {
        const next = piece(state);
        if (next === state) break; // what reads nothing can be repeated a billion times
        state = next;
      }
      if (most === Number.POSITIVE_INFINITY) {
        const loop = this.state();
        state.empty.push(loop);
        piece(loop).empty.push(loop);
        return loop;
      }
      const to = this.state();
      for (let i = least; i < most; i++) {
        state.empty.push(to);
        const next = piece(state);
        if (next === state) break;
        state = next;
      }
      state.empty.push(to);
      return to;
    };
  }
}

export class GrammarTooLarge extends Error {
  constructor() {
    super(say`it is too large; use smaller bounds, or fewer parts`);
  }
}

/**
 * Removes dead ends, so that whatever can be begun can also be finished.
 * @returns whether the rule can read anything at all
 */
export function removeDeadEnds(states: readonly State[], { start, end }: Rule): boolean {
  const callers = new Map<State, State[]>(); // to be checked again once a state is known not to be a dead end
  const note = (state: State, caller: State) => {
    const known = callers.get(state);
    if (known) known.push(caller);
    else callers.set(state, [caller]);
  };
  const ends = new Set<State>([end]);
  for (const state of states) {
    for (const { to } of state.bytes) note(to, state);
    for (const to of state.empty) note(to, state);
    for (const { rule, to } of state.calls) {
      ends.add(rule.end);
      note(to, state);
      note(rule.start, state);
    }
  }
  const alive = new Set<State>(ends);
  const leadsOn = ({ bytes, calls, empty }: State) =>
    bytes.some(({ to }) => alive.has(to)) ||
    empty.some((to) => alive.has(to)) ||
    calls.some(({ rule, to }) => alive.has(to) && alive.has(rule.start));
  for (const waiting = [...alive]; waiting.length > 0; ) {
    for (const caller of callers.get(waiting.pop()!) ?? []) {
      if (alive.has(caller) || !leadsOn(caller)) continue;
      alive.add(caller);
      waiting.push(caller);
    }
  }
  for (const { bytes, calls, empty } of states) {
    keep(bytes, ({ to }) => alive.has(to));
    keep(empty, (to) => alive.has(to));
    keep(calls, ({ rule, to }) => alive.has(to) && alive.has(rule.start));
  }
  return alive.has(start);
}

/** Leads edges past states that do nothing but lead on, so that different ways to the same place end in one state. */
export function shorten(states: readonly State[]): void {
  for (const { bytes, calls, empty } of states) {
    for (const edge of bytes) edge.to = pastIdle(edge.to);
    for (const edge of calls) edge.to = pastIdle(edge.to);
    for (const [i, to] of empty.entries()) empty[i] = pastIdle(to);
  }
}

function pastIdle(state: State): State {
  const seen = new Set<State>();
  let at = state;
  while (at.bytes.length + at.calls.length === 0 && at.empty.length === 1 && !at.isEnd && !seen.has(at)) {
    seen.add(at);
    at = at.empty[0]!;
  }
  return at;
}

function keep<Item>(items: Item[], isKept: (item: Item) => boolean): void {
  const kept = items.filter(isKept);
  items.splice(0, items.length, ...kept);
}

/** Whether a rule calls itself before it has read a byte, which would never end. */
export function isLeftRecursive(states: readonly State[], root: Rule): boolean {
  const rules = new Set([root, ...states.flatMap(({ calls }) => calls.map(({ rule }) => rule))]);
  const finished = new Set<Rule>();
  const underWay = new Set<Rule>();
  const canBeEmpty = new Set<Rule>();
  return [...rules].some(callsItself);

  function callsItself(rule: Rule): boolean {
    if (finished.has(rule)) return false;
    if (underWay.has(rule)) return true;
    underWay.add(rule);
    const reached = new Set<State>([rule.start]); // without a byte; a set that grows is iterated to its end
    for (const { empty, calls } of reached) {
      for (const to of empty) reached.add(to);
      for (const { rule: called, to } of calls) {
        if (callsItself(called)) return true;
        if (canBeEmpty.has(called)) reached.add(to);
      }
    }
    if (reached.has(rule.end)) canBeEmpty.add(rule);
    underWay.delete(rule);
    finished.add(rule);
    return false;
  }
}
