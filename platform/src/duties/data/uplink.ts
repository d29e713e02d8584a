import type { ProblemCode } from '@pactgate/protocol';
import type { Instant } from '../../kernel/time.ts';
import { decodeBase64 } from './base64.ts';
import { CborWriter, decodeCbor } from './cbor.ts';
import { type CompiledChannel, type CompiledField, maxNodes, type PathNode } from './compile.ts';
import { JsonReader, maxPayload } from './json-reader.ts';
import type { NameEntry } from './names.ts';

/** Undeclared paths of one message that are named; more are counted as {@link otherPath}. */
export const maxPathsPerMessage = 64;
/** Stands for every undeclared path that is not named. */
export const otherPath = 'other';

/** What a slot of {@link MessageWriter} holds. */
const none = 0;
const numeric = 1;
const falsy = 2;
const truthy = 3;
const text = 4;
const octets = 5;
const position = 6;

/** Greatest instant of ECMAScript: times beyond are no times. */
const maxTime = 8_640_000_000_000_000;
const quote = 0x22;

/**
 * Everything {@link minimise} needs and makes for one message, reused for the next: nothing is allocated for a message
 * that holds only declared fields, beside the short list of its numbers.
 */
export class MessageWriter {
  /** Row body: CBOR array of manifest version and the channel's clear fields in manifest order, absent ones marked. */
  readonly body = new CborWriter();
  /** Plaintext of the sealed group: CBOR map of path to value. Empty when the message holds no sealed field. */
  readonly secret = new CborWriter();
  /** Undeclared members, whole subtrees as one. */
  undeclared = 0;
  /** Names of them as `channel/path`: at most {@link maxPathsPerMessage}; see {@link pathName}. */
  undeclaredPaths: string[] = [];
  /** Declared optional fields that were dropped because their value is not of their type or out of its limits. */
  mistyped = 0;
  /** The device's own time, if the channel declares a clock and the message holds it. */
  at: Instant | undefined;
  /** Clear numbers of the message and the positions of their fields in `channel.numeric`. */
  values: number[] = [];
  positions: number[] = [];
  /** Declared sealed fields of the message. */
  sealedFields = 0;

  readonly reader = new JsonReader<PathNode>();
  readonly kind = new Uint8Array(256);
  readonly from = new Int32Array(256);
  readonly to = new Int32Array(256);
  readonly number = new Float64Array(256);
  readonly second = new Float64Array(256);
  /** Number of the message, and the message in which each `PathNode.slot` was seen last. */
  message = 0;
  readonly seen = new Float64Array(maxNodes);
}

/**
 * Name under which an undeclared member is counted. Names come from the device and may themselves carry personal
 * data: only short words of ASCII letters, digits, `_`, `-` and `.`, without seven digits in a row, are kept.
 */
export function pathName(channel: string, parent: string, name: string): string {
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(name) || /[0-9]{7}/.test(name)) return otherPath;
  const path = `${channel}${parent}/${name}`;
  return path.length <= 200 ? path : otherPath;
}

function noteUndeclared(channel: CompiledChannel, parent: PathNode, out: MessageWriter): void {
  out.undeclared++;
  if (out.undeclaredPaths.length < maxPathsPerMessage) {
    out.undeclaredPaths.push(pathName(channel.name, parent.path, out.reader.string()));
  }
}

function keepNumber(field: CompiledField, out: MessageWriter): void {
  const value = out.reader.numbers[0] ?? Number.NaN;
  const whole = field.type !== 'integer' || Number.isSafeInteger(value);
  if (whole && value >= field.min && value <= field.max && Math.abs(value) <= Number.MAX_VALUE) {
    out.kind[field.index] = numeric;
    out.number[field.index] = value;
  } else out.mistyped++;
}

function keepTime(field: CompiledField, out: MessageWriter): void {
  const value = out.reader.numbers[0] ?? Number.NaN;
  if (Number.isSafeInteger(value) && value >= 0 && value <= maxTime) {
    out.kind[field.index] = numeric;
    out.number[field.index] = value;
  } else out.mistyped++;
}

/** RFC 3339 with any precision of seconds. */
const rfc3339 =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,12})?([Zz]|[+-][0-9]{2}:[0-9]{2})$/;
/** The instant of an RFC 3339 text in epoch milliseconds, else NaN. */
export const parseTime = (value: string): number =>
  rfc3339.test(value) ? Date.parse(value.toUpperCase()) : Number.NaN;

function isTextOf(field: CompiledField, out: MessageWriter): boolean {
  const { reader } = out;
  switch (field.type) {
    case 'string':
      return !reader.hasNul && reader.chars <= field.maxLength;
    case 'enum':
      return field.values?.find(reader.hash, reader.text, reader.from, reader.to) !== undefined;
    case 'time': {
      if (reader.to - reader.from > 48) return false;
      const time = parseTime(reader.string());
      out.second[field.index] = time;
      return !Number.isNaN(time);
    }
    case 'boolean':
    case 'integer':
    case 'number':
    case 'geo':
    case 'bytes':
      return false;
  }
}

function keepText(field: CompiledField, out: MessageWriter): void {
  const { reader } = out;
  const { index } = field;
  if (field.type === 'bytes') {
    // Decoded in place: base64 is longer than what it stands for.
    const n = decodeBase64(reader.text, reader.from, reader.to);
    if (n < 0 || n > field.maxLength) {
      out.mistyped++;
      return;
    }
    out.kind[index] = octets;
    out.from[index] = reader.from;
    out.to[index] = reader.from + n;
  } else if (isTextOf(field, out)) {
    out.kind[index] = text;
    out.from[index] = reader.from;
    out.to[index] = reader.to;
  } else out.mistyped++;
}

/** `[longitude, latitude]`; false: not JSON. An array of anything else is read over and counted as mistyped. */
function readPosition(field: CompiledField, out: MessageWriter): boolean {
  const { reader } = out;
  const start = reader.at;
  let count = 0;
  let inside = true;
  reader.at++;
  for (let c = reader.peek(); count < 2 && (c === 0x2d || (c >= 0x30 && c <= 0x39)); c = reader.peek()) {
    if (!reader.readNumber()) return false;
    const value = reader.numbers[0] ?? Number.NaN;
    (count === 0 ? out.number : out.second)[field.index] = value;
    inside &&= Math.abs(value) <= (count === 0 ? 180 : 90);
    count++;
    if (!reader.take(0x2c)) break;
    if (count === 2) inside = false;
  }
  if (count === 2 && inside && reader.peek() === 0x5d) {
    reader.at++;
    out.kind[field.index] = position;
    return true;
  }
  out.mistyped++;
  reader.at = start;
  return reader.skip();
}

const isNumeric = (field: CompiledField): boolean => field.type === 'number' || field.type === 'integer';

/** Value of a declared field into its slot; false: not JSON. */
function readField(field: CompiledField, out: MessageWriter): boolean {
  const { reader } = out;
  const c = reader.peek();
  if (c === 0x2d || (c >= 0x30 && c <= 0x39)) {
    if (!reader.readNumber()) return false;
    if (isNumeric(field)) keepNumber(field, out);
    else if (field.type === 'time') keepTime(field, out);
    else out.mistyped++;
    return true;
  }
  if (c === quote) {
    if (!reader.readText()) return false;
    keepText(field, out);
    return true;
  }
  if (c === 0x5b && field.type === 'geo') return readPosition(field, out);
  if ((c === 0x74 || c === 0x66) && field.type === 'boolean') {
    out.kind[field.index] = c === 0x74 ? truthy : falsy;
    return reader.readLiteral();
  }
  out.mistyped++;
  return reader.skip();
}

function readMember(
  channel: CompiledChannel,
  out: MessageWriter,
  parent: PathNode,
  node: PathNode | undefined,
): boolean {
  const { reader } = out;
  if (node === undefined) {
    noteUndeclared(channel, parent, out);
    return reader.take(0x3a) && reader.skip();
  }
  // A name given twice: two readers could take different values (RFC 8259 section 4), so the message is refused.
  if (out.seen[node.slot] === out.message) return false;
  out.seen[node.slot] = out.message;
  if (!reader.take(0x3a)) return false;
  if (node.field !== undefined) return readField(node.field, out);
  if (reader.peek() === 0x7b) return readObject(channel, out, node);
  // Declared as an object around fields, sent as something else: nothing declared that.
  out.undeclared++;
  if (out.undeclaredPaths.length < maxPathsPerMessage) out.undeclaredPaths.push(channel.name + node.path);
  return reader.skip();
}

/** The next name of an object around declared fields. `guess` is right for a device that keeps its order. */
function readName(reader: JsonReader<PathNode>, node: PathNode, guess: NameEntry<PathNode> | undefined): boolean {
  if (guess !== undefined && reader.tookName(guess)) {
    reader.entry = guess;
    return true;
  }
  if (reader.peek() !== quote || !reader.readText()) return false;
  reader.entry = node.children.find(reader.hash, reader.text, reader.from, reader.to);
  return true;
}

/** An object whose brace is next. */
function readObject(channel: CompiledChannel, out: MessageWriter, node: PathNode): boolean {
  const { reader } = out;
  const { children } = node;
  reader.at++;
  reader.depth++;
  let c = reader.peek();
  let guess = children.first;
  let last: NameEntry<PathNode> | undefined;
  if (c !== 0x7d) {
    for (;;) {
      if (!readName(reader, node, guess)) return false;
      const { entry } = reader;
      if (entry !== undefined && entry !== guess) {
        if (last === undefined) children.first = entry;
        else last.follow = entry;
      }
      if (!readMember(channel, out, node, entry?.value)) return false;
      if (entry !== undefined) last = entry;
      guess = last === undefined ? children.first : last.follow;
      c = reader.peek();
      if (c !== 0x2c) break;
      reader.at++;
    }
  }
  reader.at++;
  reader.depth--;
  return c === 0x7d;
}

function writeSlot(field: CompiledField, out: MessageWriter, to: CborWriter): void {
  const { index } = field;
  switch (out.kind[index]) {
    case numeric:
      to.number(out.number[index] ?? 0);
      break;
    case falsy:
    case truthy:
      to.boolean(out.kind[index] === truthy);
      break;
    case text:
      to.range(3, out.reader.text, out.from[index] ?? 0, out.to[index] ?? 0);
      break;
    case octets:
      to.range(2, out.reader.text, out.from[index] ?? 0, out.to[index] ?? 0);
      break;
    case position:
      to.head(4, 2);
      to.number(out.number[index] ?? 0);
      to.number(out.second[index] ?? 0);
      break;
    default:
      to.absent();
  }
}

/** Octets that a field takes beside its text: a head and two numbers at most. */
const slotRoom = 24;

function writeBody(channel: CompiledChannel, out: MessageWriter, payload: number): void {
  const { body } = out;
  body.reset();
  body.ensure(payload + slotRoom * (channel.clear.length + 1));
  body.head(4, channel.clear.length + 1);
  body.head(0, channel.manifestVersion);
  for (const field of channel.clear) writeSlot(field, out, body);
}

function writeSecret(channel: CompiledChannel, out: MessageWriter, payload: number): void {
  const { secret } = out;
  secret.reset();
  out.sealedFields = 0;
  for (const { index } of channel.sealed) if (out.kind[index] !== none) out.sealedFields++;
  if (out.sealedFields === 0) return;
  secret.ensure(payload + 9);
  secret.head(5, out.sealedFields);
  for (const field of channel.sealed) {
    if (out.kind[field.index] === none) continue;
    secret.ensure(payload + slotRoom + field.key.length);
    secret.raw(field.key);
    writeSlot(field, out, secret);
  }
}

/** Numbers for the roll-ups and the device's own time. Fresh lists: the store keeps them until its commit. */
function collect(channel: CompiledChannel, out: MessageWriter): void {
  out.values = [];
  out.positions = [];
  for (let i = 0; i < channel.numeric.length; i++) {
    const index = channel.numeric[i]?.index ?? 0;
    if (out.kind[index] !== numeric) continue;
    out.values.push(out.number[index] ?? 0);
    out.positions.push(i);
  }
  const clock = channel.clock?.index;
  if (clock === undefined || out.kind[clock] === none) return;
  // Checked when the slot was filled: a valid time in milliseconds.
  out.at = (out.kind[clock] === numeric ? out.number[clock] : out.second[clock]) as Instant;
}

/** Why {@link minimise} refuses a message; its contents are then void. */
export type UplinkRefusal = Extract<ProblemCode, 'data/too-large' | 'data/payload-invalid' | 'data/required-field'>;

/**
 * Parses a telemetry payload, keeps what the manifest declares and writes it as a row (B2.4.1).
 *
 * Undeclared members are left out before anything is stored and counted in `out`; so are declared ones whose value
 * does not fit. The payload itself is never passed on. Not JSON, not UTF-8, nested over 32 deep, a declared name given
 * twice, or no object: `data/payload-invalid`. A required field missing or mistyped: `data/required-field`.
 *
 * @returns undefined when `out` holds the row; valid until its next use
 */
export function minimise(channel: CompiledChannel, payload: Uint8Array, out: MessageWriter): UplinkRefusal | undefined {
  const { reader } = out;
  if (payload.length > channel.maxBytes || payload.length > maxPayload) return 'data/too-large';
  out.message++;
  if (out.undeclared !== 0) out.undeclaredPaths = [];
  out.undeclared = 0;
  out.mistyped = 0;
  out.at = undefined;
  for (let i = 0; i < channel.fields.length; i++) out.kind[i] = none;
  reader.load(payload);
  if (reader.peek() !== 0x7b || !readObject(channel, out, channel.root)) return 'data/payload-invalid';
  if (reader.peek() !== 0 || reader.at !== reader.end) return 'data/payload-invalid';
  for (const { index } of channel.required) if (out.kind[index] === none) return 'data/required-field';
  writeBody(channel, out, payload.length);
  if (channel.sealed.length > 0) writeSecret(channel, out, payload.length);
  else out.sealedFields = 0;
  collect(channel, out);
  return undefined;
}

/**
 * Values of a stored body that the channel does not declare: 0 for every row that {@link minimise} wrote. Run on a
 * sample of what is about to be stored, it is the measured `storedUndeclared` of `msg.validate`.
 */
export function countForeign(channel: CompiledChannel, body: Uint8Array): number {
  const row = decodeCbor(body);
  if (!Array.isArray(row)) return 1;
  return row[0] === channel.manifestVersion ? Math.max(0, row.length - 1 - channel.clear.length) : row.length;
}
