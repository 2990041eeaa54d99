/**
 * @file Any text, in which a call follows a grammar once it has begun. The automaton is deterministic outside of calls:
 *   where a call has begun, no other way to read the text is left.
 */
import type { Network, Piece, State } from './network.js';

/** Where calls stand in a text. */
export interface CallPlaces {
  /** What announces a call anywhere, such as `<tool_call>`; '' if a text can only begin with calls. */
  readonly marker: string;
  /**
   * Without a marker: the beginnings that make a text a call, and not another JSON text. A space stands for any white
   * space, also none.
   */
  readonly beginnings: readonly string[];
  /** Without a marker: what stands between a call and the next one. Default: there is only one. */
  readonly separator?: string;
}

/** @param call what follows a marker, or the beginning of a text */
export function textWithCalls(net: Network, call: Piece, places: CallPlaces): Piece {
  return places.marker === '' ? beginningWithCalls(net, call, places) : markedCalls(net, call, places.marker);
}

const allBytes = Array.from({ length: 256 }, (_, byte) => byte);
const spaces = new TextEncoder().encode(' \t\n\r');
const bytesOf = (text: string) => [...new TextEncoder().encode(text)];

/** Finds the marker as Knuth, Morris and Pratt do: state k has read its first k bytes. */
function markedCalls(net: Network, call: Piece, marker: string): Piece {
  return (from) => {
    const bytes = bytesOf(marker);
    const to = net.state();
    const states = bytes.map(() => net.state());
    const begun = net.state();
    /** The state to continue from where the next byte does not fit. */
    let fallback = 0;
    const next = states.map(() => new Map<number, number>());
    for (const [k, byte] of bytes.entries()) {
      if (k > 0) for (const [other, at] of next[fallback]!) next[k]!.set(other, at);
      if (k > 0) fallback = next[fallback]!.get(byte) ?? 0;
      next[k]!.set(byte, k + 1);
    }
    for (const [k, state] of states.entries()) {
      leadOn(state, (byte) => {
        const at = next[k]!.get(byte) ?? 0;
        return at === bytes.length ? begun : states[at]!;
      });
      state.empty.push(to);
    }
    from.empty.push(states[0]!);
    call(begun).empty.push(states[0]!);
    return to;
  };
}

function beginningWithCalls(
  net: Network,
  call: Piece,
  { beginnings, separator }: Omit<CallPlaces, 'marker'>,
): Piece {
  return (from) => {
    const to = net.state();
    const free = net.state();
    leadOn(free, () => free);
    free.empty.push(to);
    const behind = separator === undefined ? free : net.state();
    const draw = (at: State, before: string) => {
      const own = net.state();
      at.empty.push(own);
      const blank = net.repeat(net.choice(...[...spaces].map((byte) => net.range(byte))), 0);
      net.sequence(blank, net.literal(before), blank, call)(own).empty.push(behind);
      otherThan(
        net,
        own,
        beginnings.map((beginning) => ` ${before} ${beginning}`),
        { free, to },
      );
    };
    draw(from, '');
    if (separator !== undefined) draw(behind, separator);
    return to;
  };
}

interface Node {
  readonly state: State;
  readonly children: Map<number, Node>;
  /** Whether white space may stand here. */
  skips: boolean;
}

/** Draws all texts after `from` that do not begin like one of these, as a tree of their bytes. */
function otherThan(
  net: Network,
  from: State,
  beginnings: readonly string[],
  { free, to }: { free: State; to: State },
): void {
  const create = (): Node => ({ state: net.state(), children: new Map(), skips: false });
  const root = create();
  for (const beginning of beginnings) {
    let node = root;
    for (const part of beginning.split(/( )/)) {
      if (part === ' ') node.skips = true;
      else
        for (const byte of bytesOf(part)) {
          const child = node.children.get(byte) ?? create();
          node.children.set(byte, child);
          node = child;
        }
    }
  }
  from.empty.push(root.state);
  for (const node of reached(root)) {
    const { state, children, skips } = node;
    state.empty.push(to);
    leadOn(state, (byte) => {
      const child = children.get(byte);
      if (child) return child.children.size > 0 ? child.state : undefined;
      return skips && spaces.includes(byte) ? state : free;
    });
  }
}

/** A node and all below it but those where a beginning is complete. */
function reached(node: Node): Node[] {
  return node.children.size === 0 ? [] : [node, ...[...node.children.values()].flatMap(reached)];
}

/** Leads every byte on to a state, or nowhere. */
function leadOn(from: State, to: (byte: number) => State | undefined): void {
  let last: { low: number; high: number; to: State } | undefined;
  for (const byte of allBytes) {
    const state = to(byte);
    if (state && last?.to === state && last.high === byte - 1) {
      last.high = byte;
      continue;
    }
    last = state && { low: byte, high: byte, to: state };
    if (last) from.bytes.push(last);
  }
}
