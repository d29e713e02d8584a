import type { Locale } from '@pactgate/protocol';
import { languageTag } from './locale.ts';

/** What stands where there is nothing to show. */
export const nothing = '—';

/** A moment in the reader's zone. */
export const showTime = (at: number | undefined, locale: Locale, zone?: string): string =>
  at === undefined
    ? nothing
    : new Intl.DateTimeFormat(languageTag(locale), {
        dateStyle: 'medium',
        timeStyle: 'medium',
        ...(zone === undefined ? {} : { timeZone: zone }),
      }).format(at);

/** The exact moment: milliseconds, UTC and the reader's zone by name. */
export function showExact(at: number, locale: Locale, zone?: string): string {
  const local = new Intl.DateTimeFormat(languageTag(locale), {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    timeZoneName: 'short',
    hourCycle: 'h23',
    ...(zone === undefined ? {} : { timeZone: zone }),
  }).format(at);
  return `${local} (${new Date(at).toISOString()})`;
}

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

/** How long ago or how soon, in words; whole units, so that "2 days" is at least 48 hours. */
export function showAge(at: number | undefined, now: number, locale: Locale): string {
  if (at === undefined) return nothing;
  const seconds = Math.round((at - now) / 1000);
  const format = new Intl.RelativeTimeFormat(languageTag(locale), { numeric: 'auto' });
  // The clocks of server and reader differ by a little: nothing just recorded lies in the future.
  if (seconds > 0 && seconds < 3) return format.format(0, 'second');
  for (const [unit, size] of units)
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  return format.format(seconds, 'second');
}

/** A length of time in its largest whole unit: 90 s, 5 min, 24 h, 30 d. */
export function showDuration(seconds: number, locale: Locale): string {
  const format = (unit: string, value: number): string =>
    new Intl.NumberFormat(languageTag(locale), { style: 'unit', unit, unitDisplay: 'short' }).format(value);
  for (const [unit, size] of units) if (seconds >= size && seconds % size === 0) return format(unit, seconds / size);
  return format('second', seconds);
}

const durationPart = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const durationUnits = ['year', 'month', 'week', 'day', 'hour', 'minute', 'second'] as const;

/** An ISO 8601 duration in words; the text itself when it is none. */
export function showIsoDuration(text: string, locale: Locale): string {
  const match = durationPart.exec(text);
  const parts = durationUnits.flatMap((unit, i) => {
    const value = match?.[i + 1];
    if (value === undefined) return [];
    const format = new Intl.NumberFormat(languageTag(locale), { style: 'unit', unit, unitDisplay: 'long' });
    return [format.format(Number(value))];
  });
  return parts.length === 0 ? text : parts.join(' ');
}

export const showCount = (count: number, locale: Locale): string =>
  new Intl.NumberFormat(languageTag(locale)).format(count);

/** A SHA-256 as people compare it: colon-separated pairs in capitals, as browsers show certificates. */
export const showFingerprint = (hex: string): string =>
  /^[0-9a-f]{2}(?:[0-9a-f]{2})*$/i.test(hex) ? (hex.toUpperCase().match(/../g) ?? []).join(':') : hex;

/** First and last characters of a long identifier; the whole stands in the tooltip and in what is copied. */
export const shorten = (text: string, keep = 8): string =>
  text.length <= keep * 2 + 1 ? text : `${text.slice(0, keep)}…${text.slice(-keep)}`;

/** Text for a CSV cell (RFC 4180). A leading formula character is defused: spreadsheets would run it. */
export function csvCell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export const toCsv = (rows: readonly (readonly string[])[]): string =>
  `${rows.map((row) => row.map((cell) => csvCell(cell)).join(',')).join('\r\n')}\r\n`;

/** A value of telemetry or of a record as one line. */
export function showValue(value: unknown, locale: Locale): string {
  if (value === undefined || value === null) return nothing;
  if (typeof value === 'number')
    return new Intl.NumberFormat(languageTag(locale), { maximumFractionDigits: 6 }).format(value);
  if (typeof value === 'string') return value;
  return JSON.stringify(value);
}
