import { checkUscc } from '@pactgate/agreement';
import type { Ask } from '../../app/api.ts';
import type { Words } from '../../app/i18n.ts';

export type Particulars = Ask<'setPlatformParticulars'>['body'];
/** As the form holds them: the number of either register, side by side. */
export interface ParticularsValues {
  readonly name: string;
  readonly representative: string;
  readonly address: string;
  readonly contactEmail: string;
  readonly kind: 'uscc' | 'other';
  readonly uscc?: string;
  readonly registerName?: string;
  readonly number?: string;
}

/** A code as people paste it: without blanks, in capitals. */
export const upper = (code: string): string => code.replaceAll(/\s/g, '').toUpperCase();

/** What the API takes, of what was typed. */
export function toParticulars(values: ParticularsValues): Particulars {
  const { kind, uscc = '', registerName = '', number = '' } = values;
  return {
    name: values.name.trim(),
    representative: values.representative.trim(),
    address: values.address.trim(),
    contactEmail: values.contactEmail.trim(),
    register:
      kind === 'uscc'
        ? { kind, number: upper(uscc) }
        : { kind, registerName: registerName.trim(), number: number.trim() },
  };
}

export function toValues(particulars: Particulars | undefined): Partial<ParticularsValues> {
  if (particulars === undefined) return { kind: 'uscc' };
  const { register, ...rest } = particulars;
  return register.kind === 'uscc'
    ? { ...rest, kind: 'uscc', uscc: register.number }
    : { ...rest, kind: 'other', registerName: register.registerName, number: register.number };
}

/** What is wrong with a unified social credit code, in words; undefined: nothing. */
export function usccFault(code: string, w: Words['w']): string | undefined {
  const checked = checkUscc(upper(code));
  if (checked.ok) return undefined;
  return w(`party.uscc.${checked.cause}`, { place: checked.place ?? 0 });
}

type Params = NonNullable<Ask<'draftAgreement'>['body']['params']>;

const isRow = (row: unknown): boolean => typeof row === 'object' && row !== null && !Array.isArray(row);

/** Values of rows that differ from the standard; undefined when the text is no such object. What fits, the platform says. */
export function readParams(text: string): Params | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const rows = Object.values(value);
    return rows.every((row) => isRow(row)) ? (value as Params) : undefined;
  } catch {
    return undefined; // not JSON at all: the same answer
  }
}
