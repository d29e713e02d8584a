import type { DataClass } from '@pactgate/protocol';
import type { Duration, Instant } from '../../kernel/time.ts';

/**
 * The cryptography of sealing. Synchronous, keeps nothing of its arguments, throws only when the library itself is
 * broken. Keys are 32 octets.
 */
export interface SealCrypto {
  /**
   * AES-256-GCM (NIST SP 800-38D) under a fresh random IV of 96 bits.
   *
   * @returns `head | iv 12 | ciphertext | tag 16` in one buffer of its own; `head` is not authenticated by itself:
   * its key identifier selects the key, and a wrong one opens nothing
   */
  seal(key: Uint8Array, head: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** `group`: `iv 12 | ciphertext | tag 16`. Undefined when anything does not match. */
  open(key: Uint8Array, group: Uint8Array, aad: Uint8Array): Uint8Array | undefined;
  /** Key wrap with padding (RFC 5649): 40 octets for a key. */
  wrap(kek: Uint8Array, key: Uint8Array): Uint8Array;
  /** Undefined when `wrapped` is damaged or of another key. */
  unwrap(kek: Uint8Array, wrapped: Uint8Array): Uint8Array | undefined;
  /** Octets from the system's generator. */
  fresh(octets: number): Uint8Array;
}

/** A key as it rests: wrapped by the one above it, never in clear. */
export interface WrappedKey {
  /** 16 hexadecimal digits, random, unique. */
  readonly kid: string;
  readonly agreement: string;
  /** `party`: wrapped by the master key. `data`: wrapped by the party key. */
  readonly kind: 'party' | 'data';
  /** What a data key seals; absent for a party key. */
  readonly scope?: KeyScope;
  readonly wrapped: Uint8Array;
  readonly madeAt: Instant;
}

/** One data key serves one class and one retention, so that destroying it erases exactly what is due. */
export interface KeyScope {
  readonly class: DataClass;
  readonly retention: Duration;
}

/** Where keys rest. */
export interface KeyVault {
  /** The master key, 32 octets; undefined when it cannot be read now. A fresh copy: the caller wipes it. */
  master(): Promise<Uint8Array | undefined>;
  /** All keys of an agreement that were not destroyed, in any order. */
  load(agreement: string): Promise<readonly WrappedKey[]>;
  /** Resolves when the key is durable: nothing may be sealed with a key that a crash could lose. */
  save(key: WrappedKey): Promise<void>;
}
