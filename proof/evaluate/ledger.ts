import type { EvidenceRecord } from '@pactgate/protocol';
import { type Handlers, handle } from './handlers.ts';
import { keepRecent, maxNames, newer, toSeen } from './newest.ts';
import type { AnyRecord, Ref, Seen } from './types.ts';

/** `agreement id`, `platform` or `master` of an origin `<host>/logs/<name>/<shard>`; any other text is its own name. */
export function logNameOf(origin: string): string {
  const [, name] = /\/logs\/([^/]+)\/[^/]+$/.exec(origin) ?? [];
  return name ?? origin;
}
/** Shard of an origin; origins of one log sort by it. */
export const shardOf = (origin: string): string => origin.slice(origin.lastIndexOf('/') + 1);

export interface Check {
  readonly at: number;
  readonly ref: Ref;
  readonly mismatches: number;
  readonly why: string;
}

/** What the records say of one log, whichever log they stand in. */
export interface Log {
  readonly origin: string;
  bornAt: number;
  checkpoint: Seen<'ledger.checkpoint'> | undefined;
  /** Newest cosignature that was taken, by the witness's own time. */
  cosign: Seen<'ledger.cosign'> | undefined;
  /** Newest cosignature that A turned away. */
  refused: Seen<'ledger.cosign'> | undefined;
  tail: Check | undefined;
  full: Check | undefined;
  /** Newest check of either kind that found a mismatch: only a later full recompute without one clears it. */
  corrupt: Check | undefined;
  conflict: Seen<'ledger.conflict'> | undefined;
  recovered: Seen<'ledger.recover'> | undefined;
}

/** Facts about the ledger itself (A3.3.5, A3.4.1, B2.2.4, A3.1.3). */
export interface Ledger {
  readonly logs: Map<string, Log>;
  /** Newest reconciliations, newest last. */
  readonly reconciled: Seen<'ledger.reconcile'>[];
  readonly lags: Seen<'outbox.lag'>[];
  clock: Seen<'clock.check'> | undefined;
}
/** Reconciliations and lag reports kept: more than two windows of any length need. */
export const maxRecent = 64;

export const openLedger = (): Ledger => ({ logs: new Map(), reconciled: [], lags: [], clock: undefined });

function find(ledger: Ledger, origin: string, at: number): Log | undefined {
  const known = ledger.logs.get(origin);
  if (known !== undefined) {
    known.bornAt = Math.min(known.bornAt, at);
    return known;
  }
  if (ledger.logs.size >= maxNames) return undefined;
  const log: Log = {
    origin,
    bornAt: at,
    checkpoint: undefined,
    cosign: undefined,
    refused: undefined,
    tail: undefined,
    full: undefined,
    corrupt: undefined,
    conflict: undefined,
    recovered: undefined,
  };
  ledger.logs.set(origin, log);
  return log;
}

function feedCheck({ ledger, concerns }: LedgerParts, record: EvidenceRecord<'ledger.fsck'>, ref: Ref): void {
  const { at, body } = record;
  for (const { origin, mismatches, why } of body.logs) {
    const log = concerns(origin) ? find(ledger, origin, at) : undefined;
    if (log === undefined) continue;
    const check: Check = { at, ref, mismatches, why: why ?? '' };
    if (body.scope === 'full') log.full = newer(log.full, check);
    else log.tail = newer(log.tail, check);
    if (mismatches > 0) log.corrupt = newer(log.corrupt, check);
  }
}

/** Whether a log is the agreement's, the platform's or the master log: others' are none of this agreement's business. */
export type Concerns = (origin: string) => boolean;

interface LedgerParts {
  readonly ledger: Ledger;
  readonly concerns: Concerns;
}
const logOf = ({ ledger, concerns }: LedgerParts, origin: string, at: number): Log | undefined =>
  concerns(origin) ? find(ledger, origin, at) : undefined;

const ledgerHandlers: Handlers<LedgerParts> = {
  'ledger.reconcile': ({ ledger }, record, ref) => {
    keepRecent(ledger.reconciled, toSeen(record, ref), maxRecent);
  },
  'outbox.lag': ({ ledger }, record, ref) => {
    keepRecent(ledger.lags, toSeen(record, ref), maxRecent);
  },
  'clock.check': ({ ledger }, record, ref) => {
    ledger.clock = newer(ledger.clock, toSeen(record, ref));
  },
  'ledger.fsck': (parts, record, ref) => {
    feedCheck(parts, record, ref);
  },
  'ledger.checkpoint': (parts, record, ref) => {
    const log = logOf(parts, record.body.origin, record.at);
    if (log) log.checkpoint = newer(log.checkpoint, toSeen(record, ref));
  },
  'ledger.cosign': (parts, record, ref) => {
    const log = logOf(parts, record.body.origin, record.at);
    const seen = toSeen(record, ref);
    if (log && record.body.refused) log.refused = newer(log.refused, seen);
    else if (log) log.cosign = newer(log.cosign, seen);
  },
  'ledger.conflict': (parts, record, ref) => {
    const log = logOf(parts, record.body.origin, record.at);
    if (log) log.conflict = newer(log.conflict, toSeen(record, ref));
  },
  'ledger.recover': (parts, record, ref) => {
    const log = logOf(parts, record.body.previous, record.at);
    if (log) log.recovered = newer(log.recovered, toSeen(record, ref));
  },
};

/** Folds a record about logs in. */
export const feedLedger = (ledger: Ledger, record: AnyRecord, ref: Ref, concerns: Concerns): void =>
  handle(ledgerHandlers, { ledger, concerns }, record, ref);
