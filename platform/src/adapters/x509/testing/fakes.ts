import { randomBytes } from 'node:crypto';
import type { Ca, CaStore, KeyBox } from '../../../duties/identity/index.ts';
import type { RandomBytes } from '../../../kernel/ids.ts';
import { type Clock, type Instant, instant } from '../../../kernel/time.ts';

/** Keys and CA rows in memory, with the contracts of the ports: a name or id is given once. */
export const memoryKeys = (): KeyBox => {
  const keys = new Map<string, Uint8Array>();
  return {
    load: (name) => Promise.resolve(keys.get(name)),
    save: (name, pkcs8) => {
      if (keys.has(name)) return Promise.reject(new Error(`key ${name} exists`));
      keys.set(name, pkcs8);
      return Promise.resolve();
    },
  };
};

export const memoryCas = (): CaStore => {
  const rows = new Map<string, Ca>();
  return {
    cas: () => Promise.resolve([...rows.values()]),
    addCa: (ca) => {
      if (rows.has(ca.id)) return Promise.reject(new Error(`CA ${ca.id} exists`));
      rows.set(ca.id, ca);
      return Promise.resolve();
    },
  };
};

/** A clock that stands where it was set. */
export const clockAt = (start: Instant = instant(Date.now())): Clock & { at: Instant } => ({
  at: start,
  now() {
    return this.at;
  },
});
export const random: RandomBytes = (n) => randomBytes(n);
