import type { EvidenceRecord } from '@pactgate/protocol';
import type { Handlers } from './handlers.ts';
import { toSeen } from './newest.ts';
import type { Stain } from './sessions.ts';
import type { Ref, Seen } from './types.ts';
import { addTo, countUp, markExceeded, openRun, openTally, type Run, runMs, type Tally } from './windows.ts';

/** Missing sequence numbers of a device's security reports, both ends included. */
export interface Gap {
  from: number;
  to: number;
  readonly seenAt: number;
  readonly ref: Ref;
}

/** What one device does: decisions, reports. Bounded: 24 slots, {@link maxGaps} gaps, one newest record of each kind. */
export interface Conduct {
  /** Newest decision about it, permit or denial. */
  decided: { readonly at: number; readonly ref: Ref } | undefined;
  denials: Run | undefined;
  lastDenial: Stain | undefined;
  /** Requests and denials of the share's window. */
  requests: Tally | undefined;
  /** A denied write to a resource of another party. */
  foreign: Stain | undefined;
  version: Seen<'version.report'> | undefined;
  ports: Seen<'device.ports.report'> | undefined;
  plaintext: Seen<'probe.plaintext.hit'> | undefined;
  selftest: Seen<'incident.selftest'> | undefined;
  gaps: Gap[];
}

const maxGaps = 16;

export const openConduct = (): Conduct => ({
  decided: undefined,
  denials: undefined,
  lastDenial: undefined,
  requests: undefined,
  foreign: undefined,
  version: undefined,
  ports: undefined,
  plaintext: undefined,
  selftest: undefined,
  gaps: [],
});

export interface ConductLimits {
  readonly warnAbove: number;
  readonly shareWindowMs: number;
}

const isWrite = (action: string | undefined): boolean =>
  action === undefined || !/subscribe|read|receive|connect/i.test(action);

/** Counts permits of an aggregate for this device. */
export function feedPermits(
  conduct: Conduct,
  n: number,
  seen: { readonly at: number; readonly ref: Ref },
  limits: ConductLimits,
): void {
  conduct.decided = seen;
  conduct.requests ??= openTally(limits.shareWindowMs, 2);
  addTo(conduct.requests, seen.at, [n, 0]);
}

function feedDenial({ conduct, limits }: ConductParts, record: EvidenceRecord<'authz.decide'>, ref: Ref): void {
  const { at, n, body } = record;
  conduct.decided = { at, ref };
  conduct.denials ??= openRun();
  countUp(conduct.denials, at, n, limits.warnAbove);
  conduct.requests ??= openTally(limits.shareWindowMs, 2);
  addTo(conduct.requests, at, [n, n]);
  const what = body.resource ?? body.action ?? body.code ?? '';
  conduct.lastDenial = { at, ref, what };
  if (body.foreign === true && isWrite(body.action)) conduct.foreign = { at, ref, what };
}

function feedReport(conduct: Conduct, record: EvidenceRecord<'incident.report'>, ref: Ref): void {
  const { seq, missing, explains } = record.body;
  conduct.gaps = fill(conduct.gaps, seq, seq);
  if (explains !== undefined) conduct.gaps = fill(conduct.gaps, explains.from, explains.to);
  if (missing === undefined || missing.from > missing.to) return;
  conduct.gaps.push({ from: missing.from, to: missing.to, seenAt: record.at, ref });
  if (conduct.gaps.length <= maxGaps) return;
  const [first, second] = conduct.gaps.splice(0, 2); // joined, dated as the older: a gap is never forgotten
  if (first && second)
    conduct.gaps.unshift({ ...first, from: Math.min(first.from, second.from), to: Math.max(first.to, second.to) });
}

/** Gaps without the numbers `from` to `to`, which arrived late or were explained. */
function fill(gaps: readonly Gap[], from: number, to: number): Gap[] {
  return gaps
    .flatMap((gap) => {
      if (to < gap.from || from > gap.to) return [gap];
      return [
        { ...gap, to: from - 1 },
        { ...gap, from: to + 1 },
      ].filter((rest) => rest.from <= rest.to);
    })
    .slice(-2 * maxGaps);
}

/** Conduct of one device and the limits it is folded under. */
export interface ConductParts {
  readonly conduct: Conduct;
  readonly limits: ConductLimits;
}

/** What each kind of record says of a device's conduct. */
export const conductHandlers: Handlers<ConductParts> = {
  'authz.decide': ({ conduct, limits }, record, ref) => {
    if (record.outcome === 'permit') feedPermits(conduct, record.n, { at: record.at, ref }, limits);
    else feedDenial({ conduct, limits }, record, ref);
  },
  'authz.deny.burst': ({ conduct, limits }, { body: { count, from, to }, at }) => {
    // Its single denials are leaves of their own; the burst only proves an excess, it is not counted again.
    conduct.denials ??= openRun();
    if (to - from <= runMs && count > limits.warnAbove) markExceeded(conduct.denials, at, count);
  },
  'version.report': ({ conduct }, record, ref) => {
    conduct.version = toSeen(record, ref);
  },
  'device.ports.report': ({ conduct }, record, ref) => {
    conduct.ports = toSeen(record, ref);
  },
  'probe.plaintext.hit': ({ conduct }, record, ref) => {
    conduct.plaintext = toSeen(record, ref);
  },
  'incident.selftest': ({ conduct }, record, ref) => {
    conduct.selftest = toSeen(record, ref);
  },
  'incident.report': ({ conduct }, record, ref) => {
    feedReport(conduct, record, ref);
  },
};
