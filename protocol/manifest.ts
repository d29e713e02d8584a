import { type Static, Type } from 'typebox';
import { body, Model } from './records/parts.ts';

/** Classes of data and the least grade of each (clause 2.4). A grade may be raised, never lowered. */
export const dataClasses = {
  public: { least: 'S0', en: 'public', zh: '公开' },
  internal: { least: 'S1', en: 'internal', zh: '内部' },
  sensitive: { least: 'S2', en: 'sensitive', zh: '敏感' },
  personal: { least: 'S2', en: 'personal', zh: '个人' },
  important: { least: 'S3', en: 'important', zh: '重要' },
} as const;
export type DataClass = keyof typeof dataClasses;
/** Grades in rising order: the index is the number that policies read as `dataClass`. */
export const grades = ['S0', 'S1', 'S2', 'S3'] as const;
export type Grade = (typeof grades)[number];
/** From this grade on a field is stored sealed. */
export const sealedFrom: Grade = 'S2';

export const fieldTypes = ['boolean', 'integer', 'number', 'string', 'enum', 'time', 'geo', 'bytes'] as const;
/**
 * Types of a field as JSON carries them. `integer`: within 2^53. `time`: RFC 3339 text or epoch milliseconds.
 * `geo`: `[longitude, latitude]` in degrees (RFC 7946 order). `bytes`: padded base64.
 */
export type FieldType = (typeof fieldTypes)[number];

/** Who reads telemetry by name. A role that is not listed here sees what the class gives everybody, never more. */
export const consumers = ['a.operator', 'a.security', 'a.auditor', 'b.admin', 'b.engineer'] as const;
export type Consumer = (typeof consumers)[number];

const ChannelName = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' });
const PurposeName = Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$' });
const Words = Type.String({ minLength: 1, maxLength: 500 });
const Version = Type.Integer({ minimum: 1, maximum: 1_000_000 });
const date = '^[0-9]{4}-[0-9]{2}-[0-9]{2}$';
const dateTime = '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,3})?)?(Z|[+-][0-9]{2}:[0-9]{2})$';
const duration =
  '^P(?=[0-9T])([0-9]{1,3}Y)?([0-9]{1,4}M)?([0-9]{1,4}W)?([0-9]{1,5}D)?(T(?=[0-9])([0-9]{1,6}H)?([0-9]{1,6}M)?([0-9]{1,6}S)?)?$';

const Generalise = Type.Union([
  body({ step: Type.Number({ exclusiveMinimum: 0 }) }),
  body({ time: Type.Enum(['hour', 'day', 'month']) }),
  body({ decimals: Type.Integer({ minimum: 0, maximum: 6 }) }),
  body({ table: Type.Record(Type.String(), Type.String({ maxLength: 200 }), { maxProperties: 256 }) }),
]);
const Keep = Type.Integer({ minimum: 0, maximum: 64 });
/** What a consumer gets of a field: all, nothing, its first and last characters, or a coarser value. */
export const Transform = Type.Union([
  Type.Literal('clear'),
  Type.Literal('drop'),
  body({ mask: body({ keep: Type.Tuple([Keep, Keep]) }) }),
  body({ generalise: Generalise }),
]);
export type Transform = Static<typeof Transform>;

const Consumers = body({
  'a.operator': Type.Optional(Transform),
  'a.security': Type.Optional(Transform),
  'a.auditor': Type.Optional(Transform),
  'b.admin': Type.Optional(Transform),
  'b.engineer': Type.Optional(Transform),
});

/** One declared field. Absent `grade`: the least of its class; absent `required`: no; absent limits: none. */
export const ManifestField = body({
  channel: ChannelName,
  /** JSON Pointer (RFC 6901) of 1 to 8 members, no array item and no `*`. */
  path: Type.String({ pattern: '^(/([^/~*]|~[01])+){1,8}$', maxLength: 256 }),
  type: Type.Enum([...fieldTypes]),
  class: Type.Enum(['public', 'internal', 'sensitive', 'personal', 'important']),
  grade: Type.Optional(Type.Enum([...grades])),
  personal: Type.Boolean(),
  purpose: Type.Array(PurposeName, { minItems: 1, maxItems: 16 }),
  /** ISO 8601 duration from receipt; see {@link durationMs}. */
  retention: Type.String({ pattern: duration, maxLength: 32 }),
  required: Type.Optional(Type.Boolean()),
  unit: Type.Optional(Type.String({ minLength: 1, maxLength: 32 })),
  /** Numbers only, both ends inclusive. */
  range: Type.Optional(body({ min: Type.Optional(Type.Number()), max: Type.Optional(Type.Number()) })),
  /** The permitted texts of an `enum`. */
  values: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { minItems: 1, maxItems: 256 })),
  /** Characters of a `string` (code points), octets of `bytes`. */
  maxLength: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_536 })),
  consumers: Type.Optional(Consumers),
});
export type ManifestField = Static<typeof ManifestField>;

export const ManifestChannel = body({
  media: Type.Literal('json'),
  /** Largest payload in octets. */
  maxBytes: Type.Integer({ minimum: 2, maximum: 65_536 }),
  maxPerMinute: Type.Integer({ minimum: 1, maximum: 60_000 }),
});
export type ManifestChannel = Static<typeof ManifestChannel>;

/** Greatest number of fields of a manifest. */
export const maxFields = 256;

/**
 * The data manifest of a device model: what its devices may send, why, and who sees what (rows B2.4.1, B2.4.2).
 * Party B signs its RFC 8785 bytes (JWS ES256), party A countersigns. Shape only: `checkManifest` of the platform
 * judges what a schema cannot say.
 */
export const DataManifest = body({
  /** Domain separation: a signature over another kind of document never passes for one over a manifest. */
  v: Type.Literal('pactgate/manifest/1'),
  /** Id of the agreement it belongs to. */
  agreement: Type.String({ minLength: 1, maxLength: 64 }),
  party: Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' }),
  model: Model,
  /** Grows with every publication. */
  version: Version,
  validFrom: Type.String({ pattern: dateTime, maxLength: 40 }),
  /** Day by which party B reviews it, at most the agreement's review age after `validFrom`. */
  reviewBy: Type.String({ pattern: date }),
  purposes: Type.Record(
    PurposeName,
    body({ zh: Words, en: Words, basis: Type.Enum(['agreement', 'consent', 'law', 'security']) }),
    { additionalProperties: false, minProperties: 1, maxProperties: 64 },
  ),
  channels: Type.Record(ChannelName, ManifestChannel, {
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 64,
  }),
  fields: Type.Array(ManifestField, { minItems: 1, maxItems: maxFields }),
});
export type DataManifest = Static<typeof DataManifest>;

export const gradeIndex = (grade: Grade): number => grades.indexOf(grade);
/** Grade in force: the declared one, else the least of the class. */
export const gradeOf = (field: Pick<ManifestField, 'class' | 'grade'>): Grade =>
  field.grade ?? dataClasses[field.class].least;
export const isSealed = (field: Pick<ManifestField, 'class' | 'grade'>): boolean =>
  gradeIndex(gradeOf(field)) >= gradeIndex(sealedFrom);

const parts = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const secondsOf = [31_536_000, 2_592_000, 604_800, 86_400, 3_600, 60, 1];

/**
 * Milliseconds of an ISO 8601 duration; `undefined` when the text is none. A year counts 365 days and a month 30:
 * retention is a length of time, not a date.
 */
export function durationMs(text: string): number | undefined {
  const match = new RegExp(duration).test(text) ? parts.exec(text) : null;
  if (match === null) return undefined;
  const seconds = secondsOf.reduce((sum, unit, i) => sum + unit * Number(match[i + 1] ?? 0), 0);
  return seconds * 1_000;
}
