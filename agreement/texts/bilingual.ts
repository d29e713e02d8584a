/** One text in both languages of the agreement. Plain text in one paragraph: no markup, no line breaks. */
export interface Bilingual {
  readonly zh: string;
  readonly en: string;
}

/** A term of article 1 and what it means in this agreement. */
export interface Definition {
  readonly term: Bilingual;
  readonly text: Bilingual;
}

/** One of the twelve clauses, in words. What it obliges to in particular stands in its rows. */
export interface Clause {
  readonly id: `${number}.${number}`;
  readonly title: Bilingual;
  readonly text: Bilingual;
}

/** What holds for all clauses: signing, evidence, breaches, limits. */
export interface Provision {
  readonly id: string;
  readonly title: Bilingual;
  readonly paragraphs: readonly Bilingual[];
}
