import { commitCanonical, encodeLeaf, encodeUtf8, type Leaf, type ProofCrypto } from '@pactgate/proof';
import { type Duration, type Instant, iso, seconds } from '../kernel/time.ts';
import type { QueuedRow } from './ports.ts';

/**
 * Records of different sources cross by the time a group commit takes; only a clock that really ran back is flagged.
 */
export const crossing: Duration = seconds(2);

/** Lower time bound of a leaf: the newest cosigned checkpoint known when it was sequenced. */
export interface Bound {
  readonly size: number;
  /** Base64 of the root. */
  readonly root: string;
}

/** The leaf of an outbox row (ledger-and-evidence section 3). `lastTime`: running maximum of the log's times. */
export function leafOf(crypto: Pick<ProofCrypto, 'sha256'>, row: QueuedRow, context: LeafContext): Uint8Array {
  const backwards = row.time + crossing < context.lastTime && !row.flags.includes('clock');
  const flags = backwards ? [...row.flags, 'clock'] : row.flags;
  const leaf: Leaf = {
    v: 1,
    i: row.id,
    t: iso(row.time),
    k: row.kind,
    d: [...row.duties],
    o: row.outcome,
    s: `${row.source}:${row.seq}`,
    n: row.n,
    cm: commitCanonical(crypto, row.salt, encodeUtf8(row.body)), // the recorder wrote it canonical
    ...(row.m === undefined ? {} : { m: row.m }),
    ...(context.bound ? { b: `${context.bound.size}:${context.bound.root.slice(0, 12)}` } : {}),
    ...(flags.length > 0 ? { q: [...flags] } : {}),
  };
  return encodeLeaf(leaf);
}

export interface LeafContext {
  readonly lastTime: Instant;
  readonly bound?: Bound;
}
