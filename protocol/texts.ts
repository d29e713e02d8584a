/** Languages of everything a person reads. */
export const locales = ['zh', 'en'] as const;
export type Locale = (typeof locales)[number];
export interface Texts {
  readonly zh: string;
  readonly en: string;
}
