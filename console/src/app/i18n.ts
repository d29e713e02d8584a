import type { Locale, Texts } from '@pactgate/protocol';
import { createInstance, type i18n } from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';
import { type Word, words } from '../texts/words.ts';
import { initialLocale, keepLocale } from './locale.ts';

const resource = (locale: Locale): Record<string, string> =>
  Object.fromEntries(Object.entries(words).map(([key, texts]) => [key, texts[locale]]));

/** Starts translation with the reader's language. */
export async function startI18n(): Promise<i18n> {
  const lng = initialLocale();
  keepLocale(lng);
  const instance = createInstance();
  await instance.use(initReactI18next).init({
    lng,
    fallbackLng: 'en',
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false }, // React escapes
    resources: { zh: { translation: resource('zh') }, en: { translation: resource('en') } },
  });
  return instance;
}

export interface Words {
  readonly locale: Locale;
  /** A word of the console; `{{name}}` in it is replaced by the value of that name. */
  readonly w: (word: Word, values?: Readonly<Record<string, string | number>>) => string;
  /** A text that came in both languages. */
  readonly say: (texts: Texts) => string;
  readonly change: (locale: Locale) => void;
}

/** The words of the console in the reader's language. */
export function useWords(): Words {
  const { t, i18n: instance } = useTranslation();
  const locale: Locale = instance.language === 'zh' ? 'zh' : 'en';
  return {
    locale,
    w: (word, values) => t(word, { ...values }),
    say: (texts) => texts[locale],
    change: (next) => {
      keepLocale(next);
      void instance.changeLanguage(next);
    },
  };
}
