import { Problem } from '@pactgate/protocol';
import { days, type Instant } from '../../kernel/time.ts';
import type { DataKey } from './seal.ts';
import type { KeyScope, KeyVault, SealCrypto, WrappedKey } from './seal-port.ts';

/** A data key seals this long, then a fresh one follows; rows sealed before stay readable. */
export const dataKeyLife = days(30);
/** Seals of one data key. Random IVs of 96 bits allow 2^32 (NIST SP 800-38D section 8.3); half of it is kept away. */
export const dataKeySeals = 2 ** 31;

const hex = (bytes: Uint8Array): string => Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join('');
const scopeKey = (scope: KeyScope): string => `${scope.class} ${scope.retention}`;

interface Live {
  readonly data: DataKey;
  readonly madeAt: Instant;
  seals: number;
}

const unavailable = (why: string, cause?: unknown): Problem =>
  new Problem('data/key-unavailable', why, cause === undefined ? {} : { cause });

/** Reads from the vault; whatever goes wrong there, the answer is no. */
async function closed<T>(what: Promise<T>, why: string): Promise<T> {
  try {
    return await what;
  } catch (cause) {
    throw unavailable(why, cause);
  }
}

/**
 * The keys of one agreement in memory: master key -> party key -> data keys. Everything fails closed: without its key
 * nothing is sealed, stored in clear or acknowledged (`data/key-unavailable`). Each process seals with data keys of
 * its own, because the count of seals is its own; keys of earlier processes only open.
 */
export class Keyring {
  readonly agreement: string;
  readonly #vault: KeyVault;
  readonly #crypto: SealCrypto;
  readonly #party: Uint8Array;
  /** Kid to key, wrapped or open; bounded by what the vault holds for one agreement. */
  readonly #wrapped = new Map<string, Uint8Array>();
  readonly #opened = new Map<string, Uint8Array>();
  readonly #live = new Map<string, Live>();
  readonly #making = new Map<string, Promise<WrappedKey>>();
  #locked = false;

  private constructor(agreement: string, vault: KeyVault, crypto: SealCrypto, party: Uint8Array) {
    this.agreement = agreement;
    this.#vault = vault;
    this.#crypto = crypto;
    this.#party = party;
  }

  /**
   * Opens the keys of an agreement; the first time makes its party key.
   *
   * @throws Problem `data/key-unavailable` when the master key cannot be read or does not open the party key
   */
  static async open(agreement: string, vault: KeyVault, crypto: SealCrypto, now: Instant): Promise<Keyring> {
    const master = await closed(vault.master(), 'the master key cannot be read');
    if (master === undefined) throw unavailable('the master key cannot be read');
    try {
      const keys = await closed(vault.load(agreement), 'the key store does not answer');
      const stored = keys.find(({ kind }) => kind === 'party');
      // Data keys without a party key: somebody destroyed it, or the store is damaged. A new one would hide that.
      if (stored === undefined && keys.length > 0) throw unavailable('the party key is gone');
      const party = stored === undefined ? crypto.fresh(32) : crypto.unwrap(master, stored.wrapped);
      if (party === undefined) throw unavailable('the master key does not open the party key');
      if (stored === undefined) {
        const kid = hex(crypto.fresh(8));
        const made: WrappedKey = { kid, agreement, kind: 'party', wrapped: crypto.wrap(master, party), madeAt: now };
        await closed(vault.save(made), 'the key store does not answer');
      }
      const ring = new Keyring(agreement, vault, crypto, party);
      for (const { kid, kind, wrapped } of keys) if (kind === 'data') ring.#wrapped.set(kid, wrapped);
      return ring;
    } finally {
      master.fill(0);
    }
  }

  /**
   * Makes sure that {@link current} has a key for the scope: at activation, and hourly. Concurrent calls share one key.
   *
   * @returns the key that was made, for its `key.rotate` record; undefined when the one in use is young enough
   * @throws Problem `data/key-unavailable`
   */
  async prepare(scope: KeyScope, now: Instant): Promise<WrappedKey | undefined> {
    const name = scopeKey(scope);
    if (this.#isFresh(this.#live.get(name), now)) return undefined;
    const pending = this.#making.get(name);
    if (pending !== undefined) {
      await pending;
      return undefined;
    }
    const making = this.#make(scope, now);
    this.#making.set(name, making);
    try {
      return await making;
    } finally {
      this.#making.delete(name);
    }
  }

  /** A key is replaced while a tenth of its life or seals is left, so that the hot path never meets its end. */
  #isFresh(live: Live | undefined, now: Instant): boolean {
    return live !== undefined && now < live.madeAt + dataKeyLife * 0.9 && live.seals < dataKeySeals * 0.9;
  }

  async #make(scope: KeyScope, now: Instant): Promise<WrappedKey> {
    this.#assertUnlocked();
    const kid = this.#crypto.fresh(8);
    const key = this.#crypto.fresh(32);
    const wrapped = this.#crypto.wrap(this.#party, key);
    const made: WrappedKey = { kid: hex(kid), agreement: this.agreement, kind: 'data', scope, wrapped, madeAt: now };
    // Durable first: a row sealed with a key that a crash lost would be lost with it.
    await closed(this.#vault.save(made), 'the key store does not answer');
    this.#assertUnlocked();
    this.#wrapped.set(made.kid, wrapped);
    this.#opened.set(made.kid, key);
    this.#live.set(scopeKey(scope), { data: { kid, key }, madeAt: now, seals: 0 });
    return made;
  }

  #assertUnlocked(): void {
    if (this.#locked) throw unavailable('the keys of this agreement are locked');
  }

  /**
   * The data key to seal one row with now; counts it.
   *
   * @throws Problem `data/key-unavailable` before {@link prepare}, after {@link lock} and past the key's limits
   */
  current(scope: KeyScope, now: Instant): DataKey {
    const live = this.#live.get(scopeKey(scope));
    if (live === undefined) throw unavailable('no data key for this class and retention');
    if (now >= live.madeAt + dataKeyLife || live.seals >= dataKeySeals) throw unavailable('the data key is used up');
    live.seals++;
    return live.data;
  }

  /** The key of a sealed group by its identifier; undefined when it was destroyed, is damaged, or was never ours. */
  find(kid: Uint8Array): Uint8Array | undefined {
    if (this.#locked) return undefined;
    const name = hex(kid);
    const known = this.#opened.get(name);
    if (known !== undefined) return known;
    const wrapped = this.#wrapped.get(name);
    const key = wrapped === undefined ? undefined : this.#crypto.unwrap(this.#party, wrapped);
    if (key !== undefined) this.#opened.set(name, key);
    return key;
  }

  /** Forgets every key: at shutdown, and when the agreement ends. */
  lock(): void {
    this.#locked = true;
    this.#party.fill(0);
    for (const key of this.#opened.values()) key.fill(0);
    this.#opened.clear();
    this.#wrapped.clear();
    this.#live.clear();
  }
}
