import type { RecordBody } from '@pactgate/protocol';
import { type Duration, hours, type Instant, later, seconds } from '../../kernel/time.ts';

/** A client id changed hands: a new connection took over the session of an old one. */
export interface Takeover {
  readonly kind: 'takeover';
  readonly clientId: string;
  /** Prefix of the old and of the new address, of {@link prefixOf}. */
  readonly from: string;
  readonly to: string;
  /** Last byte received on the old connection. */
  readonly heardAt: Instant;
  readonly at: Instant;
  /** The new connection presented the value given to the old one: the same device moved. Absent: it has none. */
  readonly continuity?: 'unbroken' | 'broken';
}
/** Keys seen for one id at about the same time. */
export interface KeysSeen {
  readonly kind: 'keys';
  readonly spkis: readonly string[];
  /** Both may be live until then; absent: no renewal is under way. */
  readonly overlapUntil?: Instant;
  readonly at: Instant;
}
/** Boot count, event sequence or continuity value split into two histories. */
export interface Fork {
  readonly kind: 'fork';
  readonly what: 'boot' | 'sequence' | 'continuity';
  readonly at: Instant;
}
export type CloneEvent = Takeover | KeysSeen | Fork;

interface Hop {
  readonly from: string;
  readonly to: string;
  readonly at: Instant;
}
interface Trace {
  readonly clientId: string;
  /** Oldest first. */
  readonly hops: readonly Hop[];
}
/** What is remembered of one device; bounded whatever it does. */
export interface CloneState {
  readonly traces: readonly Trace[];
  readonly suspectedUntil?: Instant;
  readonly confirmed: boolean;
}
export interface CloneFinding {
  readonly verdict: RecordBody<'device.id.conflict'>['verdict'];
  readonly why: string;
  /** End of the suspicion; absent for a confirmed clone. */
  readonly until?: Instant;
}
export interface CloneJudgement {
  readonly state: CloneState;
  /** Set only when the verdict rises: a suspicion that lasts or grows is recorded once. */
  readonly finding?: CloneFinding;
}

/** The old session counts as alive when it sent bytes this recently. */
const aliveWithin: Duration = seconds(30);
const pairWithin: Duration = seconds(10);
const alternationWithin: Duration = seconds(60);
const lapse: Duration = hours(1);
/** A device has at most four connections; twice as many client ids are remembered. */
const maxTraces = 8;
const maxHops = 8;

export const unsuspected: CloneState = { traces: [], confirmed: false };

function remember(
  state: CloneState,
  { clientId, from, to, at }: Takeover,
): { state: CloneState; hops: readonly Hop[] } {
  const known = state.traces.find((trace) => trace.clientId === clientId)?.hops ?? [];
  const recent = known.filter((hop) => at - hop.at <= alternationWithin);
  const hops = [...recent, { from, to, at }].slice(-maxHops);
  const others = state.traces.filter((trace) => trace.clientId !== clientId).slice(-(maxTraces - 1));
  return { state: { ...state, traces: [...others, { clientId, hops }] }, hops };
}

/** The newest owner held the id before within the window: A-B-A. */
const alternates = (hops: readonly Hop[]): boolean => {
  const last = hops.at(-1);
  return last !== undefined && hops.slice(0, -1).some((hop) => hop.from === last.to);
};

function confirm(state: CloneState, why: string): CloneJudgement {
  const { traces } = state;
  const next: CloneState = { traces, confirmed: true };
  return state.confirmed ? { state: next } : { state: next, finding: { verdict: 'confirmed', why } };
}
function suspect(state: CloneState, at: Instant, why: string): CloneJudgement {
  if (state.confirmed) return { state };
  const until = later(at, lapse);
  const known = state.suspectedUntil !== undefined && at < state.suspectedUntil;
  const next = { ...state, suspectedUntil: until };
  return known ? { state: next } : { state: next, finding: { verdict: 'suspected', why, until } };
}

function judgeTakeover(before: CloneState, event: Takeover): CloneJudgement {
  // one network, one site: reconnects there are ordinary, and so is a device that proves it only moved
  if (event.from === event.to || event.continuity === 'unbroken') return { state: before };
  const { state, hops } = remember(before, event);
  if (alternates(hops)) return confirm(state, `${event.clientId}: taken over back and forth within 60 s`);
  const pair = hops.filter((hop) => event.at - hop.at <= pairWithin).length >= 2;
  if (pair) return suspect(state, event.at, `${event.clientId}: two takeovers across networks within 10 s`);
  if (event.at - event.heardAt > aliveWithin) return { state };
  return suspect(state, event.at, `${event.clientId}: used from another network while the old session was alive`);
}

/**
 * The clone rules (B2.2.1; identity-and-access section 11), one event of one device at a time.
 *
 * A suspicion only watches and stops renewal, and lapses after an hour without a new sign; only a confirmed verdict
 * isolates, and a person ends it. Takeovers within one network and several client ids of one device never count.
 */
export function judgeClone(state: CloneState, event: CloneEvent): CloneJudgement {
  if (event.kind === 'takeover') return judgeTakeover(state, event);
  if (event.kind === 'fork') return confirm(state, `two histories of the ${event.what} value`);
  const overlaps = event.overlapUntil !== undefined && event.at < event.overlapUntil;
  const two = new Set(event.spkis).size > 1 && !overlaps;
  return two ? suspect(state, event.at, 'two keys in use outside a renewal') : { state };
}

/**
 * The network an address stands for: /24 of IPv4 (also when mapped), /64 of IPv6. What is no address is its own
 * network, cut to 64 characters.
 */
export function prefixOf(address: string): string {
  const four = /(?:^|:)(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(address);
  if (four) return `${four[1] ?? ''}.0/24`;
  if (!address.includes(':') || address.length > 45) return address.slice(0, 64);
  const [head = '', tail] = address.toLowerCase().split('%')[0]?.split('::') ?? [];
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  const groups = [...before, ...zeros, ...after].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${groups.join(':')}::/64`;
}

/** Clone states of many devices; the least recently touched is forgotten first (marks that matter are in the store). */
export class CloneWatch {
  readonly #states = new Map<string, CloneState>();
  readonly #most: number;

  constructor(most = 10_000) {
    this.#most = most;
  }

  /** `device` is any key that is unique among devices. */
  observe(device: string, event: CloneEvent): CloneFinding | undefined {
    const { state, finding } = judgeClone(this.#states.get(device) ?? unsuspected, event);
    this.#states.delete(device);
    this.#states.set(device, state);
    const [oldest] = this.#states.keys();
    if (this.#states.size > this.#most && oldest !== undefined) this.#states.delete(oldest);
    return finding;
  }
  /** A person ended the case, or the device enrolled with a new key. */
  forget(device: string): void {
    this.#states.delete(device);
  }
  get size(): number {
    return this.#states.size;
  }
}
