import type { Locale, Texts } from '@pactgate/protocol';

/** Language of the words: `--lang`, else what POSIX says (LC_ALL, LC_MESSAGES, LANG, in this order); English otherwise. */
export function chooseLocale(
  wanted: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Locale {
  if (wanted === 'zh' || wanted === 'en') return wanted;
  const { LC_ALL, LC_MESSAGES, LANG } = environment as Readonly<Record<'LC_ALL' | 'LC_MESSAGES' | 'LANG', string>>;
  return (LC_ALL || LC_MESSAGES || LANG || '').startsWith('zh') ? 'zh' : 'en';
}

/** Both languages of one text. */
export const both = (zh: string, en: string): Texts => ({ zh, en });
