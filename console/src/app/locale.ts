import type { Locale } from '@pactgate/protocol';

const key = 'pactgate.locale';

/** The reader's language: chosen before, else the browser's, else Chinese. */
export function initialLocale(): Locale {
  const stored = localStorage.getItem(key);
  if (stored === 'zh' || stored === 'en') return stored;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

/** Keeps the choice and tells the document, so that screen readers pronounce it right. */
export function keepLocale(locale: Locale): void {
  localStorage.setItem(key, locale);
  document.documentElement.lang = locale === 'zh' ? 'zh-CN' : 'en';
}

/** A moment in the reader's zone, with the zone's name. */
export const showTime = (at: number | undefined, locale: Locale): string =>
  at === undefined
    ? '—'
    : new Intl.DateTimeFormat(locale === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'medium', timeStyle: 'medium' }).format(at);

/** How long ago, in words. */
export function showAge(at: number | undefined, now: number, locale: Locale): string {
  if (at === undefined) return '—';
  const seconds = Math.round((at - now) / 1000);
  const format = new Intl.RelativeTimeFormat(locale === 'zh' ? 'zh-CN' : 'en', { numeric: 'auto' });
  for (const [unit, size] of [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const)
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  return format.format(seconds, 'second');
}
