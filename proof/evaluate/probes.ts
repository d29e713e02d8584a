import { maxRecent } from './ledger.ts';
import { keepNewest, keepRecent, newer, toSeen } from './newest.ts';
import type { AnyRecord, Ref, Seen } from './types.ts';

/** Facts about probes and proofs of the platform (B2.2.1, B2.2.5, B2.3.2, A3.1.3, A3.4.6). */
export interface Probes {
  scan: Seen<'device.id.scan'> | undefined;
  /** Newest revocation list by issuer. */
  readonly lists: Map<string, Seen<'crl.publish'>>;
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
  lists: new Map(),
  tripwire: undefined,
  partyHit: undefined,
  strayHits: 0,
  replays: [],
  startedAt: 0,
});

function feedHit(probes: Probes, record: AnyRecord & { kind: 'probe.plaintext.hit' }, ref: Ref, own: boolean): void {
  if (record.body.device !== undefined) return; // the device's own facts have it
  if (own && record.body.attributed)
    probes.partyHit = newer(probes.partyHit, toSeen<'probe.plaintext.hit'>(record, ref));
  else probes.strayHits += record.n;
}

/** Folds a record of the platform's own probes in. `own`: it stands in the agreement's log. */
export function feedProbes(probes: Probes, record: AnyRecord, ref: Ref, own: boolean): void {
  switch (record.kind) {
    case 'device.id.scan':
      if (own) probes.scan = newer(probes.scan, toSeen<'device.id.scan'>(record, ref));
      return;
    case 'crl.publish':
      keepNewest(probes.lists, record.body.issuer, toSeen<'crl.publish'>(record, ref));
      return;
    case 'monitor.heartbeat':
      if (record.body.monitor === 'tripwire')
        probes.tripwire = newer(probes.tripwire, toSeen<'monitor.heartbeat'>(record, ref));
      return;
    case 'probe.plaintext.hit':
      feedHit(probes, record, ref, own);
      return;
    case 'probe.authz.replay':
      keepRecent(probes.replays, toSeen<'probe.authz.replay'>(record, ref), maxRecent);
      return;
    case 'platform.start':
      probes.startedAt = Math.max(probes.startedAt, record.at);
      return;
    default:
  }
}
