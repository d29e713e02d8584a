import { incidentStepWords, incidentWords, type Locale, type Texts } from '@pactgate/protocol';
import type { Answer } from '../../app/api.ts';

type Incident = Pick<Answer<'incident'>['incident'], 'type' | 'summary'>;

const wordIn = (table: Readonly<Record<string, Texts>>, code: string, locale: Locale): string =>
  (Object.hasOwn(table, code) ? table[code]?.[locale] : undefined) ?? code;

/** A type of incidents in the reader's language; the code where there is no word. */
export const incidentName = (type: string, locale: Locale): string => wordIn(incidentWords, type, locale);

/** An entry of the timeline by its kind. */
export const stepName = (kind: string, locale: Locale): string => wordIn(incidentStepWords, kind, locale);

/** The summary; one that the platform made of a report begins with its type, `tamper (enclosure)`. */
export function summaryIn({ type, summary }: Incident, locale: Locale): string {
  const rest = summary.slice(type.length);
  const isMade = summary.startsWith(type) && (rest === '' || rest.startsWith(' ('));
  return isMade ? `${incidentName(type, locale)}${rest}` : summary;
}
