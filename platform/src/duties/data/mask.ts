import { encodeBase64 } from '@pactgate/proof';
import { type Consumer, consumers, type Role, type Transform } from '@pactgate/protocol';
import { CborError, type CborMap, type CborValue, decodeCbor, decodeFirst } from './cbor.ts';
import type { CompiledChannel, CompiledField, CompiledManifest } from './compile.ts';
import { parseTime } from './fields.ts';

/** A value as a person sees it: bytes as base64 text, a position as two numbers. */
export type ShownValue = number | string | boolean | readonly number[];

const isConsumer = (role: Role): role is Role & Consumer => consumers.some((consumer) => consumer === role);

/**
 * What a role gets of a field: what the manifest says for it, else the default of the class (public and internal
 * clear, everything above dropped). A role that no manifest can name (`a.admin`) has the default only.
 */
export function transformOf(field: Pick<CompiledField, 'class' | 'consumers'>, role: Role): Transform {
  const declared = isConsumer(role) ? field.consumers[role] : undefined;
  if (declared !== undefined) return declared;
  return field.class === 'public' || field.class === 'internal' ? 'clear' : 'drop';
}

/** Only a clear field may be charted, filtered, sorted or alerted on: anything else would tell the value by asking. */
export const isClearFor = (field: Pick<CompiledField, 'class' | 'consumers'>, role: Role): boolean =>
  transformOf(field, role) === 'clear';

/** First and last characters; at least a third stays hidden, else all of it and its length too. */
export function maskText(text: string, keep: readonly [number, number]): string {
  const chars = Array.from(text);
  const hidden = chars.length - keep[0] - keep[1];
  if (hidden <= 0 || hidden * 3 < chars.length) return '***';
  return [...chars.slice(0, keep[0]), '*'.repeat(hidden), ...chars.slice(chars.length - keep[1])].join('');
}

/** To twelve digits, so that 0.1 steps do not show as 0.30000000000000004. */
const tidy = (x: number): number => Number(x.toPrecision(12));

const cuts = { hour: 13, day: 10, month: 7 } as const;
function coarserTime(value: CborValue, to: keyof typeof cuts): ShownValue | undefined {
  const at = typeof value === 'number' ? value : typeof value === 'string' ? parseTime(value) : Number.NaN;
  if (Number.isNaN(at)) return undefined;
  const cut = new Date(at).toISOString();
  // Years beyond 9999 have a longer form: cut from its end, which is always as long.
  const text = cut.slice(0, cut.length - (24 - cuts[to]));
  return to === 'hour' ? `${text}:00:00Z` : text;
}

type Generalise = Extract<Transform, { generalise: object }>['generalise'];
function generalised(value: CborValue, rule: Generalise): ShownValue | undefined {
  if ('step' in rule) return typeof value === 'number' ? tidy(Math.floor(value / rule.step) * rule.step) : undefined;
  if ('time' in rule) return coarserTime(value, rule.time);
  if ('decimals' in rule) {
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'number')) return undefined;
    return value.map((item) => Number(item.toFixed(rule.decimals)));
  }
  return typeof value === 'string' && Object.hasOwn(rule.table, value) ? rule.table[value] : undefined;
}

function shown(value: CborValue): ShownValue | undefined {
  if (value instanceof Uint8Array) return encodeBase64(value);
  if (Array.isArray(value)) return value.every((item) => typeof item === 'number') ? value : undefined;
  return typeof value === 'object' ? undefined : value;
}

/** A value through a transform; undefined: nothing is shown. What a transform does not fit is dropped, never shown. */
export function applyTransform(value: CborValue, transform: Transform): ShownValue | undefined {
  if (value === undefined || transform === 'drop') return undefined;
  if (transform === 'clear') return shown(value);
  if ('mask' in transform) return typeof value === 'string' ? maskText(value, transform.mask.keep) : undefined;
  return generalised(value, transform.generalise);
}

export interface ViewColumn {
  readonly path: string;
  readonly type: CompiledField['type'];
  readonly class: CompiledField['class'];
  readonly unit?: string;
  /** False: this role never sees anything of it. */
  readonly visible: boolean;
  /** True: shown as it is. */
  readonly clear: boolean;
}

/** A stored row: its body, and the plaintext of its sealed group where the reader was given it. */
export interface StoredRow {
  readonly body: Uint8Array;
  readonly secret?: Uint8Array;
}

/** How one role reads one channel. */
export interface ChannelView {
  readonly channel: string;
  /** All declared fields in manifest order. */
  readonly columns: readonly ViewColumn[];
  /** Paths that are not shown in clear. */
  readonly masked: readonly string[];
  /** False: nothing in the sealed group is for this role, so it need not be opened at all. */
  readonly needsSecret: boolean;
  /**
   * Row to an object of path and value, in manifest order; fields that are absent or not shown are left out.
   *
   * @throws CborError for a body that is damaged or of another manifest version
   */
  readonly read: (row: StoredRow) => Readonly<Record<string, ShownValue>>;
}

/** Version of the manifest that a stored body was written under; its layout is that manifest's. */
export function bodyVersion(body: Uint8Array): number {
  const version = decodeFirst(body);
  if (typeof version !== 'number') throw new CborError('row without manifest version');
  return version;
}

function clearValues(channel: CompiledChannel, body: Uint8Array): readonly CborValue[] {
  const row = decodeCbor(body);
  if (!Array.isArray(row) || row.length !== channel.clear.length + 1) throw new CborError('row of another layout');
  const [version, ...values] = row as readonly CborValue[]; // an array of the decoder's own values
  if (version !== channel.manifestVersion) throw new CborError('row of another manifest version');
  return values;
}

function secretValues(secret: Uint8Array | undefined): CborMap {
  if (secret === undefined) return new Map();
  const values = decodeCbor(secret);
  if (!(values instanceof Map)) throw new CborError('sealed group is no map');
  return values as CborMap; // the decoder makes no other map
}

function channelView(channel: CompiledChannel, role: Role): ChannelView {
  const rules = channel.fields.map((field) => ({ field, transform: transformOf(field, role) }));
  const seen = rules.filter(({ transform }) => transform !== 'drop');
  const positions = new Map(channel.clear.map((field, i) => [field.path, i]));
  return {
    channel: channel.name,
    columns: rules.map(({ field, transform }) => ({
      path: field.path,
      type: field.type,
      class: field.class,
      ...(field.unit === undefined ? {} : { unit: field.unit }),
      visible: transform !== 'drop',
      clear: transform === 'clear',
    })),
    masked: rules.filter(({ transform }) => transform !== 'clear').map(({ field }) => field.path),
    needsSecret: seen.some(({ field }) => field.sealed),
    read: (row) => {
      const clear = clearValues(channel, row.body);
      const secret = secretValues(row.secret);
      // Paths start with '/', so none of them is a name with a meaning of its own (`__proto__`).
      const values: Record<string, ShownValue> = {};
      for (const { field, transform } of seen) {
        const stored = field.sealed ? secret.get(field.path) : clear[positions.get(field.path) ?? -1];
        const value = applyTransform(stored, transform);
        if (value !== undefined) values[field.path] = value;
      }
      return values;
    },
  };
}

/** How a role reads every channel of one manifest version. Made once per (role, version), then shared. */
export function viewFor(role: Role, compiled: CompiledManifest): ReadonlyMap<string, ChannelView> {
  return new Map([...compiled.channels].map(([name, channel]) => [name, channelView(channel, role)]));
}
