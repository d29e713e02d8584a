import { ModelFile } from '@pactgate/protocol';
import { Compile } from 'typebox/compile';
import { days, type Instant, instant, later } from '../../kernel/time.ts';

/** What is wrong with a security file and where: JSON Pointer into it, empty for the whole. */
export interface FileFault {
  readonly path: string;
  readonly fault: string;
}

/** What a security file is judged against. */
export interface FileContext {
  readonly party: string;
  readonly model: string;
  /** Greatest version published so far; absent: none. */
  readonly previous?: number;
  readonly now: Instant;
}

export type FileCheck =
  | { readonly ok: true; readonly file: ModelFile; readonly supportEnd: Instant }
  | { readonly ok: false; readonly missing: readonly string[]; readonly faults: readonly FileFault[] };

const maxFileFaults = 50;
const schema = Compile(ModelFile);

/** Parts that B2.1.1 demands, by the member that holds each. The SBOM is a document of its own. */
const parts = ['threats', 'interfaces', 'supportEnd', 'contact', 'tamperClass', 'firmware'] as const;

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** Parts that a document lacks or leaves empty, read from anything; for `model.profile.sign` and the breach record. */
export function missingParts(document: unknown): readonly string[] {
  if (typeof document !== 'object' || document === null) return parts;
  const members = new Map<string, unknown>(Object.entries(document));
  return parts.filter((part) => isEmpty(members.get(part)));
}

/** End of the last day of support (UTC): the first moment without. `undefined` for a day that does not exist. */
export function supportEndOf(day: string): Instant | undefined {
  const start = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== day) return undefined;
  return later(instant(start), days(1));
}

function contextFaults(file: ModelFile, { party, model, previous = 0 }: FileContext): readonly FileFault[] {
  const faults: FileFault[] = [];
  if (file.party !== party) faults.push({ path: '/party', fault: `must be ${party}, where it was submitted` });
  if (file.model !== model) faults.push({ path: '/model', fault: `must be ${model}, where it was submitted` });
  if (file.version <= previous)
    faults.push({ path: '/version', fault: `must be above ${previous}, the last published` });
  const versions = file.firmware.map(({ version }) => version);
  if (new Set(versions).size !== versions.length) faults.push({ path: '/firmware', fault: 'names a version twice' });
  return faults;
}

/**
 * Judges the security file of a model (B2.1.1): complete, for this party and model, support still running. Signatures
 * are the caller's part.
 *
 * @param document the signed payload as JSON; from party B, trusted for nothing
 */
export function checkModelFile(document: unknown, context: FileContext): FileCheck {
  if (!schema.Check(document)) {
    const found = schema.Errors(document).slice(0, maxFileFaults);
    const faults = found.map(({ instancePath, message }) => ({ path: instancePath, fault: message }));
    return { ok: false, missing: missingParts(document), faults };
  }
  const supportEnd = supportEndOf(document.supportEnd);
  const faults = [...contextFaults(document, context)];
  if (supportEnd === undefined) faults.push({ path: '/supportEnd', fault: 'is no day' });
  else if (supportEnd <= context.now) faults.push({ path: '/supportEnd', fault: 'has passed' });
  if (faults.length > 0 || supportEnd === undefined) return { ok: false, missing: [], faults };
  return { ok: true, file: document, supportEnd };
}
