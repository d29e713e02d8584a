import type { ProblemCode } from '@pactgate/protocol';
import type { Instant } from '../../kernel/time.ts';
import { type CborWriter, countItems, firstUnsigned } from './cbor.ts';
import type { CompiledChannel, CompiledField, PathNode } from './compile.ts';
import { readField } from './fields.ts';
import { type JsonReader, maxPayload } from './json-reader.ts';
import { type MessageWriter, maxPathsPerMessage, noteUndeclared, slot } from './message-writer.ts';
import type { NameEntry, NameTable } from './names.ts';
import { maxBody } from './ports.ts';
import { sealOverhead } from './seal.ts';

const quote = 0x22;

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

/** The device's order was another one: expect it next time. */
function learn(names: NameTable<PathNode>, last: NameEntry<PathNode> | undefined, entry: NameEntry<PathNode>): void {
  if (last === undefined) names.first = entry;
  else last.follow = entry;
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
      if (entry !== undefined && entry !== guess) learn(children, last, entry);
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
  const kind = out.kind[index];
  if (kind === slot.number) to.number(out.number[index] ?? 0);
  else if (kind === slot.text || kind === slot.octets) writeRange(index, out, to);
  else if (kind === slot.yes || kind === slot.no) to.boolean(kind === slot.yes);
  else if (kind === slot.position) writePosition(out.number[index] ?? 0, out.second[index] ?? 0, to);
  else to.absent();
}

function writeRange(index: number, out: MessageWriter, to: CborWriter): void {
  to.range(out.kind[index] === slot.text ? 3 : 2, out.reader.text, out.from[index] ?? 0, out.to[index] ?? 0);
}

function writePosition(longitude: number, latitude: number, to: CborWriter): void {
  to.head(4, 2);
  to.number(longitude);
  to.number(latitude);
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
  for (const { index } of channel.sealed) if (out.kind[index] !== slot.none) out.sealedFields++;
  if (out.sealedFields === 0) return;
  secret.ensure(payload + 9);
  secret.head(5, out.sealedFields);
  for (const field of channel.sealed) {
    if (out.kind[field.index] === slot.none) continue;
    secret.ensure(payload + slotRoom + field.key.length);
    secret.raw(field.key);
    writeSlot(field, out, secret);
  }
}

/** Numbers for the roll-ups and the device's own time. Fresh lists: the store keeps them until its commit. */
function collect(channel: CompiledChannel, out: MessageWriter): void {
  const { numeric } = channel;
  out.values = [];
  out.positions = [];
  for (let i = 0; i < numeric.length; i++) {
    const index = numeric[i]?.index ?? 0;
    if (out.kind[index] !== slot.number) continue;
    out.values.push(out.number[index] ?? 0);
    out.positions.push(i);
  }
  const clock = channel.clock?.index;
  if (clock === undefined || out.kind[clock] === slot.none) return;
  // Checked when the slot was filled: a valid time in milliseconds.
  out.at = (out.kind[clock] === slot.number ? out.number[clock] : out.second[clock]) as Instant;
}

/** Clears everything of the last message first: none of it may be taken for part of this one. */
function begin(channel: CompiledChannel, out: MessageWriter): void {
  out.message++;
  if (out.undeclared !== 0) out.undeclaredPaths = [];
  out.undeclared = 0;
  out.mistyped = 0;
  out.at = undefined;
  out.sealedFields = 0;
  out.secret.reset();
  for (let i = 0; i < channel.fields.length; i++) out.kind[i] = slot.none;
}

/** One object, and nothing behind it. */
function readMessage(channel: CompiledChannel, out: MessageWriter): boolean {
  const { reader } = out;
  if (reader.peek() !== 0x7b || !readObject(channel, out, channel.root)) return false;
  return reader.peek() === 0 && reader.at === reader.end;
}

/** Why {@link minimise} refuses a message; its contents are then void. */
export type UplinkRefusal = Extract<ProblemCode, 'data/too-large' | 'data/payload-invalid' | 'data/required-field'>;

/**
 * Parses a telemetry payload, keeps what the manifest declares and writes it as a row (B2.4.1).
 *
 * Undeclared members are left out before anything is stored and counted in `out`; so are declared ones whose value
 * does not fit. The payload itself is never passed on. Not JSON, not UTF-8, nested over 32 deep, a declared name given
 * twice, or no object: `data/payload-invalid`. A required field missing or mistyped: `data/required-field`. Payload
 * above the channel's limit, or row above the store's: `data/too-large`.
 *
 * @returns undefined when `out` holds the row; valid until its next use
 */
export function minimise(channel: CompiledChannel, payload: Uint8Array, out: MessageWriter): UplinkRefusal | undefined {
  if (payload.length > channel.maxBytes || payload.length > maxPayload) return 'data/too-large';
  begin(channel, out);
  out.reader.load(payload);
  if (!readMessage(channel, out)) return 'data/payload-invalid';
  for (const { index } of channel.required) if (out.kind[index] === slot.none) return 'data/required-field';
  writeBody(channel, out, payload.length);
  if (channel.sealed.length > 0) writeSecret(channel, out, payload.length);
  // A row holds names of nested fields in full, so it can be larger than what it came from.
  if (out.body.length > maxBody || out.secret.length + sealOverhead > maxBody) return 'data/too-large';
  collect(channel, out);
  return undefined;
}

/** The first required field that the last message had not, or not as declared: what `data/required-field` is about. */
export const missingField = (channel: CompiledChannel, out: MessageWriter): string | undefined =>
  channel.required.find(({ index }) => out.kind[index] === slot.none)?.path;

/**
 * Values of a stored body that the channel does not declare: 0 for every row that {@link minimise} wrote. Run on a
 * sample of what is about to be stored, it is the measured `storedUndeclared` of `msg.validate`.
 */
export function countForeign(channel: CompiledChannel, body: Uint8Array): number {
  const items = countItems(body);
  if (items === undefined || items === 0) return 1;
  return firstUnsigned(body) === channel.manifestVersion ? Math.max(0, items - 1 - channel.clear.length) : items;
}
