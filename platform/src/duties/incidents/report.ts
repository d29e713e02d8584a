import {
  maxControlOctets,
  OverflowDetail,
  Problem,
  type RecordBody,
  SecurityReport,
  type Severity,
} from '@pactgate/protocol';
import { Compile } from 'typebox/compile';
import { type Duration, type Instant, instant, millis } from '../../kernel/time.ts';

const report = Compile(SecurityReport);
const overflow = Compile(OverflowDetail);

/** Longest text quoted back to a device in a refusal: never a value of the report. */
const refuse = (detail: string): never => {
  throw new Problem('event/invalid', detail);
};

/**
 * Parses a device's security report (B2.6.2; detection-and-response section 1). Everything in it is the device's claim.
 *
 * @param value decoded JSON or CBOR
 * @param octets length of the message as received
 * @param severity word of the topic or path, which the report must repeat
 * @throws Problem `event/invalid` naming the first wrong member
 */
export function parseReport(value: unknown, octets: number, severity: string): SecurityReport {
  if (octets > maxControlOctets) refuse(`a report has at most ${maxControlOctets} octets`);
  if (!report.Check(value)) {
    const [fault] = report.Errors(value);
    return refuse(`${fault?.instancePath || 'report'} ${fault?.message ?? 'is not of its shape'}`);
  }
  if (value.severity !== severity) refuse('severity differs from the word in the topic');
  if (Number.isNaN(Date.parse(value.t))) refuse('/t is no date');
  if (value.type === 'overflow' && overflowOf(value) === undefined)
    refuse('/detail must name fromSeq and toSeq in order');
  return value;
}

/** Range of reports that a full queue dropped; it explains their gap. Undefined for other types and broken ranges. */
export function overflowOf({
  type,
  detail,
  seq,
}: SecurityReport): { readonly from: number; readonly to: number } | undefined {
  if (type !== 'overflow' || !overflow.Check(detail)) return undefined;
  const { fromSeq: from, toSeq: to } = detail;
  // It cannot explain itself or what is yet to come: that would excuse gaps in advance.
  return from <= to && to < seq ? { from, to } : undefined;
}

/** What the gate saw when the device connected, to date its reports by. */
export interface ConnectFacts {
  readonly at: Instant;
  /** Our clock minus the device's at the connect, where it told its time; absent: taken as 0. */
  readonly offset?: Duration;
  /** The device's boot counter and milliseconds since boot at the connect, where it told them. */
  readonly boot?: number;
  readonly mono?: number;
}
export interface ReportTimes {
  readonly detectedAt: Instant;
  readonly delay: Duration;
  /** Time since the last connect. */
  readonly sinceConnect: Duration;
}

/** A device clock this far ahead of ours or behind the release of the platform is not a clock. */
const ahead = 86_400_000;
const earliest = Date.parse('2024-01-01T00:00:00Z');

/**
 * When the event was detected by our clock, and how long the report took.
 *
 * The device's time is corrected by the offset seen at connect. A clock that cannot be right is not believed: the event
 * is dated by its time since boot where the boot is the one of the connect, else by its arrival. A device that dates an
 * event into the future gains nothing: the delay is never negative, and never credited.
 */
export function timesOf(
  { t, boot, mono }: Pick<SecurityReport, 't' | 'boot' | 'mono'>,
  connect: ConnectFacts,
  receivedAt: Instant,
): ReportTimes {
  const claimed = Date.parse(t) + (connect.offset ?? 0);
  const believable = claimed >= earliest && claimed <= receivedAt + ahead;
  const byMono = connect.boot === boot && connect.mono !== undefined ? connect.at - (connect.mono - mono) : receivedAt;
  const detected = Math.min(receivedAt, Math.max(0, Math.round(believable ? claimed : byMono)));
  return {
    detectedAt: instant(detected),
    delay: millis(receivedAt - detected),
    sinceConnect: millis(Math.max(0, receivedAt - connect.at)),
  };
}

/** The record of a report that was taken. */
export function reportRecord(
  device: string,
  { id, type, severity, seq, boot }: SecurityReport,
  times: ReportTimes & { readonly receivedAt: Instant },
  gaps: Pick<RecordBody<'incident.report'>, 'missing' | 'explains'>,
): RecordBody<'incident.report'> {
  const { detectedAt, receivedAt, delay, sinceConnect } = times;
  const dated = { detectedAt, receivedAt, delayMs: delay, reconnectMs: sinceConnect };
  return { device, report: id, type, severity, seq, boot, ...dated, valid: true, ...gaps };
}

/** What the device is told on `dn/notice/{id}` once its report is durable. */
export const receiptOf = (
  contiguous: number,
  index: number,
): { readonly kind: 'event-receipt'; readonly seq: number; readonly index: number } => ({
  kind: 'event-receipt',
  seq: contiguous,
  index,
});

/** Types that open an incident whatever the device calls their severity: a tampered device plays it down. */
const always: ReadonlySet<string> = new Set(['tamper', 'boot_integrity', 'debug_port', 'malware']);
/** Types that are about reporting itself. */
const never: ReadonlySet<string> = new Set(['selftest', 'overflow', 'metrics']);
const grave: ReadonlySet<Severity> = new Set(['medium', 'high', 'critical']);

/** Whether a report opens an incident (or joins the open one of its device and type). */
export const opensIncident = ({ type, severity }: Pick<SecurityReport, 'type' | 'severity'>): boolean =>
  !never.has(type) && (always.has(type) || grave.has(severity));
