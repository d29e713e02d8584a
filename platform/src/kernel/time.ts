declare const unit: unique symbol;
/** A length of time in milliseconds. Make one with {@link seconds} or {@link days}, never with a bare number. */
export type Duration = number & { readonly [unit]: 'ms' };
/** A moment, in milliseconds since 1970-01-01T00:00Z. */
export type Instant = number & { readonly [unit]: 'epoch-ms' };

export const millis = (n: number): Duration => n as Duration;
export const seconds = (n: number): Duration => (n * 1_000) as Duration;
export const minutes = (n: number): Duration => seconds(n * 60);
export const hours = (n: number): Duration => seconds(n * 3_600);
export const days = (n: number): Duration => seconds(n * 86_400);
export const later = (at: Instant, by: Duration): Instant => (at + by) as Instant;
export const since = (from: Instant, to: Instant): Duration => (to - from) as Duration;

/** The instant of an ISO 8601 text or of epoch milliseconds; throws `RangeError` on anything else (a caller's bug). */
export function instant(value: string | number): Instant {
  const at = typeof value === 'number' ? value : Date.parse(value);
  if (!Number.isSafeInteger(at)) throw new RangeError(`not an instant: ${String(value)}`);
  return at as Instant;
}

/** RFC 3339 in UTC with milliseconds, the form every record uses. */
export const iso = (at: Instant): string => new Date(at).toISOString();

/** The process's clock as an argument: pure rings never read one themselves. */
export interface Clock {
  /** Wall-clock time now. May run backwards when the machine's clock is set; ledger time does not. */
  now(): Instant;
}
