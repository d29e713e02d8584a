/**
 * Checks a value against the part of JSON Schema 2020-12 that this package's own schemas use.
 *
 * Not a general validator: it knows the keywords of the table below and throws on any other, so a schema cannot
 * carry a rule that is silently not applied. The schema is ours; the value is the hostile part.
 */
export interface Fault {
  /** JSON Pointer (RFC 6901) into the checked value; empty for the value itself. */
  readonly path: string;
  /** What is wrong, as a plain English clause. */
  readonly fault: string;
}

export type Schema = Readonly<Record<string, unknown>>;

interface Place {
  readonly root: Schema;
  readonly path: string;
}
type Check = (arg: unknown, value: unknown, at: Place, schema: Schema) => readonly Fault[];

/** Faults reported for one value; a hostile document with more is refused as surely. */
export const maxFaults = 100;

/** Appends a key to a JSON Pointer. */
export function pointer(path: string, key: string | number): string {
  return `${path}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Whether a value is a JSON object: no array, no null. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const say = (at: Place, fault: string): readonly Fault[] => [{ path: at.path, fault }];
const unless = (ok: boolean, at: Place, fault: string): readonly Fault[] => (ok ? [] : say(at, fault));
const shown = (value: unknown): string => JSON.stringify(value);

const types: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isRecord,
  array: (value) => Array.isArray(value),
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  integer: (value) => Number.isSafeInteger(value),
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

/** Checks that apply to one JSON type only and pass every other, as the standard has it. */
const onString =
  (rule: (arg: never, value: string, at: Place) => readonly Fault[]): Check =>
  (arg, value, at) =>
    typeof value === 'string' ? rule(arg as never, value, at) : [];
const onNumber =
  (rule: (arg: number, value: number) => boolean, words: string): Check =>
  (arg, value, at) =>
    typeof value === 'number' ? unless(rule(arg as number, value), at, `must be ${words} ${String(arg)}`) : [];
const onArray =
  (rule: (arg: never, value: readonly unknown[], at: Place) => readonly Fault[]): Check =>
  (arg, value, at) =>
    Array.isArray(value) ? rule(arg as never, value, at) : [];
const onRecord =
  (
    rule: (arg: never, value: Readonly<Record<string, unknown>>, at: Place, schema: Schema) => readonly Fault[],
  ): Check =>
  (arg, value, at, schema) =>
    isRecord(value) ? rule(arg as never, value, at, schema) : [];

/** JSON text with sorted keys, to compare items as the standard does: the order of keys does not count. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isRecord(part) ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}

const patterns = new Map<string, RegExp>();
function matches(pattern: string, text: string): boolean {
  const known = patterns.get(pattern) ?? new RegExp(pattern, 'u');
  patterns.set(pattern, known); // bounded: patterns come from our schemas alone
  return known.test(text);
}

/** Code points, not UTF-16 units; never counts far past the limit. */
const longerThan = (text: string, limit: number): boolean => text.length > limit * 2 || Array.from(text).length > limit;

function fits(schemas: readonly Schema[], value: unknown, at: Place): number {
  return schemas.filter((schema) => check(schema, value, at).length === 0).length;
}

function checkProperties(
  known: Readonly<Record<string, Schema>>,
  value: Readonly<Record<string, unknown>>,
  at: Place,
): readonly Fault[] {
  return Object.entries(known).flatMap(([key, schema]) =>
    Object.hasOwn(value, key) ? check(schema, value[key], { ...at, path: pointer(at.path, key) }) : [],
  );
}

function checkAdditional(
  arg: false | Schema,
  value: Readonly<Record<string, unknown>>,
  at: Place,
  schema: Schema,
): readonly Fault[] {
  const known = isRecord(schema['properties']) ? schema['properties'] : {};
  const extra = Object.keys(value)
    .filter((key) => !Object.hasOwn(known, key))
    .slice(0, maxFaults);
  return extra.flatMap((key) => {
    const inside = { ...at, path: pointer(at.path, key.slice(0, 100)) }; // the key's length is the peer's choice
    return arg === false ? say(inside, 'is not a field of this document') : check(arg, value[key], inside);
  });
}

function checkUnique(arg: boolean, value: readonly unknown[], at: Place): readonly Fault[] {
  if (!arg) return [];
  const seen = new Set<string>();
  for (const [index, item] of value.entries()) {
    const text = canonical(item);
    if (seen.has(text)) return say({ ...at, path: pointer(at.path, index) }, 'is there twice');
    seen.add(text);
  }
  return [];
}

/** Keywords in the order they are applied; those that walk or compare contents come after the limits on size. */
const keywords: Readonly<Record<string, Check>> = {
  type: (arg, value, at) => {
    const wanted = [arg].flat() as string[];
    return unless(
      wanted.some((name) => types[name]?.(value) ?? false),
      at,
      `must be of type ${wanted.join(' or ')}`,
    );
  },
  const: (arg, value, at) => unless(arg === value, at, `must be ${shown(arg)}`),
  enum: (arg, value, at) => {
    const allowed = arg as readonly unknown[];
    return unless(allowed.includes(value), at, `must be one of ${allowed.map(shown).join(', ')}`);
  },
  minimum: onNumber((arg, value) => value >= arg, 'at least'),
  maximum: onNumber((arg, value) => value <= arg, 'at most'),
  exclusiveMinimum: onNumber((arg, value) => value > arg, 'more than'),
  minLength: onString((arg: number, value, at) =>
    unless(Array.from(value).length >= arg, at, `must have at least ${arg} characters`),
  ),
  maxLength: onString((arg: number, value, at) =>
    unless(!longerThan(value, arg), at, `must have at most ${arg} characters`),
  ),
  pattern: onString((arg: string, value, at) => unless(matches(arg, value), at, `must match ${arg}`)),
  minItems: onArray((arg: number, value, at) => unless(value.length >= arg, at, `must have at least ${arg} items`)),
  maxItems: onArray((arg: number, value, at) => unless(value.length <= arg, at, `must have at most ${arg} items`)),
  maxProperties: onRecord((arg: number, value, at) =>
    unless(Object.keys(value).length <= arg, at, `must have at most ${arg} fields`),
  ),
  required: onRecord((arg: readonly string[], value, at) =>
    arg
      .filter((key) => !Object.hasOwn(value, key))
      .map((key) => ({ path: pointer(at.path, key), fault: 'is missing' })),
  ),
  properties: onRecord(checkProperties),
  additionalProperties: onRecord(checkAdditional),
  items: onArray((arg: Schema, value, at) =>
    value.flatMap((item, index) => check(arg, item, { ...at, path: pointer(at.path, index) })),
  ),
  $ref: (arg, value, at) => check(resolve(at.root, arg as string), value, at),
  anyOf: (arg, value, at) =>
    unless(fits(arg as readonly Schema[], value, at) > 0, at, 'fits none of the shapes allowed here'),
  oneOf: (arg, value, at) =>
    unless(fits(arg as readonly Schema[], value, at) === 1, at, 'must fit exactly one of the shapes allowed here'),
  uniqueItems: onArray(checkUnique),
};
const order = Object.keys(keywords);
const annotations = new Set(['$schema', '$id', '$defs', 'title', 'description']);

function resolve(root: Schema, ref: string): Schema {
  const name = /^#\/\$defs\/(\w+)$/.exec(ref)?.[1];
  const defs = root['$defs'];
  const found = name !== undefined && isRecord(defs) ? defs[name] : undefined;
  if (!isRecord(found)) throw new Error(`schema names ${ref}, which it does not define`);
  return found;
}

/** Stops at the first keyword that fails: a value of wrong type or size is looked into no further. */
function check(schema: Schema, value: unknown, at: Place): readonly Fault[] {
  for (const key of Object.keys(schema)) {
    if (!Object.hasOwn(keywords, key) && !annotations.has(key)) throw new Error(`schema uses ${key}: not known here`);
  }
  const faults: Fault[] = [];
  for (const key of order) {
    if (!Object.hasOwn(schema, key)) continue;
    faults.push(...(keywords[key]?.(schema[key], value, at, schema) ?? []));
    if (faults.length > 0 && !carriesOn.has(key)) return faults;
  }
  return faults;
}
/** After these, later keywords still say something useful: a missing field does not hide a wrong one. */
const carriesOn = new Set(['required', 'properties', 'additionalProperties']);

/**
 * Every fault of a value by a schema of this package, at most {@link maxFaults}; empty when it conforms.
 *
 * Bounded by the schema's own limits on length; callers bound the bytes of what they parse.
 *
 * @throws Error when the schema uses a keyword or reference that is not known here: a bug of ours
 */
export function faultsBySchema(schema: Schema, value: unknown): readonly Fault[] {
  return check(schema, value, { root: schema, path: '' }).slice(0, maxFaults);
}
