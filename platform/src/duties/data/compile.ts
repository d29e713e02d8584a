import {
  type Consumer,
  type DataManifest,
  durationMs,
  type FieldType,
  gradeIndex,
  gradeOf,
  isSealed,
  type ManifestField,
  maxFields,
  type Transform,
} from '@pactgate/protocol';
import type { Duration } from '../../kernel/time.ts';
import { encodeText } from './cbor.ts';
import { NameTable } from './names.ts';

/** A declared field, ready for the hot path. */
export interface CompiledField {
  /** Position among the fields of its channel, in manifest order. */
  readonly index: number;
  readonly path: string;
  readonly type: FieldType;
  readonly unit?: string;
  readonly class: ManifestField['class'];
  /** 0 to 3, see `grades` of the protocol. */
  readonly grade: number;
  readonly sealed: boolean;
  readonly required: boolean;
  /** Numbers it accepts, both ends inclusive; a type that takes no number has `min` above `max`. */
  readonly min: number;
  readonly max: number;
  /** Only integers within 2^53. */
  readonly whole: boolean;
  /** Code points of a string, octets of bytes. */
  readonly maxLength: number;
  /** Texts of an `enum`. */
  readonly values: NameTable<true> | undefined;
  readonly retention: Duration;
  readonly consumers: Readonly<Partial<Record<Consumer, Transform>>>;
  /** CBOR text of the path: the key in a sealed group. */
  readonly key: Uint8Array;
}

/** Greatest number of nodes of a channel: every field with the most objects around it, and the payload itself. */
export const maxNodes = maxFields * 8 + 1;

/** Roll-ups of one row, a bound of the store. */
const maxRollups = 255;

/** A member name of a payload, or the payload itself: a declared field, or an object around declared fields. */
export interface PathNode {
  readonly path: string;
  readonly field: CompiledField | undefined;
  readonly children: NameTable<PathNode>;
  /** Number within its channel, below {@link maxNodes}. */
  readonly slot: number;
}

export interface CompiledChannel {
  readonly name: string;
  readonly manifestVersion: number;
  readonly maxBytes: number;
  readonly maxPerMinute: number;
  readonly root: PathNode;
  readonly fields: readonly CompiledField[];
  /** Fields of a row's body, in manifest order. */
  readonly clear: readonly CompiledField[];
  /** Fields of a row's sealed group, in manifest order. */
  readonly sealed: readonly CompiledField[];
  readonly required: readonly CompiledField[];
  /** Clear numeric fields: those that get roll-ups, at most {@link maxRollups}. */
  readonly numeric: readonly CompiledField[];
  /** The device's own time: the first clear field of type time. Absent: rows carry the time of receipt. */
  readonly clock: CompiledField | undefined;
  /** Class and longest retention of the sealed group: the scope of its data key. Absent without sealed fields. */
  readonly seal: { readonly class: ManifestField['class']; readonly retention: Duration } | undefined;
  /** Greatest grade of its fields: what policies see as `dataClass`. */
  readonly grade: number;
  /** Longest retention of its fields. */
  readonly retention: Duration;
}

/** A manifest as the hot path reads it: nested Maps, never generated code (every name in it comes from party B). */
export interface CompiledManifest {
  readonly agreement: string;
  readonly party: string;
  readonly model: string;
  readonly version: number;
  readonly channels: ReadonlyMap<string, CompiledChannel>;
}

interface Draft {
  readonly path: string;
  field: CompiledField | undefined;
  readonly children: Map<string, Draft>;
}

const unescape = (token: string): string => token.replaceAll('~1', '/').replaceAll('~0', '~');
/** Member names of a JSON Pointer (RFC 6901 section 4). */
export const pathNames = (path: string): readonly string[] => path.slice(1).split('/').map(unescape);

/** Greatest instant of ECMAScript: times beyond are no times. */
const maxTime = 8_640_000_000_000_000;

/** Digits beyond the range of doubles become an infinity, which lies outside every range. */
function numbersOf({ type, range }: ManifestField): { readonly min: number; readonly max: number } {
  if (type === 'time') return { min: 0, max: maxTime };
  if (type !== 'number' && type !== 'integer') return { min: Infinity, max: -Infinity };
  return { min: range?.min ?? -Number.MAX_VALUE, max: range?.max ?? Number.MAX_VALUE };
}

function compileField(field: ManifestField, index: number): CompiledField {
  const retention = durationMs(field.retention) ?? 0;
  return {
    index,
    path: field.path,
    type: field.type,
    ...(field.unit === undefined ? {} : { unit: field.unit }),
    class: field.class,
    grade: gradeIndex(gradeOf(field)),
    sealed: isSealed(field),
    required: field.required === true,
    ...numbersOf(field),
    whole: field.type !== 'number',
    maxLength: field.maxLength ?? Number.POSITIVE_INFINITY,
    values: field.values === undefined ? undefined : new NameTable(new Map(field.values.map((text) => [text, true]))),
    // durationMs gives milliseconds.
    retention: retention as Duration,
    consumers: field.consumers ?? {},
    key: encodeText(field.path),
  };
}

function place(root: Draft, field: CompiledField): void {
  let node = root;
  for (const name of pathNames(field.path)) {
    const next = node.children.get(name) ?? { path: `${node.path}/${name}`, field: undefined, children: new Map() };
    node.children.set(name, next);
    node = next;
  }
  node.field = field;
}

function settle({ path, field, children }: Draft, count: { nodes: number }): PathNode {
  const slot = count.nodes++;
  const settled = [...children].map(([name, child]) => [name, settle(child, count)] as const);
  return { path, field, slot, children: new NameTable(new Map(settled)) };
}

const longest = (fields: readonly CompiledField[]): Duration =>
  Math.max(0, ...fields.map(({ retention }) => retention)) as Duration; // durations in, duration out

function sealScope(sealed: readonly CompiledField[]): CompiledChannel['seal'] {
  const strictest = sealed.toSorted((a, b) => b.grade - a.grade)[0];
  return strictest === undefined ? undefined : { class: strictest.class, retention: longest(sealed) };
}

function compileChannel(manifest: DataManifest, name: string): CompiledChannel | undefined {
  const channel = manifest.channels[name];
  if (channel === undefined) return undefined;
  const fields = manifest.fields.filter((field) => field.channel === name).map(compileField);
  const root: Draft = { path: '', field: undefined, children: new Map() };
  for (const field of fields) place(root, field);
  const clear = fields.filter((field) => !field.sealed);
  const sealed = fields.filter((field) => field.sealed);
  return {
    name,
    manifestVersion: manifest.version,
    maxBytes: channel.maxBytes,
    maxPerMinute: channel.maxPerMinute,
    root: settle(root, { nodes: 0 }),
    fields,
    clear,
    sealed,
    required: fields.filter((field) => field.required),
    numeric: clear.filter(({ type }) => type === 'number' || type === 'integer').slice(0, maxRollups),
    clock: clear.find(({ type }) => type === 'time'),
    seal: sealScope(sealed),
    grade: Math.max(0, ...fields.map(({ grade }) => grade)),
    retention: longest(fields),
  };
}

/** Compiles a manifest that `checkManifest` found without fault. Done once at activation; the result is shared. */
export function compileManifest(manifest: DataManifest): CompiledManifest {
  const channels = Object.keys(manifest.channels).flatMap((name) => {
    const channel = compileChannel(manifest, name);
    return channel === undefined ? [] : [[name, channel] as const];
  });
  return {
    agreement: manifest.agreement,
    party: manifest.party,
    model: manifest.model,
    version: manifest.version,
    channels: new Map(channels),
  };
}
