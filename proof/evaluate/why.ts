import type { Texts } from '@pactgate/protocol';
import { whyTexts } from './why-texts.ts';

export type WhyCode = keyof typeof whyTexts;
/** A number or text as it is; `ms` a length of time, `at` a moment, `share` a ratio shown as per cent. */
export type WhyArg = number | string | { readonly ms: number } | { readonly at: number } | { readonly share: number };
/** Why a subject has its status: a text of the table and its numbers. Rendered on demand by {@link explain}. */
export interface Why {
  readonly code: WhyCode;
  readonly args?: Readonly<Record<string, WhyArg>>;
}

const units = [
  [86_400_000, 'd', '天'],
  [3_600_000, 'h', '小时'],
  [60_000, 'min', '分钟'],
  [1_000, 's', '秒'],
] as const;

/** One decimal, in the largest unit of which there are at least two (or one exactly): 90 s, 24 h, 2.5 d. */
function renderMs(ms: number): Texts {
  const size = Math.abs(ms);
  const [unit, en, zh] = units.find(([length]) => size >= 2 * length || size === length) ?? [1, 'ms', '毫秒'];
  const value = Number((ms / unit).toFixed(1));
  return { en: `${value} ${en}`, zh: `${value}${zh}` };
}

function renderArg(arg: WhyArg): Texts {
  if (typeof arg === 'string') return { en: arg, zh: arg };
  if (typeof arg === 'number') return renderArg(String(Number(arg.toFixed(3))));
  if ('ms' in arg) return renderMs(arg.ms);
  if ('at' in arg) return renderArg(new Date(arg.at).toISOString().replace(/\.000Z$/, 'Z'));
  return renderArg(`${Number((arg.share * 100).toFixed(3))}%`);
}

/** The words for people, in both languages, with their numbers filled in. */
export function explain(why: Why): Texts {
  const row: Texts = whyTexts[why.code];
  const args = Object.entries(why.args ?? {}).map(([name, arg]) => [name, renderArg(arg)] as const);
  const fill = (template: string, locale: keyof Texts): string =>
    args.reduce((text, [name, texts]) => text.replaceAll(`{${name}}`, texts[locale]), template);
  return { zh: fill(row.zh, 'zh'), en: fill(row.en, 'en') };
}
