/** @file The queue of waiting requests: clients take turns, and so do the models of each client. */

/** What determines a request's place in the queue. */
export interface Waiting {
  readonly client: string;
  readonly model: string;
  /** How often it came first and did not fit. */
  passedOver: number;
}

/** How often a request that does not fit may be passed over; after that, all others wait for it. */
const patience = 64;

/** A round-robin queue: those in front come first, and go to the back when served. */
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

  /** Moves an entry to the back, or removes it if it is empty. */
  served(name: string, isEmpty: boolean): void {
    const value = this.#byName.get(name)!;
    this.#byName.delete(name);
    if (!isEmpty) this.#byName.set(name, value);
  }
}

/**
 * A queue per client and model. The next request comes from the model whose turn it is, of the client whose turn it is:
 * a client or a model with many requests delays the others by only one each.
 */
export class WaitingLine<Item extends Waiting> {
  readonly #clients = new Turns<Turns<Item[]>>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get items(): readonly Item[] {
    return this.#lines().flat();
  }

  add(item: Item): void {
    const models = this.#clients.of(item.client, () => new Turns<Item[]>());
    models.of(item.model, () => []).push(item);
    this.#length++;
  }

  /**
   * Takes the next item that `fits`; undefined if none does. Items that are passed over keep their turns, and once an
   * item has been passed over too often, everything waits for it. So neither large requests nor those for rare adapters
   * starve.
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

  /** Removes an item anywhere in the queue; false if it is not there. */
  remove(item: Item): boolean {
    const line = this.#lines().find((line) => line.includes(item));
    if (line) this.#remove(item, line, line.indexOf(item), false);
    return line !== undefined;
  }

  /** Removes and returns all items. */
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
