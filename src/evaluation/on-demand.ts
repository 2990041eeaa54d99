/** @file What a first request loads for those that follow. */
import { ThreadEndedError } from '../runtime/index.js';

export interface OnDemand<Loaded> {
  /** Does something with what is loaded now or was before. Requests may overlap. */
  use<Result>(request: (loaded: Loaded) => Promise<Result>): Promise<Result>;
  /** Lets go of it; a later request loads it again. */
  release(): Promise<void>;
}

/** @param load is called again by the request after one for which it failed, or in which the thread of it ended */
export function onDemand<Loaded extends { dispose(): Promise<void> }>(
  load: () => Promise<Loaded>,
): OnDemand<Loaded> {
  let loading: Promise<Loaded> | undefined;
  const forget = (own: Promise<Loaded>) => {
    if (loading === own) loading = undefined;
  };

  function loaded(): Promise<Loaded> {
    const own = load();
    own.catch(() => forget(own));
    return own;
  }

  return {
    async use(request) {
      loading ??= loaded();
      const own = loading;
      try {
        return await request(await own);
      } catch (error) {
        if (error instanceof ThreadEndedError) forget(own);
        throw error;
      }
    },
    async release() {
      const own = loading;
      loading = undefined; // first: a request that comes meanwhile must not get what is going
      const resource = await own?.catch(() => undefined); // the request that loaded it is told why it failed
      await resource?.dispose();
    },
  };
}
