/** @file The parts of JSON texts: spaces, strings, numbers, lists, objects, and any value. */
import { allCharacters, anyQuoted, quoted, without } from './characters.js';
import type { Network, Piece, Rule } from './network.js';
import { anyNumber } from './numbers.js';

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** A property of an object, in order. */
export interface Property {
  readonly name: string;
  readonly value: Piece;
  readonly isRequired: boolean;
}

/** Draws parts of JSON texts into a network; frequent parts become rules and are drawn once. */
export class JsonText {
  /**
   * White space between two parts: nothing, a space, or a line break with the spaces or tabs of an indentation. JSON
   * allows more, which a derailed model would generate endlessly.
   */
  readonly space: Piece;
  /** A character of a string. */
  readonly #character: Piece;
  readonly #net: Network;
  #any: Rule | undefined;
  #anyObject: Rule | undefined;

  constructor(net: Network) {
    this.#net = net;
    const indent = net.choice(net.repeat(net.literal(' '), 0, 20), net.repeat(net.literal('\t'), 1, 8));
    const line = net.sequence(net.literal('\n'), indent);
    this.space = this.#shared(net.optional(net.choice(net.literal(' '), line)));
    this.#character = this.#shared(anyQuoted(net));
  }

  #shared(piece: Piece): Piece {
    const rule = this.#net.rule();
    this.#net.define(rule, piece);
    return this.#net.call(rule);
  }

  /** @param least minimum and maximum number of characters, as Unicode counts them */
  string(least = 0, most = Number.POSITIVE_INFINITY): Piece {
    return this.between(this.#net.repeat(this.#character, least, most));
  }

  /** A string with this content. */
  between(contents: Piece): Piece {
    return this.#net.sequence(this.#net.literal('"'), contents, this.#net.literal('"'));
  }

  /** A fixed value, with white space wherever other values may have it. */
  constant(value: JsonValue): Piece {
    if (Array.isArray(value)) return this.list(value.map((item) => this.constant(item)));
    if (typeof value !== 'object' || value === null) return this.#net.literal(JSON.stringify(value));
    const properties = Object.entries(value).map(([name, own]) => ({
      name,
      value: this.constant(own),
      isRequired: true,
    }));
    return this.object(properties);
  }

  /**
   * A list that begins with `first` and continues with `rest`.
   * @param least minimum and maximum number of items in total
   */
  list(
    first: readonly Piece[],
    rest?: Piece,
    least = first.length,
    most = rest ? Infinity : first.length,
  ): Piece {
    const net = this.#net;
    const comma = net.sequence(net.literal(','), this.space);
    return net.sequence(net.literal('['), this.space, items(0), this.space, net.literal(']'));

    /** What may follow this many items. */
    function items(place: number): Piece {
      const item = first[place] ?? rest;
      const nothing: Piece = (from) => from;
      if (!item || place >= most) return place >= least ? nothing : net.choice();
      const before = place === 0 ? nothing : comma;
      if (place >= first.length && place > 0) {
        const more = net.sequence(comma, item);
        return net.repeat(more, Math.max(0, least - place), most - place);
      }
      const some = net.sequence(before, item, items(place + 1));
      return place >= least ? net.choice(nothing, some) : some;
    }
  }

  /**
   * An object with these properties in this order: all required ones, and any of the others.
   * @param others values of properties with other names, which come last
   */
  object(properties: readonly Property[], others?: Piece): Piece {
    const net = this.#net;
    const comma = net.sequence(net.literal(','), this.space);
    const colon = net.sequence(net.literal(':'), this.space);
    const whole: Piece = (from) => {
      // Two paths through the properties: before the first one is written, and afterwards, where a comma comes first.
      let none = from;
      let some: ReturnType<Piece> = net.state();
      for (const { name, value, isRequired } of properties) {
        const key = net.state();
        none.empty.push(key);
        comma(some).empty.push(key);
        const end = net.sequence(net.literal(JSON.stringify(name)), colon, value)(key);
        const [nextNone, nextSome] = [net.state(), net.state()];
        end.empty.push(nextSome);
        if (!isRequired) {
          none.empty.push(nextNone);
          some.empty.push(nextSome);
        }
        [none, some] = [nextNone, nextSome];
      }
      const end = net.state();
      if (others) {
        const names = properties.map(({ name }) => name);
        const other = net.sequence(this.#otherName(names), colon, others);
        const more = net.repeat(net.sequence(comma, other), 0);
        net.sequence(other, more)(none).empty.push(end);
        more(some).empty.push(end);
      } else some.empty.push(end);
      none.empty.push(end);
      return end;
    };
    return net.sequence(net.literal('{'), this.space, whole, this.space, net.literal('}'));
  }

  /** A name other than these; without escapes, which would be another spelling of one of them. */
  #otherName(names: readonly string[]): Piece {
    const net = this.#net;
    const plain = without(allCharacters, [
      [0, 0x1f],
      [0x22, 0x22],
      [0x5c, 0x5c],
    ]);
    const rest = net.repeat(quoted(net, plain), 0);
    const differing = (tails: readonly string[][]): Piece => {
      const nexts = new Map<string, string[][]>();
      for (const [first, ...tail] of tails)
        if (first !== undefined) nexts.set(first, [...(nexts.get(first) ?? []), tail]);
      const known = [...nexts.keys()].map((character) => {
        const point = character.codePointAt(0)!;
        return [point, point] as const;
      });
      const pieces = [net.sequence(quoted(net, without(plain, known)), rest)];
      for (const [character, own] of nexts) pieces.push(net.sequence(net.literal(character), differing(own)));
      if (!tails.some(({ length }) => length === 0)) pieces.push((from) => from);
      return net.choice(...pieces);
    };
    return this.between(differing(names.map((name) => [...name])));
  }

  /** Any value. */
  any(): Piece {
    if (!this.#any) {
      this.#any = this.#net.rule();
      const any = this.#net.call(this.#any);
      const scalars = [true, false, null].map((value) => this.constant(value));
      this.#net.define(
        this.#any,
        this.#net.choice(
          ...scalars,
          this.string(),
          anyNumber(this.#net),
          this.list([], any, 0),
          this.anyObject(),
        ),
      );
    }
    return this.#net.call(this.#any);
  }

  anyObject(): Piece {
    if (!this.#anyObject) {
      this.#anyObject = this.#net.rule();
      this.#net.define(this.#anyObject, (from) => this.object([], this.any())(from));
    }
    return this.#net.call(this.#anyObject);
  }
}
