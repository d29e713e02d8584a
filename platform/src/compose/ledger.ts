import { encodeBase64, formatVkey, type NoteSigner, parseCheckpoint, parseNote } from '@pactgate/proof';
import { Problem } from '@pactgate/protocol';
import { nodeHasher, nodeProofCrypto } from '../adapters/proof-crypto.ts';
import { logSigner, newLogKey } from '../adapters/signers.ts';
import { type Ledger, makeLedger } from '../flow/ledger.ts';
import { type LogReader, makeLogReader } from '../flow/logs.ts';
import { makeRecorder, type Recorder } from '../flow/recorder.ts';
import { uuidv7 } from '../kernel/ids.ts';
import { type Instant, millis } from '../kernel/time.ts';
import type { LogEntry, LogKind, Refusal, Sequenced } from '../ledger/index.ts';
import type { Tx } from '../store/db/schema.ts';
import type { Base } from './base.ts';

/** What the ledger tells others as it goes; set once, before the first record. */
export interface LedgerListeners {
  sequenced: (log: LogEntry, batch: Sequenced, at: Instant) => void;
  published: (log: LogEntry, size: number, times: { readonly grewAt: Instant; readonly at: Instant }) => void;
  numbered: (log: string, last: number) => void;
}

export interface LedgerPart {
  readonly ledger: Ledger;
  readonly reader: LogReader;
  readonly recorder: Recorder<Tx>;
  readonly listeners: LedgerListeners;
  readonly platformLog: LogEntry;
  readonly masterLog: LogEntry;
  /** The log of an agreement by the agreement's id. */
  agreementLog(agreement: string): LogEntry | undefined;
  /** Makes and opens the log of a new agreement. */
  openAgreementLog(agreement: string): Promise<LogEntry>;
  /** Sequences and publishes the log of an agreement, or the platform log. */
  publish(agreement?: string): Promise<void>;
  /** Stops the loop after a last round. */
  close(): Promise<void>;
}

const tickMs = 20;
const sourceName = 'platform';
const keyName = (log: string): string => `log-${log}`;

/** Opens every log: its key, its start check, its place in the sequencer. Logs that must not be signed on are held. */
// oxlint-disable-next-line max-lines-per-function -- the wiring, in the order of the data path, reads better whole
export async function openLedger(base: Base): Promise<LedgerPart> {
  const { store, keys, clock, random } = base;
  const signers = new Map<string, NoteSigner>();
  const byId = new Map<string, LogEntry>();
  const byAgreement = new Map<string, LogEntry>();
  const listeners: LedgerListeners = { sequenced: () => {}, published: () => {}, numbered: () => {} };
  const ledger = makeLedger({
    store: store.ledger,
    highWater: base.dir.highWater,
    crypto: nodeProofCrypto,
    hasher: nodeHasher,
    clock,
    bus: base.bus,
    keyOf: (log) => demand(signers.get(log.id)),
    publishEvery: millis(base.config.ledger.publishMs),
    sequenced: (log, batch, at) => listeners.sequenced(log, batch, at),
    published: (log, size, times) => listeners.published(log, size, times),
  });
  const take = async (log: LogEntry): Promise<Refusal | undefined> => {
    const signer = await logSigner(keys, keyName(log.id), log.origin);
    if (formatVkey(signer.key) !== log.vkey)
      throw new Problem('start/keys-unreadable', `${keyName(log.id)} is not the key of ${log.origin}`);
    signers.set(log.id, signer);
    byId.set(log.id, log);
    if (log.agreement !== undefined) byAgreement.set(log.agreement, log);
    const refusal = await ledger.open(log);
    const cosigned = await store.ledger.newestCosigned(log.id);
    if (cosigned) {
      const { size, root } = parseCheckpoint(parseNote(new TextEncoder().encode(cosigned.note)).text);
      ledger.bound(log.id, { size, root: encodeBase64(root) });
    }
    return refusal;
  };
  const create = async (kind: LogKind, name: string, agreement?: string): Promise<LogEntry> => {
    const id = uuidv7(clock.now(), random);
    const origin = originOf(base, name);
    await keys.add(keyName(id), newLogKey());
    const { key } = await logSigner(keys, keyName(id), origin);
    const log: LogEntry = {
      id,
      origin,
      kind,
      vkey: formatVkey(key),
      created: clock.now(),
      ...(agreement === undefined ? {} : { agreement }),
    };
    await store.ledger.addLog(log);
    await take(log);
    return log;
  };
  const known = await store.ledger.logs();
  for (const log of known) refuseClock(await take(log), base);
  const platformLog = known.find(({ kind }) => kind === 'platform') ?? (await create('platform', 'platform'));
  const masterLog = known.find(({ kind }) => kind === 'master') ?? (await create('master', 'master'));
  const reader = makeLogReader({ store: store.ledger, crypto: nodeProofCrypto, hasher: nodeHasher }, [
    ...byId.values(),
  ]);
  const recorder = makeRecorder({
    store: store.ledger,
    crypto: nodeProofCrypto,
    random,
    clock,
    source: sourceName,
    logOf: ({ agreement, log }) => {
      if (log === 'master') return masterLog.id;
      return (agreement === undefined ? undefined : byAgreement.get(agreement)?.id) ?? platformLog.id;
    },
    queued: (logs) => ledger.mark(logs),
    numbered: (log, last) => listeners.numbered(log, last),
  });
  const loop = startLoop(base, ledger);
  return {
    ledger,
    reader,
    recorder,
    listeners,
    platformLog,
    masterLog,
    agreementLog: (agreement) => byAgreement.get(agreement),
    openAgreementLog: async (agreement) => {
      const log = await create('agreement', agreement, agreement);
      reader.add(log);
      return log;
    },
    publish: async (agreement) => {
      const log = agreement === undefined ? platformLog : (byAgreement.get(agreement) ?? platformLog);
      await ledger.flush(log.id);
    },
    close: async () => {
      await loop.stop();
      for (const { log, refusal } of ledger.states()) if (!refusal) await ledger.flush(log.id);
    },
  };
}

function demand<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a log without a signer');
  return value;
}

/** Name of a log: host from configuration, never from a request; yearly shards. */
function originOf({ config, clock }: Base, name: string): string {
  const [host = 'localhost'] = config.publicHost.split(',');
  return `${host.trim()}/logs/${name}/${new Date(clock.now()).getUTCFullYear()}`;
}

/** A clock behind the ledger stops the start: every time in every new record would be wrong. */
function refuseClock(refusal: Refusal | undefined, { log }: Base): void {
  if (refusal?.why === 'clock-behind') throw new Problem('start/clock-behind', refusal.detail);
  if (refusal) log.error({ refusal }, 'the ledger refuses to sign this log');
}

/** Sequences every 20 ms, one round at a time; an error of the store ends the process, nothing is half done. */
function startLoop({ failed }: Base, ledger: Ledger): { stop(): Promise<void> } {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= ledger
      .tick()
      .catch(failed)
      .finally(() => {
        running = undefined;
      });
  }, tickMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
