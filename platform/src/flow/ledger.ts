import type { NoteSigner, ProofCrypto, TreeHasher } from '@pactgate/proof';
import { Problem } from '@pactgate/protocol';
import type { Bus } from '../kernel/bus.ts';
import { type Clock, type Duration, type Instant, millis, since } from '../kernel/time.ts';
import {
  type Bound,
  checkAtStart,
  type HighWaterFile,
  type LedgerStore,
  type LogEntry,
  openSequencer,
  publish,
  type Refusal,
  type Sequenced,
  type Sequencer,
} from '../ledger/index.ts';

export interface LedgerParts<Tx> {
  readonly store: LedgerStore<Tx>;
  readonly highWater: HighWaterFile;
  readonly crypto: ProofCrypto;
  readonly hasher: TreeHasher;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly keyOf: (log: LogEntry) => NoteSigner;
  /** Least time between two checkpoints of one log; 1 s unless an answer waits for publication. */
  readonly publishEvery: Duration;
  /** Batches as they are sequenced: for the evaluators and the outbox lag. Must not throw. */
  readonly sequenced: (log: LogEntry, batch: Sequenced, at: Instant) => void;
  /** A checkpoint was stored; `grewAt` is when its first unpublished entry was sequenced. */
  readonly published: (log: LogEntry, size: number, times: { readonly grewAt: Instant; readonly at: Instant }) => void;
}

interface Shard {
  readonly log: LogEntry;
  readonly sequencer: Sequencer;
  published: number | undefined;
  /** When the last checkpoint was due or signed: the rhythm counts from here. */
  paceFrom: Instant;
  publishedAt: Instant | undefined;
  grewAt: Instant | undefined;
  /** Rows may wait in the outbox. */
  waiting: boolean;
  markedAt: Instant;
  refusal: Refusal | undefined;
  /** One thing at a time per log; the tail of the queue. */
  tail: Promise<void>;
}

/** State of a log for people. */
export interface LogState {
  readonly log: LogEntry;
  readonly size: number;
  readonly published: number;
  /** Newest checkpoint of this process. */
  readonly publishedAt?: Instant;
  readonly refusal?: Refusal;
}

/** The ledger of the process: sequences what the outbox holds and publishes checkpoints. */
export interface Ledger {
  /** Checks a log and begins to sequence it. A log that must not be signed on is held and says why. */
  open(log: LogEntry): Promise<Refusal | undefined>;
  /** Rows were queued for these logs. */
  mark(logs: readonly string[]): void;
  /** Sequences and publishes what is due; call it every 20 ms. Errors are thrown to the caller, who stops the process. */
  tick(): Promise<void>;
  /** Sequences and publishes everything queued in this log so far, at once; `ledger/not-signing` where it may not be signed. */
  flush(log: string): Promise<number>;
  /** The newest cosigned checkpoint of a log changed. */
  bound(log: string, bound: Bound): void;
  /** Stops signing a log: a witness showed another history. */
  hold(log: string, refusal: Refusal): void;
  states(): readonly LogState[];
}

/** A marked log is looked at until its outbox was empty this long after the mark: its transaction may commit late. */
const settle: Duration = millis(1_000);

/** Sequences everything a log's outbox holds. */
async function sequence<Tx>(parts: LedgerParts<Tx>, shard: Shard): Promise<void> {
  if (!shard.waiting || shard.refusal) return;
  for (let batch = await shard.sequencer.run(); batch; batch = await shard.sequencer.run()) {
    const at = parts.clock.now();
    if (batch.rows.length > 0) shard.grewAt ??= at;
    parts.sequenced(shard.log, batch, at);
  }
  if (since(shard.markedAt, parts.clock.now()) > settle) shard.waiting = false;
}

/** Publishes what was sequenced, when it is due. */
async function sign<Tx>(parts: LedgerParts<Tx>, shard: Shard, force: boolean): Promise<void> {
  const at = parts.clock.now();
  const { grewAt } = shard;
  if (shard.refusal || grewAt === undefined) return;
  if (!force && since(shard.paceFrom, at) < parts.publishEvery) return;
  const checkpoint = await publish(parts, shard.log, shard.sequencer.state(), shard.published);
  shard.grewAt = undefined;
  if (!checkpoint) return;
  shard.published = checkpoint.size;
  shard.paceFrom = at;
  shard.publishedAt = at;
  parts.published(shard.log, checkpoint.size, { grewAt, at: parts.clock.now() });
  parts.bus.publish('ledger.published', { log: shard.log.id, size: checkpoint.size });
}

/** Sequences and signs one log after whatever it is doing already. */
function work<Tx>(parts: LedgerParts<Tx>, shard: Shard, force: boolean): Promise<void> {
  const turn = async (): Promise<void> => {
    await sequence(parts, shard);
    await sign(parts, shard, force);
  };
  const done = shard.tail.then(turn);
  shard.tail = done.catch(() => undefined); // the caller gets the error; the next in line must not
  return done;
}

export function makeLedger<Tx>(parts: LedgerParts<Tx>): Ledger {
  const shards = new Map<string, Shard>();
  const bounds = new Map<string, Bound>();

  return {
    open: async (log) => {
      const refusal = await checkAtStart({ ...parts, now: parts.clock.now() }, log);
      const sequencer = await openSequencer({ ...parts, bound: (id) => bounds.get(id) }, log.id);
      const newest = await parts.store.checkpoint(log.id);
      shards.set(log.id, newShard(log, sequencer, { published: newest?.size, now: parts.clock.now(), refusal }));
      return refusal;
    },
    mark: (logs) => {
      for (const id of logs) {
        const shard = shards.get(id);
        if (!shard) continue;
        shard.waiting = true;
        shard.markedAt = parts.clock.now();
      }
    },
    tick: async () => {
      const due = [...shards.values()].filter((shard) => shard.waiting || shard.grewAt !== undefined);
      await Promise.all(due.map((shard) => work(parts, shard, false)));
    },
    flush: async (id) => {
      const shard = shards.get(id);
      if (!shard) throw new Error(`no log ${id}`);
      if (shard.refusal) throw new Problem('ledger/not-signing', shard.refusal.detail);
      shard.waiting = true;
      await work(parts, shard, true);
      return shard.sequencer.state().edge.size;
    },
    bound: (log, bound) => {
      bounds.set(log, bound);
    },
    hold: (log, refusal) => {
      const shard = shards.get(log);
      if (shard) shard.refusal ??= refusal;
    },
    states: () => [...shards.values()].map((shard) => stateOf(shard)),
  };
}

function newShard(
  log: LogEntry,
  sequencer: Sequencer,
  at: { readonly published: number | undefined; readonly now: Instant; readonly refusal: Refusal | undefined },
): Shard {
  const grown = sequencer.state().edge.size > (at.published ?? 0);
  return {
    log,
    sequencer,
    published: at.published,
    paceFrom: at.now,
    publishedAt: undefined,
    grewAt: grown ? at.now : undefined,
    waiting: true,
    markedAt: at.now,
    refusal: at.refusal,
    tail: Promise.resolve(),
  };
}

const stateOf = (shard: Shard): LogState => ({
  log: shard.log,
  size: shard.sequencer.state().edge.size,
  published: shard.published ?? 0,
  ...(shard.publishedAt === undefined ? {} : { publishedAt: shard.publishedAt }),
  ...(shard.refusal ? { refusal: shard.refusal } : {}),
});
