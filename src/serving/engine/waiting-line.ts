/** @file Requests that wait for a row: clients take turns, and so do the models of each. */

/** What places a request in the line. */
export interface Waiting {
  readonly client: string;
  readonly model: string;
  /** How often it stood first and did not fit. */
  passedOver: number;
}

/** So often others may go before one that does not fit; then all wait until it does. */
const patience = 64;

/** Those in front come first, and whoever was served goes to the back. */
class Turns<Value> {
  readonly #byName = new Map<string, Value>();

  get isEmpty(): boolean {
    return this.#byName.size === 0;
  }

  /** In the order of their turns. */
  get values(): Value[] {
    return [...this.#byName.values()];
  }

  of(name: string, create: () => Value): Value {
    let value = this.#byName.get(name);
    if (value === undefined) {
      value = create();
      this.#byName.set(name, value);
    }
    return value;
  }

  /** It has had its turn; where it has nothing more, it leaves. */
  served(name: string, isEmpty: boolean): void {
    const value = this.#byName.get(name)!;
    this.#byName.delete(name);
    if (!isEmpty) this.#byName.set(name, value);
  }
}

/**
 * A line for every client and model. The next is the first of the model whose turn it is, of the client whose turn it
 * is: a client with many requests, or a model with many, delays the others by one each.
 */
export class WaitingLine<Item extends Waiting> {
  readonly #clients = new Turns<Turns<Item[]>>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(item: Item): void {
    const models = this.#clients.of(item.client, () => new Turns<Item[]>());
    models.of(item.model, () => []).push(item);
    this.#length++;
  }

  /**
   * Takes the next one that `fits`; undefined where none does. Those passed over keep their turns, and what was passed
   * over too often is waited for, so that neither a large request nor a rare adapter waits for ever.
   */
  take(fits: (item: Item) => boolean): Item | undefined {
    for (const models of this.#clients.values)
      for (const line of models.values) {
        const first = line[0]!;
        if (fits(first)) {
          this.#remove(first, line, 0, true);
          return first;
        }
        if (++first.passedOver > patience) return undefined;
      }
    return undefined;
  }

  /** Takes one out, wherever it stands; false where it does not wait. */
  remove(item: Item): boolean {
    const line = this.#lines().find((line) => line.includes(item));
    if (line) this.#remove(item, line, line.indexOf(item), false);
    return line !== undefined;
  }

  /** Takes all out. */
  clear(): Item[] {
    const all = this.#lines().flat();
    for (const item of all) this.remove(item);
    return all;
  }

  #lines(): Item[][] {
    return this.#clients.values.flatMap((models) => models.values);
  }

  #remove({ client, model }: Item, line: Item[], at: number, isServed: boolean): void {
    line.splice(at, 1);
    this.#length--;
    const models = this.#clients.of(client, () => new Turns<Item[]>());
    if (isServed || line.length === 0) models.served(model, line.length === 0);
    if (isServed || models.isEmpty) this.#clients.served(client, models.isEmpty);
  }
}
