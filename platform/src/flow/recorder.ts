import { catalogue } from '@pactgate/agreement';
import { canonicalText, concealMembers, type JsonObject, type ProofCrypto } from '@pactgate/proof';
import { type RandomBytes, uuidv7 } from '../kernel/ids.ts';
import type { Clock } from '../kernel/time.ts';
import { type LedgerStore, maxBatch, type OutboxRow } from '../ledger/index.ts';
import type { NewRecord } from '../parties/record.ts';
import { bodyValidator } from './record-bodies.ts';

export interface RecorderParts<Tx> {
  readonly store: Pick<LedgerStore<Tx>, 'enqueue' | 'enqueueAlone'>;
  readonly crypto: Pick<ProofCrypto, 'sha256'>;
  readonly random: RandomBytes;
  readonly clock: Clock;
  /** Who sees the events, such as `gw-1`: the source of the gap-free sequence. */
  readonly source: string;
  /** Id of the log a record belongs to: its agreement's, A's platform log, or the master log. */
  readonly logOf: (record: Pick<NewRecord, 'agreement' | 'log'>) => string;
  /** Rows were handed to the store for these logs: the sequencer should look. */
  readonly queued: (logs: readonly string[]) => void;
  /** For the reconciliation of A3.4.1: the highest number the source has given out in this log. */
  readonly numbered: (log: string, last: number) => void;
}

/** Turns events into outbox rows: the only way into a log. */
export interface Recorder<Tx> {
  /** Inside the caller's transaction, so that change and record stand or fall together. */
  recordIn(tx: Tx, records: readonly NewRecord[]): Promise<void>;
  /** In a transaction of its own, shared with others of the same moment; resolves when durable. */
  record(records: readonly NewRecord[]): Promise<void>;
}

const saltLength = 32;

/** Rows of the catalogue a kind of record is evidence for, and whose breach or judgement it is. */
const dutiesOfKind: ReadonlyMap<string, readonly string[]> = (() => {
  const map = new Map<string, string[]>();
  for (const row of catalogue.rows)
    for (const { kind } of row.evidence) map.set(kind, [...(map.get(kind) ?? []), row.id]);
  return map;
})();

const dutiesOf = (record: NewRecord): readonly string[] => {
  const row = 'row' in record.body && typeof record.body.row === 'string' ? [record.body.row] : [];
  return dutiesOfKind.get(record.kind) ?? row;
};

/** The body must be of its kind: anything else is a bug of the emitter and must not reach a log. */
function demandBody(record: NewRecord): void {
  const validator = bodyValidator(record.kind);
  if (validator.Check(record.body)) return;
  const [fault] = validator.Errors(record.body);
  throw new TypeError(`record ${record.kind}: ${fault?.instancePath ?? ''} ${fault?.message ?? 'is not of its kind'}`);
}

/** The outbox row of one event: id, salt, canonical body, disclosures of what is personal. */
function toRow<Tx>(parts: RecorderParts<Tx>, record: NewRecord): OutboxRow {
  demandBody(record);
  const personal = record.personal ?? {};
  // Bodies are JSON by their schemas.
  const whole = { ...record.body, ...personal } as JsonObject;
  const { body, disclosures } = concealMembers(parts.crypto, whole, Object.keys(personal), () => parts.random(16));
  const time = parts.clock.now();
  return {
    id: uuidv7(time, parts.random),
    log: parts.logOf(record),
    source: parts.source,
    kind: record.kind,
    duties: dutiesOf(record),
    outcome: record.outcome,
    n: record.n ?? 1,
    time,
    flags: [],
    salt: parts.random(saltLength),
    body: canonicalText(body),
    ...(disclosures.length > 0 ? { disclosures } : {}),
  };
}

export function makeRecorder<Tx>(parts: RecorderParts<Tx>): Recorder<Tx> {
  const told = (rows: readonly OutboxRow[], numbers: readonly number[]): void => {
    const highest = new Map<string, number>();
    for (const [i, row] of rows.entries()) highest.set(row.log, Math.max(highest.get(row.log) ?? 0, numbers[i] ?? 0));
    for (const [log, last] of highest) parts.numbered(log, last);
    parts.queued([...highest.keys()]);
  };
  return {
    recordIn: async (tx, records) => {
      const rows = records.map((record) => toRow(parts, record));
      for (let at = 0; at < rows.length; at += maxBatch) {
        const part = rows.slice(at, at + maxBatch);
        told(part, await parts.store.enqueue(tx, part));
      }
    },
    record: async (records) => {
      if (records.length === 0) return;
      const rows = records.map((record) => toRow(parts, record));
      told(rows, await parts.store.enqueueAlone(rows));
    },
  };
}
