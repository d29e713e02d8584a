import type { Selectable } from 'kysely';
import type { Instant } from '../../kernel/time.ts';
import {
  type Append,
  type Cosignature,
  type Head,
  type LedgerRecord,
  type LedgerStore,
  type LogEntry,
  maxBatch,
  type OutboxRow,
  type QueuedRow,
  type StoredCheckpoint,
} from '../../ledger/ports.ts';
import { GroupCommit } from '../group-commit.ts';
import { checkAppend } from './append.ts';
import { CheckpointStore } from './checkpoints.ts';
import { LogNumbers } from './log-numbers.ts';
import { Outbox, OutboxGroup } from './outbox.ts';
import type { OutboxColumns } from './outbox-row.ts';
import { eraseDisclosure, newestOfKind, oneRecord, recordRange, recordsOfKinds } from './records.ts';
import type { Db, Tx } from './schema.ts';
import type { LedgerTables } from './tables/ledger.ts';

/** Outbox rows that may wait for a commit. */
const maxWaitingRows = 20_000;
const hashSize = 32;

/** The two writes that are done in one go where the database can: one message to SQLite's worker. */
export interface LedgerBulk {
  readonly enqueue: (rows: readonly OutboxColumns[]) => Promise<readonly number[]>;
  readonly append: (append: Append, log: number) => Promise<'appended' | 'conflict'>;
  /** Makes deleted bytes unreadable; false if that happens only later. */
  readonly scrub: () => Promise<boolean>;
}

/** `LedgerStore` over Kysely, the same statements on both databases. */
export class SqlLedgerStore implements LedgerStore<Tx> {
  readonly #db: Db;
  readonly #bulk: LedgerBulk;
  readonly #numbers = new LogNumbers();
  readonly #group: GroupCommit<OutboxGroup, readonly number[]>;
  readonly #outbox: Outbox;
  readonly #checkpoints: CheckpointStore;

  constructor(db: Db, bulk: LedgerBulk) {
    this.#db = db;
    this.#bulk = bulk;
    this.#group = new GroupCommit({
      open: () => new OutboxGroup(),
      commit: ({ rows }) => bulk.enqueue(rows),
      maxWaiting: maxWaitingRows,
    });
    this.#outbox = new Outbox(db, this.#numbers, this.#group);
    this.#checkpoints = new CheckpointStore(db, this.#numbers);
  }

  async addLog(log: LogEntry): Promise<void> {
    const { id, origin, kind, agreement, vkey, created, closed } = log;
    await this.#db
      .insertInto('ledger_log')
      .values({
        id,
        origin,
        kind,
        agreement: agreement ?? null,
        vkey,
        created,
        closed: closed ?? null,
        size: 0,
        edge: new Uint8Array(),
      })
      .execute();
  }

  async logs(): Promise<readonly LogEntry[]> {
    const rows = await this.#db
      .selectFrom('ledger_log')
      .select(['id', 'origin', 'kind', 'agreement', 'vkey', 'created', 'closed'])
      .orderBy('no')
      .execute();
    return rows.map(toLog);
  }

  async closeLog(log: string, at: Instant): Promise<void> {
    await this.#db
      .updateTable('ledger_log')
      .set({ closed: at })
      .where('id', '=', log)
      .where('closed', 'is', null)
      .execute();
  }

  enqueue(tx: Tx, rows: readonly OutboxRow[]): Promise<readonly number[]> {
    return this.#outbox.enqueue(tx, rows);
  }

  enqueueAlone(rows: readonly OutboxRow[]): Promise<readonly number[]> {
    return this.#outbox.enqueueAlone(rows);
  }

  takeOutbox(log: string, limit: number): Promise<readonly QueuedRow[]> {
    return this.#outbox.take(log, limit);
  }

  logsWaiting(): Promise<readonly string[]> {
    return this.#outbox.waiting();
  }

  lastSequence(source: string, log: string): Promise<number> {
    return this.#outbox.lastSequence(source, log);
  }

  async appendEntries(append: Append): Promise<'appended' | 'conflict'> {
    checkAppend(append);
    const no = await this.#numbers.find(this.#db, append.log);
    return no === undefined ? 'conflict' : this.#bulk.append(append, no);
  }

  head(log: string): Promise<Head | undefined> {
    return this.#db.selectFrom('ledger_log').select(['size', 'edge']).where('id', '=', log).executeTakeFirst();
  }

  storeCheckpoint(
    log: string,
    checkpoint: StoredCheckpoint,
    previousSize: number | undefined,
  ): Promise<'stored' | 'conflict'> {
    return this.#checkpoints.store(log, checkpoint, previousSize);
  }

  checkpoint(log: string): Promise<StoredCheckpoint | undefined> {
    return this.#checkpoints.newest(log);
  }

  checkpointAt(log: string, size: number): Promise<StoredCheckpoint | undefined> {
    return this.#checkpoints.at(log, size);
  }

  newestCosigned(log: string, cosigner?: string, below?: number): Promise<StoredCheckpoint | undefined> {
    return this.#checkpoints.newestCosigned(log, cosigner, below);
  }

  async entries(log: string, from: number, to: number): Promise<readonly Uint8Array[]> {
    if (to - from > maxBatch) throw new RangeError(`over ${maxBatch} entries`);
    const no = await this.#numbers.find(this.#db, log);
    if (no === undefined) return [];
    const rows = await this.#db
      .selectFrom('ledger_entry')
      .select('leaf')
      .where('log', '=', no)
      .where('idx', '>=', from)
      .where('idx', '<', to)
      .orderBy('idx')
      .execute();
    return rows.map(({ leaf }) => leaf);
  }

  async tile(log: string, level: number, index: number, width: number): Promise<Uint8Array | undefined> {
    if (!Number.isInteger(width) || width < 1 || width > 256) throw new RangeError('width is 1 to 256');
    const no = await this.#numbers.find(this.#db, log);
    if (no === undefined) return undefined;
    const row = await this.#db
      .selectFrom('ledger_tile')
      .select('hashes')
      .where('log', '=', no)
      .where('level', '=', level)
      .where('idx', '=', index)
      .executeTakeFirst();
    return row && row.hashes.length >= width * hashSize ? row.hashes.subarray(0, width * hashSize) : undefined;
  }

  async record(log: string, index: number): Promise<LedgerRecord | undefined> {
    const no = await this.#numbers.find(this.#db, log);
    return no === undefined ? undefined : oneRecord(this.#db, no, index);
  }

  async records(log: string, from: number, limit: number): Promise<readonly LedgerRecord[]> {
    const no = await this.#numbers.find(this.#db, log);
    return no === undefined ? [] : recordRange(this.#db, no, from, limit);
  }

  async recordsOfKinds(
    log: string,
    kinds: readonly string[],
    from: number,
    limit: number,
  ): Promise<readonly LedgerRecord[]> {
    const no = await this.#numbers.find(this.#db, log);
    return no === undefined ? [] : recordsOfKinds(this.#db, { log: no, kinds, from, limit });
  }

  async newestOfKind(log: string, kind: string, before: number, limit: number): Promise<readonly LedgerRecord[]> {
    const no = await this.#numbers.find(this.#db, log);
    return no === undefined ? [] : newestOfKind(this.#db, { log: no, kind, before, limit });
  }

  addCosignature(log: string, cosignature: Cosignature): Promise<'added' | 'unknown-size'> {
    return this.#checkpoints.addCosignature(log, cosignature);
  }

  cosignatures(log: string, size: number): Promise<readonly Cosignature[]> {
    return this.#checkpoints.cosignatures(log, size);
  }

  async eraseDisclosure(log: string, index: number, digest: string): Promise<'erased' | 'erased-later' | 'absent'> {
    const no = await this.#numbers.find(this.#db, log);
    const erased = no !== undefined && (await eraseDisclosure(this.#db, no, index, digest));
    if (!erased) return 'absent';
    return (await this.#bulk.scrub()) ? 'erased' : 'erased-later';
  }

  /** Stores what waits. */
  close(): Promise<void> {
    return this.#group.close();
  }
}

type LogRow = Omit<Selectable<LedgerTables['ledger_log']>, 'no' | 'size' | 'edge'>;

function toLog({ id, origin, kind, agreement, vkey, created, closed }: LogRow): LogEntry {
  if (kind !== 'agreement' && kind !== 'platform' && kind !== 'master') throw new TypeError('unknown kind of log');
  return {
    id,
    origin,
    kind,
    vkey,
    created: created as Instant,
    ...(agreement === null ? {} : { agreement }),
    ...(closed === null ? {} : { closed: closed as Instant }),
  };
}
