import { encodeBase64, encodeUtf8, parseCheckpoint, parseNote } from '@pactgate/proof';
import type { RecordBody } from '@pactgate/protocol';
import {
  closeLag,
  closePace,
  type Lag,
  openLag,
  openPace,
  type Pace,
  published,
  sequenced,
} from '../duties/audit/index.ts';
import type { Duration, Instant } from '../kernel/time.ts';
import type { FsckResult, LogEntry, StoredCheckpoint } from '../ledger/index.ts';
import type { NewRecord } from '../parties/record.ts';

/** Where a record about a log stands: in the agreement's own, for no other party to see, else in the platform log. */
const placeOf = ({ agreement }: Pick<LogEntry, 'agreement'>): { readonly agreement?: string } =>
  agreement === undefined ? {} : { agreement };

/** Limits of a window as agreed: the smallest of all agreements. */
export interface PaceLimits {
  /** Age of an outbox row when it is sequenced (`outboxMaxAge` of A3.4.1). */
  readonly outbox: Duration;
  /** Growth to published checkpoint (`publishLimit` of A3.3.5). */
  readonly publish: Duration;
}

interface LogPace {
  readonly log: LogEntry;
  pace: Pace;
  size: number;
  told: boolean;
}

/** Pace of the ledger in windows: outbox to leaf over all logs, growth to checkpoint log by log (A3.4.1, A3.3.5). */
export class LedgerPace {
  #limits: PaceLimits;
  #lag: Lag;
  #from: Instant;
  readonly #logs = new Map<string, LogPace>();

  constructor(from: Instant, limits: PaceLimits) {
    this.#limits = limits;
    this.#lag = openLag(from, limits.outbox);
    this.#from = from;
  }

  /** Rows became leaves at `at`; `times` are those of their events. */
  sequenced(times: readonly Instant[], at: Instant): void {
    this.#lag = sequenced(this.#lag, times, at);
  }

  published(log: LogEntry, size: number, times: { readonly grewAt: Instant; readonly at: Instant }): void {
    const known = this.#of(log, size);
    known.pace = published(known.pace, times.grewAt, times.at);
    known.size = size;
  }

  /** A log that has a checkpoint already: it is told once even if it does not grow. */
  known(log: LogEntry, size: number): void {
    this.#of(log, size);
  }

  /** Records of the window that ends, and a fresh one under these limits. Logs that did not grow are told once only. */
  close(at: Instant, limits: PaceLimits): readonly NewRecord[] {
    const { body } = closeLag(this.#lag, at);
    this.#lag = openLag(at, limits.outbox);
    this.#limits = limits;
    this.#from = at;
    const paces = [...this.#logs.values()].flatMap((one) => closeOne(one, at, limits));
    return [{ kind: 'outbox.lag', outcome: body.withinShare === 1 ? 'within' : 'late', body }, ...paces];
  }

  #of(log: LogEntry, size: number): LogPace {
    const known = this.#logs.get(log.id);
    if (known !== undefined) return known;
    const made = { log, pace: openPace(this.#from, this.#limits.publish), size, told: false };
    this.#logs.set(log.id, made);
    return made;
  }
}

function closeOne(one: LogPace, at: Instant, limits: PaceLimits): readonly NewRecord[] {
  const { body } = closePace(one.pace, { origin: one.log.origin, size: one.size }, at);
  one.pace = openPace(at, limits.publish);
  if (one.told && body.published === 0) return [];
  one.told = true;
  return [{ ...placeOf(one.log), kind: 'ledger.checkpoint', outcome: 'published', body }];
}

/** What checks of several logs found, as records: A's own logs together, each agreement's log in itself. */
export function fsckRecords(
  scope: 'tail' | 'full',
  checked: readonly { readonly log: LogEntry; readonly result: FsckResult }[],
): readonly NewRecord[] {
  const groups = new Map<string | undefined, FsckResult[]>();
  for (const { log, result } of checked)
    groups.set(log.agreement, [...(groups.get(log.agreement) ?? []), bounded(result)]);
  return [...groups].map(([agreement, logs]) => ({
    ...placeOf(agreement === undefined ? {} : { agreement }),
    kind: 'ledger.fsck',
    outcome: logs.every(({ mismatches }) => mismatches === 0) ? 'clean' : 'mismatch',
    body: { scope, logs },
  }));
}

const bounded = (result: FsckResult): FsckResult =>
  result.why === undefined ? result : { ...result, why: result.why.slice(0, 512) };

/** Size and root that a checkpoint states, as `log.grow` of the master log quotes them. */
export function growthOf(log: LogEntry, { note }: StoredCheckpoint): RecordBody<'log.grow'> {
  const { size, root } = parseCheckpoint(parseNote(encodeUtf8(note)).text);
  return { origin: log.origin, size, root: encodeBase64(root) };
}

/**
 * Leaves of the master log for logs that grew since they were told last (ledger-and-evidence section 2): a second copy
 * of an agreement's log then contradicts it.
 */
export class MasterGrowth {
  readonly #told = new Map<string, number>();

  /** What the master log says already. */
  knows({ origin, size }: Pick<RecordBody<'log.grow'>, 'origin' | 'size'>): void {
    this.#told.set(origin, Math.max(size, this.#told.get(origin) ?? 0));
  }

  /** Records for those that grew; call {@link MasterGrowth.knows} when they are durable. */
  news(heads: readonly RecordBody<'log.grow'>[]): readonly NewRecord<'log.grow'>[] {
    return heads
      .filter(({ origin, size }) => size > (this.#told.get(origin) ?? 0))
      .map((body) => ({ log: 'master', kind: 'log.grow', outcome: 'grown', body }));
  }
}
