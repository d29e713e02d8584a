import type { Locale } from '@pactgate/protocol';

const key = 'pactgate.locale';
export const languageTag = (locale: Locale): string => (locale === 'zh' ? 'zh-CN' : 'en-GB');

/** The reader's language: chosen before, else the browser's, else Chinese. */
export function initialLocale(): Locale {
  const stored = localStorage.getItem(key);
  if (stored === 'zh' || stored === 'en') return stored;
  return navigator.language.toLowerCase().startsWith('en') ? 'en' : 'zh';
}

/** Keeps the choice and tells the document, so that screen readers pronounce it right. */
export function keepLocale(locale: Locale): void {
  localStorage.setItem(key, locale);
  document.documentElement.lang = locale === 'zh' ? 'zh-CN' : 'en';
}
