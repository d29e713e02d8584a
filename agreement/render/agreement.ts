import type { AgreementDocument } from '../document.ts';
import type { Locale } from '../params.ts';
import { toAnchors, toDepartures, toParamAnnex, toSignatures } from './annexes.ts';
import { type Block, type RenderOptions, toWords } from './blocks.ts';
import { toArticles, toDefinitions, toHead, toParties, toProvisions } from './body.ts';

/** The agreement as readable blocks in one language, in the order it is read and signed. */
export function toBlocks(document: AgreementDocument, locale: Locale, options: RenderOptions): readonly Block[] {
  const words = toWords(locale);
  return [
    ...toHead(document, words, options),
    ...toParties(document, words),
    ...toDefinitions(document, words),
    ...toArticles(document, words),
    ...toProvisions(document, words),
    ...toParamAnnex(document, words),
    ...toDepartures(document, words),
    ...toAnchors(document, words),
    ...toSignatures(words, options),
  ];
}
