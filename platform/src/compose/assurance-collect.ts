import { rowOf } from '@pactgate/agreement';
import { Problem } from '@pactgate/protocol';
import { askTime } from '../adapters/probes/ntp.ts';
import { nodeHasher, nodeProofCrypto } from '../adapters/proof-crypto.ts';
import { type Provides, rhythmOf, smallestOf } from '../flow/collect.ts';
import { judgeClock } from '../flow/collect-clock.ts';
import { permitRecord, timeLookups, validateRecord } from '../flow/collect-decisions.ts';
import { fsckRecords, growthOf, LedgerPace, MasterGrowth, type PaceLimits } from '../flow/collect-ledger.ts';
import { type CountedRow, type LogName, Reconciliation } from '../flow/collect-reconcile.ts';
import { type Duration, days, hours, instant, millis, minutes, seconds } from '../kernel/time.ts';
import { fsck, type LogEntry, type StoredCheckpoint } from '../ledger/index.ts';
import { agreedOf, nowOf, Turns, type Work } from './assurance-parts.ts';
import { alarm } from './wiring.ts';

/** Name of this process in the leaves of its records (`compose/ledger.ts`). */
const source = 'platform';
const maxGrace = seconds(10);
const pageOfGrowth = 4_096;
/** How long closed sessions and refusals stay on the pages of devices. */
const keepOnPages = days(90);

/** Producers of A's own evidence, each a job of its own rhythm. */
export interface Collectors {
  /** Ends a window: permits become aggregates, counters are compared. */
  reconcile(): Promise<void>;
  /** Tells windows whose leaves have come, or will not. */
  settle(): Promise<void>;
  pace(): Promise<void>;
  clock(): Promise<void>;
  heartbeat(): Promise<void>;
  validate(): Promise<void>;
  scan(asked: boolean): Promise<void>;
  revocations(): Promise<void>;
  fsck(scope: 'tail' | 'full', asked: boolean): Promise<void>;
  growth(): Promise<void>;
  heard(): Promise<void>;
  trim(): Promise<void>;
}

/** What limits the age of each check of the ledger. */
export const fsckAges: Readonly<Record<'tail' | 'full', Provides>> = {
  tail: { kinds: ['ledger.fsck'], params: [['A3.3.5', 'tailMaxAge']] },
  full: { kinds: [], params: [['A3.3.5', 'fullMaxAge']] },
};
/** Rhythm of probes where nothing shorter was agreed. */
const probing = ({ base }: Work): Duration => seconds(base.config.evaluation.probeSeconds);

const nameOf = (log: LogEntry): LogName => log.agreement ?? log.kind;

/** Hooks into the ledger; from here on every number and leaf is counted. */
export async function openCollectors(work: Work): Promise<Collectors> {
  const { base, parts } = work;
  const pace = new LedgerPace(nowOf(work), limitsOf(work));
  const reconciliation = await follow(work, pace);
  const growth = await openGrowth(work);
  const corrupt = new Set<string>();
  const [scanned, checked] = [new Turns(), new Turns()];
  const counting = { permitted: permittedOf(work), ...baseOf(work) };
  return {
    reconcile: () => reconcile(work, reconciliation, counting),
    settle: () => work.outgoing.record(reconciliation.settle(nowOf(work), graceOf(work))),
    pace: () => work.outgoing.record(pace.close(nowOf(work), limitsOf(work))),
    clock: () => checkClock(work),
    heartbeat: () => heartbeat(work),
    validate: () => work.outgoing.record(parts.devices.counters.flush(nowOf(work)).map(validateRecord)),
    scan: async (asked) => {
      const every = rhythmOf(agreedOf(parts), { kinds: ['device.id.scan'] }, probing(work));
      for (const { id } of agreedOf(parts))
        if (scanned.take(id, every, asked)) await parts.identity.certificates.scan(id);
    },
    revocations: () => revocations(work),
    fsck: (scope, asked) => {
      const every = rhythmOf(agreedOf(parts), fsckAges[scope], scope === 'full' ? hours(24) : probing(work));
      const logs = parts.ledger.reader.logs().filter(({ id }) => checked.take(`${scope} ${id}`, every, asked));
      return check(work, scope, { corrupt, logs });
    },
    growth: () => grow(work, growth),
    heard: async () => {
      const seen = parts.devices.gate.takeHeard();
      for (let at = 0; at < seen.length; at += 1_000)
        await base.store.transaction((tx) => parts.identity.store.touch(tx, seen.slice(at, at + 1_000)));
    },
    trim: () => base.store.transaction((tx) => parts.devices.sessions.trim(tx, instant(nowOf(work) - keepOnPages))),
  };
}

/** Agreed limits of the ledger's pace: the smallest of all agreements. */
function limitsOf({ parts }: Work): PaceLimits {
  const agreed = agreedOf(parts);
  return {
    outbox: smallestOf(agreed, rowOf('A3.4.1'), 'outboxMaxAge'),
    publish: smallestOf(agreed, rowOf('A3.3.5'), 'publishLimit'),
  };
}

/** Time that leaves of a window may take, so that what is told is still in time for the shortest agreed age. */
function graceOf({ base, parts }: Work): Duration {
  const window = rhythmOf(
    agreedOf(parts),
    { kinds: ['ledger.reconcile'] },
    seconds(base.config.evaluation.collectSeconds),
  );
  return millis(Math.min(maxGrace, Math.max(1_000, window / 2)));
}

/**
 * Follows numbers and leaves of every log. What comes while the numbers of before this start are read is kept back
 * and told after them, so that nothing falls between.
 */
async function follow({ base, parts }: Work, pace: LedgerPace): Promise<Reconciliation> {
  const { listeners, reader } = parts.ledger;
  const reconciliation = new Reconciliation(source, base.clock.now());
  const logOf = (id: string): LogEntry | undefined => reader.logs().find((log) => log.id === id);
  let early: (() => void)[] | undefined = [];
  const tell = (step: () => void): void => {
    if (early === undefined) step();
    else early.push(step);
  };
  const before = { ...listeners };
  listeners.numbered = (id, last) => {
    before.numbered(id, last);
    const log = logOf(id);
    if (log !== undefined) tell(() => reconciliation.numbered(nameOf(log), last));
  };
  listeners.sequenced = (log, batch, at) => {
    before.sequenced(log, batch, at);
    const rows: readonly CountedRow[] = batch.rows;
    tell(() => reconciliation.sequenced(nameOf(log), rows));
    pace.sequenced(
      batch.rows.map(({ time }) => time),
      at,
    );
  };
  listeners.published = (log, size, times) => {
    before.published(log, size, times);
    pace.published(log, size, times);
  };
  for (const log of reader.logs()) {
    reconciliation.start(nameOf(log), await base.store.ledger.lastSequence(source, log.id));
    const newest = await checkpointOf({ parts }, log);
    if (newest) pace.known(log, newest.size);
  }
  for (const step of early) step();
  early = undefined;
  return reconciliation;
}

const checkpointOf = async ({ parts }: Pick<Work, 'parts'>, log: LogEntry): Promise<StoredCheckpoint | undefined> => {
  try {
    return await parts.ledger.reader.checkpoint(log);
  } catch (error) {
    if (error instanceof Problem && error.code === 'ledger/not-found') return undefined;
    throw error;
  }
};

interface Counting {
  /** Operations permitted up to the last window. */
  permitted: number;
  /** Counters at the moment the leaves began to be counted. */
  readonly sessions: number;
  readonly denied: number;
}

const permittedOf = ({ parts: { devices } }: Work): number =>
  devices.uplink.counters.operations + devices.gate.counters.connects;

const baseOf = ({ parts: { devices } }: Work): Pick<Counting, 'sessions' | 'denied'> => {
  const { authenticated, turnedAway, settling, denied } = devices.gate.counters;
  return { sessions: authenticated - turnedAway - settling, denied };
};

async function reconcile(work: Work, reconciliation: Reconciliation, counting: Counting): Promise<void> {
  const { base, parts, outgoing } = work;
  const { gate, permits } = parts.devices;
  const logs = parts.ledger.reader.logs();
  const durable = new Map<LogName, number>();
  for (const log of logs) durable.set(nameOf(log), await base.store.ledger.lastSequence(source, log.id));
  timeLookups(gate.sessions(), permits, () => performance.now());
  // From here to the cut nothing waits: the counts of one moment belong together.
  const at = nowOf(work);
  const records = permits.flush(at);
  const permitted = permittedOf(work);
  const now = baseOf(work);
  reconciliation.cut(
    at,
    {
      sessions: now.sessions - counting.sessions,
      settling: gate.counters.settling,
      permitted: permitted - counting.permitted,
      permits: records.reduce((sum, { n }) => sum + n, 0),
      denied: now.denied - counting.denied,
    },
    durable,
  );
  counting.permitted = permitted;
  await outgoing.record(records.map(permitRecord));
}

async function checkClock(work: Work): Promise<void> {
  const { server } = work.base.config.clock;
  const ntp = server === '' ? [] : await askTime(server, work.base.clock);
  const body = judgeClock(ntp, work.parts.clockSamples, nowOf(work));
  await work.outgoing.record([
    { kind: 'clock.check', outcome: body.method === 'none' ? 'unchecked' : 'checked', body },
  ]);
}

async function heartbeat({ parts, outgoing }: Work): Promise<void> {
  const beat = parts.gateway.heartbeat();
  const body = { monitor: 'tripwire', up: beat !== undefined, ports: [...(beat?.ports ?? [])], hits: beat?.hits ?? 0 };
  await outgoing.record([{ kind: 'monitor.heartbeat', outcome: body.up ? 'up' : 'down', body }]);
}

/** Lists that are due by themselves, and those that an agreement wants sooner. */
async function revocations({ base, parts }: Work): Promise<void> {
  const { crls, store } = parts.identity;
  await crls.refresh();
  for (const agreed of agreedOf(parts)) {
    const every = rhythmOf([agreed], { kinds: ['crl.publish'] }, minutes(30));
    const ca = `device-${parts.terms.partyOf(agreed.id)}`;
    const known = await store.crl(ca);
    if (known && base.clock.now() - known.thisUpdate >= every) await crls.publish(ca);
  }
}

/** Checks every log; what is found the first time is an incident that both parties are told of. */
async function check(
  { base, parts, outgoing }: Work,
  scope: 'tail' | 'full',
  { corrupt, logs }: { readonly corrupt: Set<string>; readonly logs: readonly LogEntry[] },
): Promise<void> {
  const checked = [];
  for (const log of logs) {
    const result = await fsck({ store: base.store.ledger, hasher: nodeHasher, crypto: nodeProofCrypto }, log, scope);
    checked.push({ log, result });
  }
  await outgoing.record(fsckRecords(scope, checked));
  for (const { log, result } of checked) {
    if (result.mismatches === 0 || corrupt.has(log.origin)) continue;
    corrupt.add(log.origin);
    await alarm(parts.incidents, parts.terms, log.agreement, `${log.origin}: ${result.why ?? 'mismatch'}`);
  }
}

/** What the master log says of other logs already, as far as its newest leaves tell. */
async function openGrowth({ base, parts }: Work): Promise<MasterGrowth> {
  const growth = new MasterGrowth();
  const { masterLog, ledger } = parts.ledger;
  const size = ledger.states().find(({ log }) => log.id === masterLog.id)?.size ?? 0;
  const from = Math.max(0, size - pageOfGrowth);
  const records = await base.store.ledger.recordsOfKinds(masterLog.id, ['log.grow'], from, pageOfGrowth);
  for (const { body } of records) {
    // Written by this collector in an earlier process; checked by the recorder.
    if (body !== undefined) growth.knows(JSON.parse(body) as { origin: string; size: number });
  }
  return growth;
}

async function grow(work: Work, growth: MasterGrowth): Promise<void> {
  const logs = work.parts.ledger.reader.logs().filter(({ kind }) => kind !== 'master');
  const heads = [];
  for (const log of logs) {
    const newest = await checkpointOf(work, log);
    if (newest) heads.push(growthOf(log, newest));
  }
  const news = growth.news(heads);
  await work.outgoing.record(news);
  for (const { body } of news) growth.knows(body);
}
