/** @file Who asks: the models that a client can name, and how much it may ask for at once. */

export interface Client {
  /** '' where there are no keys. */
  readonly name: string;
  /** Whether a model exists for it. */
  sees(model: string): boolean;
  /**
   * A request of it begins; call the result when it has ended.
   * @throws ApiError for too many
   */
  enter(): () => void;
}

/** Finds the client of a request. */
export interface Clients {
  /** @throws ApiError without a key that is known */
  of(request: Request): Client;
}

const anybody: Client = { name: '', sees: () => true, enter: () => () => {} };

/** Without keys, all are the same. */
export const withoutKeys: Clients = { of: () => anybody };
