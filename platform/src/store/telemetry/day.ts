/** Milliseconds of a UTC day. */
const length = 86_400_000;

/** Days since 1970-01-01 of a time. */
export const dayNumber = (at: number): number => Math.floor(at / length);

/** `2026-11-22` of a day number. */
export const dayName = (day: number): string => new Date(day * length).toISOString().slice(0, 10);

const name = /^\d{4}-\d{2}-\d{2}$/;

/** Day number of a name; throws `RangeError` for anything but a day as {@link dayName} writes it. */
export function parseDay(text: string): number {
  const at = name.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at) || dayName(dayNumber(at)) !== text) throw new RangeError(`not a day: ${text.slice(0, 20)}`);
  return dayNumber(at);
}
