import {
  DataManifest,
  dataClasses,
  durationMs,
  gradeIndex,
  gradeOf,
  type ManifestField,
  type Transform,
} from '@pactgate/protocol';
import { Compile } from 'typebox/compile';
import { type Duration, days, type Instant } from '../../kernel/time.ts';
import { pathNames } from './compile.ts';

/** What is wrong with a manifest and where: JSON Pointer into it, empty for the whole. */
export interface ManifestFault {
  readonly path: string;
  readonly fault: string;
}

/** What a manifest is judged against. */
export interface ManifestContext {
  readonly agreement: string;
  readonly party: string;
  readonly model: string;
  /** Greatest version published so far; absent: none. */
  readonly previous?: number;
  /** Longest retention that the agreement permits. */
  readonly maxRetention: Duration;
  /** Longest time from `validFrom` to the next review (B2.4.2 `reviewMaxAge`); never above 365 days. */
  readonly reviewMaxAge: Duration;
  readonly now: Instant;
}

export type ManifestCheck =
  | { readonly ok: true; readonly manifest: DataManifest }
  | { readonly ok: false; readonly faults: readonly ManifestFault[] };

/** Faults reported for one manifest: a document with more is refused as surely. */
export const maxManifestFaults = 50;
const schema = Compile(DataManifest);
const longestReview = days(365);

const pointerOf = (i: number, member: string): string => `/fields/${i}/${member}`;

function identityFaults(manifest: DataManifest, context: ManifestContext): readonly ManifestFault[] {
  const same = (['agreement', 'party', 'model'] as const).flatMap((member) =>
    manifest[member] === context[member]
      ? []
      : [{ path: `/${member}`, fault: `must be ${context[member]}, where it was submitted` }],
  );
  const previous = context.previous ?? 0;
  const version =
    manifest.version > previous ? [] : [{ path: '/version', fault: `must be above ${previous}, the last published` }];
  return [...same, ...version];
}

/** UTC midnight of a day, or NaN for a day that does not exist (29 February of a common year). */
function dayOf(text: string): number {
  const at = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text ? Number.NaN : at;
}

function reviewFaults(manifest: DataManifest, context: ManifestContext): readonly ManifestFault[] {
  const from = Date.parse(manifest.validFrom);
  const review = dayOf(manifest.reviewBy);
  if (Number.isNaN(from)) return [{ path: '/validFrom', fault: 'is no time' }];
  if (Number.isNaN(review)) return [{ path: '/reviewBy', fault: 'is no day' }];
  const most = Math.min(context.reviewMaxAge, longestReview);
  if (review <= from) return [{ path: '/reviewBy', fault: 'must be after validFrom' }];
  if (review > from + most)
    return [{ path: '/reviewBy', fault: `must be at most ${most / days(1)} days after validFrom` }];
  return review > context.now ? [] : [{ path: '/reviewBy', fault: 'has passed' }];
}

function classFaults(field: ManifestField, i: number): readonly ManifestFault[] {
  const faults: ManifestFault[] = [];
  const grade = gradeIndex(gradeOf(field));
  const { least } = dataClasses[field.class];
  if (grade < gradeIndex(least))
    faults.push({ path: pointerOf(i, 'grade'), fault: `must be at least ${least} for class ${field.class}` });
  if (field.personal && grade < gradeIndex('S2'))
    faults.push({ path: pointerOf(i, 'personal'), fault: 'personal data needs grade S2 or above' });
  if (field.class === 'personal' && !field.personal)
    faults.push({ path: pointerOf(i, 'personal'), fault: 'must be true for class personal' });
  // Default deny: without the device envelope a field of S3 would arrive in clear, which the agreement forbids.
  if (grade >= gradeIndex('S3'))
    faults.push({ path: pointerOf(i, 'grade'), fault: 'S3 needs the device envelope, which is not accepted yet' });
  return faults;
}

function purposeFaults(field: ManifestField, i: number, manifest: DataManifest): readonly ManifestFault[] {
  const faults = field.purpose.flatMap((name) =>
    Object.hasOwn(manifest.purposes, name) ? [] : [{ path: pointerOf(i, 'purpose'), fault: `${name} is not declared` }],
  );
  if (new Set(field.purpose).size === field.purpose.length) return faults;
  return [...faults, { path: pointerOf(i, 'purpose'), fault: 'names a purpose twice' }];
}

function retentionFaults(field: ManifestField, i: number, most: Duration): readonly ManifestFault[] {
  const path = pointerOf(i, 'retention');
  const retention = durationMs(field.retention) ?? 0;
  if (retention <= 0) return [{ path, fault: 'must be longer than nothing' }];
  return retention <= most ? [] : [{ path, fault: `must be at most ${most / days(1)} days by the agreement` }];
}

function valueFaults(field: ManifestField, i: number): readonly ManifestFault[] {
  const path = pointerOf(i, 'values');
  if (field.type !== 'enum') return field.values === undefined ? [] : [{ path, fault: 'only for type enum' }];
  if (field.values === undefined) return [{ path, fault: 'an enum lists its values' }];
  return new Set(field.values).size === field.values.length ? [] : [{ path, fault: 'lists one twice' }];
}

function limitFaults(field: ManifestField, i: number): readonly ManifestFault[] {
  const faults: ManifestFault[] = [];
  const { type, range, maxLength } = field;
  if (range !== undefined && type !== 'number' && type !== 'integer')
    faults.push({ path: pointerOf(i, 'range'), fault: 'only for type number or integer' });
  if (range?.min !== undefined && range.max !== undefined && range.min > range.max)
    faults.push({ path: pointerOf(i, 'range'), fault: 'min is above max' });
  if (maxLength !== undefined && type !== 'string' && type !== 'bytes')
    faults.push({ path: pointerOf(i, 'maxLength'), fault: 'only for type string or bytes' });
  return [...faults, ...valueFaults(field, i)];
}

/** Types a transform can be applied to; anything else would be dropped silently, so it is refused. */
function fits(transform: Transform, field: ManifestField): boolean {
  if (transform === 'clear' || transform === 'drop') return true;
  if ('mask' in transform) return field.type === 'string' || field.type === 'enum';
  const { generalise } = transform;
  if ('step' in generalise) return field.type === 'number' || field.type === 'integer';
  if ('time' in generalise) return field.type === 'time';
  if ('decimals' in generalise) return field.type === 'geo';
  return field.type === 'string' || field.type === 'enum';
}

function consumerFaults(field: ManifestField, i: number): readonly ManifestFault[] {
  return Object.entries(field.consumers ?? {}).flatMap(([consumer, transform]) =>
    fits(transform, field)
      ? []
      : [{ path: pointerOf(i, `consumers/${consumer}`), fault: `does not apply to type ${field.type}` }],
  );
}

/** Control characters and lone surrogates have no place in a name: they would break what people read and export. */
const isName = (name: string): boolean =>
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  name.isWellFormed() && !/[\u0000-\u001f\u007f-\u009f]/.test(name);

function placeFaults(manifest: DataManifest): readonly ManifestFault[] {
  const taken = new Map<string, number>();
  return manifest.fields.flatMap((field, i) => {
    const names = pathNames(field.path);
    const faults: ManifestFault[] = [];
    if (!Object.hasOwn(manifest.channels, field.channel))
      faults.push({ path: pointerOf(i, 'channel'), fault: `channel ${field.channel} is not declared` });
    if (!names.every(isName)) faults.push({ path: pointerOf(i, 'path'), fault: 'holds control characters' });
    const key = `${field.channel} ${field.path}`;
    const other = taken.get(key);
    if (other !== undefined) faults.push({ path: pointerOf(i, 'path'), fault: `declared already by field ${other}` });
    else taken.set(key, i);
    return faults;
  });
}

/** A field cannot be a value and an object around other fields at once. */
function nestingFaults(manifest: DataManifest): readonly ManifestFault[] {
  const paths = new Set(manifest.fields.map(({ channel, path }) => `${channel} ${path}`));
  return manifest.fields.flatMap(({ channel, path }, i) => {
    const parts = path.split('/');
    const above = parts.map((_, n) => parts.slice(0, n).join('/')).filter((parent) => parent !== '');
    const parent = above.find((candidate) => paths.has(`${channel} ${candidate}`));
    return parent === undefined
      ? []
      : [{ path: pointerOf(i, 'path'), fault: `lies within ${parent}, which is a field itself` }];
  });
}

function emptyChannels(manifest: DataManifest): readonly ManifestFault[] {
  const used = new Set(manifest.fields.map(({ channel }) => channel));
  return Object.keys(manifest.channels).flatMap((name) =>
    used.has(name) ? [] : [{ path: `/channels/${name}`, fault: 'has no field: nothing sent to it would be kept' }],
  );
}

const tags = ['class', 'personal', 'purpose', 'retention'] as const;

/**
 * Paths of fields without purpose, class, personal flag or retention (B2.4.2), read from a document that may fail its
 * schema: the evidence names them. A field without a path is named by its number.
 */
export function untaggedFields(document: unknown): readonly string[] {
  const fields = typeof document === 'object' && document !== null && 'fields' in document ? document.fields : [];
  if (!Array.isArray(fields)) return [];
  const items: readonly unknown[] = fields;
  return items.slice(0, 256).flatMap((field, i) => {
    if (typeof field !== 'object' || field === null) return [`#${i}`];
    if (tags.every((tag) => Object.hasOwn(field, tag))) return [];
    return ['path' in field && typeof field.path === 'string' ? field.path.slice(0, 128) || `#${i}` : `#${i}`];
  });
}

/**
 * Judges a data manifest (B2.4.1, B2.4.2): its shape, that it is for this agreement, party and model, and everything
 * that has to hold between its members. Signatures are the caller's part.
 *
 * @param document the signed payload as JSON; from party B, trusted for nothing
 * @returns the manifest, or at most {@link maxManifestFaults} faults
 */
export function checkManifest(document: unknown, context: ManifestContext): ManifestCheck {
  if (!schema.Check(document)) {
    const faults = schema.Errors(document).slice(0, maxManifestFaults);
    return { ok: false, faults: faults.map(({ instancePath, message }) => ({ path: instancePath, fault: message })) };
  }
  const faults = [
    ...identityFaults(document, context),
    ...reviewFaults(document, context),
    ...placeFaults(document),
    ...nestingFaults(document),
    ...emptyChannels(document),
    ...document.fields.flatMap((field, i) => [
      ...classFaults(field, i),
      ...purposeFaults(field, i, document),
      ...retentionFaults(field, i, context.maxRetention),
      ...limitFaults(field, i),
      ...consumerFaults(field, i),
    ]),
  ];
  return faults.length === 0
    ? { ok: true, manifest: document }
    : { ok: false, faults: faults.slice(0, maxManifestFaults) };
}
