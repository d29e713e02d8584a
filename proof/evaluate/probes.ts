import { type Handlers, handle } from './handlers.ts';
import { maxRecent } from './ledger.ts';
import { keepRecent, newer, toSeen } from './newest.ts';
import type { AnyRecord, Ref, Seen } from './types.ts';

/** Facts about probes and proofs of the platform (B2.2.1, B2.2.5, B2.3.2, A3.1.3, A3.4.6). */
export interface Probes {
  scan: Seen<'device.id.scan'> | undefined;
  /** Newest revocation list of the party's issuing CA: the one that its own log records. */
  revocations: Seen<'crl.publish'> | undefined;
  tripwire: Seen<'monitor.heartbeat'> | undefined;
  /** A plaintext attempt of this party that fits no single device. */
  partyHit: Seen<'probe.plaintext.hit'> | undefined;
  /** Plaintext attempts that belong to nobody we know, for the count beside. */
  strayHits: number;
  readonly replays: Seen<'probe.authz.replay'>[];
  /** Newest start of the platform: it ends every session of before. */
  startedAt: number;
}

export const openProbes = (): Probes => ({
  scan: undefined,
  revocations: undefined,
  tripwire: undefined,
  partyHit: undefined,
  strayHits: 0,
  replays: [],
  startedAt: 0,
});

interface ProbeParts {
  readonly probes: Probes;
  /** The record stands in the agreement's log. */
  readonly own: boolean;
}

const probeHandlers: Handlers<ProbeParts> = {
  'device.id.scan': ({ probes, own }, record, ref) => {
    if (own) probes.scan = newer(probes.scan, toSeen(record, ref));
  },
  'crl.publish': ({ probes, own }, record, ref) => {
    if (own) probes.revocations = newer(probes.revocations, toSeen(record, ref));
  },
  'monitor.heartbeat': ({ probes }, record, ref) => {
    if (record.body.monitor === 'tripwire') probes.tripwire = newer(probes.tripwire, toSeen(record, ref));
  },
  'probe.plaintext.hit': ({ probes, own }, record, ref) => {
    if (record.body.device !== undefined) return; // the device's own facts have it
    if (own && record.body.attributed) probes.partyHit = newer(probes.partyHit, toSeen(record, ref));
    else probes.strayHits += record.n;
  },
  'probe.authz.replay': ({ probes }, record, ref) => {
    keepRecent(probes.replays, toSeen(record, ref), maxRecent);
  },
  'platform.start': ({ probes }, { at }) => {
    probes.startedAt = Math.max(probes.startedAt, at);
  },
};

/** Folds a record of the platform's own probes in. `own`: it stands in the agreement's log. */
export const feedProbes = (probes: Probes, record: AnyRecord, ref: Ref, own: boolean): void =>
  handle(probeHandlers, { probes, own }, record, ref);
