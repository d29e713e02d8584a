import type { ProofCrypto } from '../crypto.ts';

/** Bytes of one hash of the tree. */
export const hashSize = 32;

/** Leaf and node hashes of RFC 6962 section 2.1: the prefixes keep a node from passing as an entry. */
export interface TreeHasher {
  /** H(00 || entry). */
  readonly leaf: (entry: Uint8Array) => Uint8Array;
  /** H(01 || left || right); both are 32 bytes. */
  readonly node: (left: Uint8Array, right: Uint8Array) => Uint8Array;
  /** H(""): the root of no entries. */
  readonly empty: Uint8Array;
}

/** Entries up to this size are hashed through one reused buffer. */
const scratchSize = 8192;

/** Hasher over a given SHA-256. Not re-entrant, as the digest is synchronous; one per thread is enough. */
export function treeHasher({ sha256 }: Pick<ProofCrypto, 'sha256'>): TreeHasher {
  const pair = new Uint8Array(1 + 2 * hashSize);
  pair[0] = 1;
  const scratch = new Uint8Array(1 + scratchSize);
  return {
    leaf(entry) {
      const bytes =
        entry.length <= scratchSize ? scratch.subarray(0, entry.length + 1) : new Uint8Array(entry.length + 1);
      bytes.set(entry, 1);
      return sha256(bytes);
    },
    node(left, right) {
      pair.set(left, 1);
      pair.set(right, 1 + hashSize);
      return sha256(pair);
    },
    empty: sha256(new Uint8Array(0)),
  };
}
