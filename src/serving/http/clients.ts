/** @file Who sends a request: the models that a client can see, and how many requests it may make. */

export interface Client {
  /** '' without keys. */
  readonly name: string;
  /** Whether the client can see a model. */
  sees(model: string): boolean;
  /** Whether it may use the studio, which starts jobs, and reads and deletes runs. */
  readonly mayUseStudio: boolean;
  /**
   * Registers the start of a request; call the result when it has ended, with the tokens of its prompts and answers.
   * @throws ApiError if there are too many
   */
  enter(): (tokens: number) => void;
}

/** Finds the client of a request. */
export interface Clients {
  /** @throws ApiError without a valid key */
  of(request: Request): Client;
}

const anybody: Client = { name: '', sees: () => true, mayUseStudio: true, enter: () => () => {} };

/** Without keys, all requests come from one client. */
export const withoutKeys: Clients = { of: () => anybody };
