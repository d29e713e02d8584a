import { decodeBase64 } from './base64.ts';
import type { CompiledField, PathNode } from './compile.ts';
import type { JsonReader } from './json-reader.ts';
import { type MessageWriter, slot } from './message-writer.ts';

const quote = 0x22;
const minus = 0x2d;

function keepNumber(field: CompiledField, out: MessageWriter): void {
  const value = out.reader.numbers[0] ?? Number.NaN;
  if (value >= field.min && value <= field.max && (!field.whole || Number.isSafeInteger(value))) {
    out.kind[field.index] = slot.number;
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
  return false;
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
    out.kind[index] = slot.octets;
    out.from[index] = reader.from;
    out.to[index] = reader.from + n;
  } else if (isTextOf(field, out)) {
    out.kind[index] = slot.text;
    out.from[index] = reader.from;
    out.to[index] = reader.to;
  } else out.mistyped++;
}

/** A coordinate and what must follow it, `after`; the value goes to `numbers`. False: something else is there. */
function readCoordinate(reader: JsonReader<PathNode>, most: number, after: number): boolean {
  const c = reader.peek();
  if (c !== minus && (c < 0x30 || c > 0x39)) return false;
  return reader.readNumber() && Math.abs(reader.numbers[0] ?? Number.NaN) <= most && reader.take(after);
}

/** `[longitude, latitude]`; false: not JSON. An array of anything else is read over and counted as mistyped. */
function readPosition(field: CompiledField, out: MessageWriter): boolean {
  const { reader } = out;
  const { index } = field;
  const start = reader.at;
  reader.at++;
  if (readCoordinate(reader, 180, 0x2c)) {
    out.number[index] = reader.numbers[0] ?? 0;
    if (readCoordinate(reader, 90, 0x5d)) {
      out.second[index] = reader.numbers[0] ?? 0;
      out.kind[index] = slot.position;
      return true;
    }
  }
  out.mistyped++;
  reader.at = start;
  return reader.skip();
}

/** Value of a declared field into its slot; false: not JSON. */
export function readField(field: CompiledField, out: MessageWriter): boolean {
  const { reader } = out;
  const c = reader.peek();
  if (c <= 0x39 && (c === minus || c >= 0x30)) {
    if (!reader.readNumber()) return false;
    keepNumber(field, out);
    return true;
  }
  if (c === quote) {
    if (!reader.readText()) return false;
    keepText(field, out);
    return true;
  }
  return readOther(field, out, c);
}

/** A literal, an array or an object, whose first octet is `c`. */
function readOther(field: CompiledField, out: MessageWriter, c: number): boolean {
  const { reader } = out;
  if (c === 0x5b && field.type === 'geo') return readPosition(field, out);
  if ((c === 0x74 || c === 0x66) && field.type === 'boolean') {
    out.kind[field.index] = c === 0x74 ? slot.yes : slot.no;
    return reader.readLiteral();
  }
  out.mistyped++;
  return reader.skip();
}
