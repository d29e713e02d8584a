import type { SourceBan } from '../flow/gateway-port.ts';

/**
 * Budgets and bans of sources (A3.1.4), before any work is done for them. Time is an argument; state is bounded.
 * Sources are address prefixes (IPv4 /24, IPv6 /64) and, once TLS proved one, keys (SPKI).
 */
export interface SourceSettings {
  /** Connections a second, per prefix and for the process, and how many may come at once. */
  readonly acceptsPerSecond: number;
  readonly acceptBurst: number;
  readonly acceptsPerSecondTotal: number;
  readonly acceptBurstTotal: number;
  /** So many failed connects or abnormal closes within `window` ms bring a ban. Successful connects never count. */
  readonly failures: number;
  readonly window: number;
  /** Milliseconds of the first ban; each further one within `memory` doubles, up to `banMaximum`. */
  readonly ban: number;
  readonly banMaximum: number;
  /** How long a good certificate shields its prefix from bans (NAT guard), and how long bans are remembered, ms. */
  readonly memory: number;
  /** Most sources remembered; the longest silent one goes first. */
  readonly capacity: number;
}

export const defaultSourceSettings: SourceSettings = {
  acceptsPerSecond: 100,
  acceptBurst: 500,
  acceptsPerSecondTotal: 1_000,
  acceptBurstTotal: 2_000,
  failures: 15,
  window: 60_000,
  ban: 300_000,
  banMaximum: 86_400_000,
  memory: 86_400_000,
  capacity: 100_000,
};

/** IPv4-mapped addresses as IPv4. */
export const plainAddress = (address: string): string =>
  address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;

/** `192.0.2.0/24` or `2001:db8:0:1::/64` of an address as sockets print it. */
export function prefixOf(address: string): string {
  const plain = plainAddress(address);
  if (!plain.includes(':')) return `${plain.slice(0, plain.lastIndexOf('.'))}.0/24`;
  const [left = '', right] = (plain.split('%')[0] ?? '').split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  return `${[...head, ...(right === undefined ? [] : zeros), ...tail].slice(0, 4).join(':')}::/64`;
}

interface Source {
  /** Times of the last failures, at most `failures`, overwritten in turn: `oldest` is the next to go. */
  failed: number[];
  oldest: number;
  bannedUntil: number;
  bans: number;
  lastBan: number;
  /** A good certificate came from here. */
  provedAt: number;
  tokens: number;
  filledAt: number;
}

export type Accept = 'ok' | 'banned' | 'busy';

export class SourceLimits {
  readonly settings: SourceSettings;
  private readonly sources = new Map<string, Source>();
  private readonly total: { tokens: number; filledAt: number };

  constructor(settings: SourceSettings) {
    this.settings = settings;
    this.total = { tokens: settings.acceptBurstTotal, filledAt: 0 };
  }

  /** Whether a connection from this address may go on to its handshake; takes it off the budgets if so. */
  accept(address: string, now: number): Accept {
    const source = this.touch(prefixOf(address));
    if (now < source.bannedUntil) return 'banned';
    const { acceptsPerSecond, acceptBurst, acceptsPerSecondTotal, acceptBurstTotal } = this.settings;
    fill(source, acceptsPerSecond, acceptBurst, now);
    fill(this.total, acceptsPerSecondTotal, acceptBurstTotal, now);
    if (source.tokens < 1 || this.total.tokens < 1) return 'busy';
    source.tokens--;
    this.total.tokens--;
    return 'ok';
  }

  isAddressBanned(address: string, now: number): boolean {
    return now < (this.sources.get(prefixOf(address))?.bannedUntil ?? 0);
  }

  isKeyBanned(spki: string, now: number): boolean {
    return now < (this.sources.get(spki)?.bannedUntil ?? 0);
  }

  /** A certificate of ours came from this address. */
  proved(address: string, now: number): void {
    this.touch(prefixOf(address)).provedAt = now;
  }

  /**
   * A connect failed or a connection ended abnormally. With the key of a certificate that verified, the key alone
   * counts; else the prefix, and where the NAT guard holds for that, the unverified key if there is one. Returns the
   * ban this brings.
   */
  failed(
    address: string,
    now: number,
    key?: { readonly spki: string; readonly verified: boolean },
  ): SourceBan | undefined {
    const prefix = prefixOf(address);
    if (key?.verified) return this.count('key', key.spki, now);
    const guarded = now - this.touch(prefix).provedAt < this.settings.memory;
    if (!guarded) return this.count('address', prefix, now);
    return key ? this.count('key', key.spki, now) : undefined;
  }

  /** Bans in force, for display. */
  bans(now: number): readonly { readonly value: string; readonly until: number }[] {
    const out: { value: string; until: number }[] = [];
    for (const [value, source] of this.sources)
      if (now < source.bannedUntil) out.push({ value, until: source.bannedUntil });
    return out;
  }

  /** Ends the ban of a prefix or key; false: there was none. */
  lift(value: string): boolean {
    return this.sources.delete(value);
  }

  private count(kind: SourceBan['kind'], value: string, now: number): SourceBan | undefined {
    const { failures, window, ban, banMaximum, memory } = this.settings;
    const source = this.touch(value);
    source.failed[source.oldest] = now;
    source.oldest = (source.oldest + 1) % failures;
    if (source.failed.length < failures || now - (source.failed[source.oldest] ?? now) > window) return undefined;
    source.failed = [];
    source.oldest = 0;
    source.bans = now - source.lastBan < memory ? source.bans + 1 : 1;
    source.lastBan = now;
    const until = now + Math.min(ban * 2 ** (source.bans - 1), banMaximum);
    source.bannedUntil = until;
    return { kind, value, until, failures, at: now };
  }

  /** The source's record, moved to the young end; the oldest goes when there are too many. */
  private touch(value: string): Source {
    const known = this.sources.get(value);
    const source = known ?? newSource(this.settings.acceptBurst);
    if (known) this.sources.delete(value);
    this.sources.set(value, source);
    if (this.sources.size > this.settings.capacity) {
      const { value: oldest } = this.sources.keys().next();
      if (oldest !== undefined) this.sources.delete(oldest);
    }
    return source;
  }
}

const newSource = (tokens: number): Source => ({
  failed: [],
  oldest: 0,
  bannedUntil: 0,
  bans: 0,
  lastBan: Number.NEGATIVE_INFINITY,
  provedAt: Number.NEGATIVE_INFINITY,
  tokens,
  filledAt: 0,
});

function fill(bucket: { tokens: number; filledAt: number }, rate: number, burst: number, now: number): void {
  const elapsed = Math.max(0, now - bucket.filledAt);
  bucket.tokens = Math.min(burst, bucket.tokens + (elapsed * rate) / 1_000);
  bucket.filledAt = now;
}
