import { concatBytes } from '../bytes.ts';
import { demand } from '../error.ts';
import { tileWidth } from './path.ts';

/** Longest entry a bundle can hold. */
export const maxEntrySize = 65_535;

/** Bundle of 1 to 256 entries: each its length as 16 bits, then its bytes (C2SP tlog-tiles). */
export function encodeEntries(entries: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  demand(entries.length >= 1 && entries.length <= tileWidth, 'bad-tile', 'a bundle has 1 to 256 entries');
  return concatBytes(
    entries.flatMap((entry) => {
      demand(entry.length <= maxEntrySize, 'too-large', 'entry is longer than 65,535 bytes');
      return [Uint8Array.of(Math.floor(entry.length / 256), entry.length % 256), entry];
    }),
  );
}

/** Reads a bundle of exactly `count` entries; the lengths are the log's claim, anything cut or left over is `bad-tile`. */
export function decodeEntries(bytes: Uint8Array, count: number): readonly Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const [high, low] = bytes.subarray(at, at + 2);
    demand(high !== undefined && low !== undefined, 'bad-tile', 'bundle is cut in a length');
    const end = at + 2 + high * 256 + low;
    demand(end <= bytes.length, 'bad-tile', 'bundle is cut in an entry');
    entries.push(bytes.subarray(at + 2, end));
    demand(entries.length <= count, 'bad-tile', 'bundle has surplus entries');
    at = end;
  }
  demand(entries.length === count, 'bad-tile', `bundle has ${entries.length} entries of ${count}`);
  return entries;
}
