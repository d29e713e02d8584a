import type { Instant } from '../../kernel/time.ts';
import { CborWriter } from './cbor.ts';
import { type CompiledChannel, maxNodes, type PathNode } from './compile.ts';
import { JsonReader } from './json-reader.ts';

/** Undeclared paths of one message that are named; more are counted as {@link otherPath}. */
export const maxPathsPerMessage = 64;
/** Stands for every undeclared path that is not named. */
export const otherPath = 'other';

/** What a slot of {@link MessageWriter} holds. */
export const slot = { none: 0, number: 1, no: 2, yes: 3, text: 4, octets: 5, position: 6 } as const;

/**
 * Everything `minimise` needs and makes for one message, reused for the next: nothing is allocated for a message
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

/** Counts the member whose name was just read. */
export function noteUndeclared(channel: CompiledChannel, parent: PathNode, out: MessageWriter): void {
  out.undeclared++;
  if (out.undeclaredPaths.length >= maxPathsPerMessage) return;
  const { hash, text, from, to } = out.reader;
  let path = parent.children.undeclared(hash, text, from, to);
  if (path === undefined) {
    path = pathName(channel.name, parent.path, out.reader.string());
    parent.children.remember(hash, text.slice(from, to), path);
  }
  out.undeclaredPaths.push(path);
}
