/** @file A value that this browser keeps, where it keeps any: private windows may refuse. */

export interface Stored {
  read(): string | undefined;
  /** Undefined removes it. */
  write(value: string | undefined): void;
}

/** @param name unique in the page */
export function stored(name: string, place: 'local' | 'session' = 'local'): Stored {
  const key = `promptune.${name}`;
  const storage = () => (place === 'local' ? localStorage : sessionStorage);
  return {
    read() {
      try {
        return storage().getItem(key) ?? undefined;
      } catch {
        return undefined;
      }
    },
    write(value) {
      try {
        if (value === undefined) storage().removeItem(key);
        else storage().setItem(key, value);
      } catch {}
    },
  };
}
