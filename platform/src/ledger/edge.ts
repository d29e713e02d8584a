import type { Edge } from '@pactgate/proof';
import { type Instant, instant } from '../kernel/time.ts';

/** What the sequencer must know of a log to go on: its right edge and the newest time in it. */
export interface SequencerState {
  readonly edge: Edge;
  /** Running maximum of the times in the log: ledger time never runs backwards. */
  readonly lastTime: Instant;
}

export const emptyState: SequencerState = { edge: { size: 0, hashes: [] }, lastTime: instant(0) };

const header = 8;
const hashSize = 32;

/** `u64be lastTime || hash[32]*`; the size is stored beside it by the store. */
export function encodeState({ edge, lastTime }: SequencerState): Uint8Array {
  const bytes = new Uint8Array(header + edge.hashes.length * hashSize);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(lastTime));
  edge.hashes.forEach((hash, i) => bytes.set(hash, header + i * hashSize));
  return bytes;
}

/** Reads what {@link encodeState} wrote; `RangeError` for anything else (the database was altered). */
export function decodeState(size: number, bytes: Uint8Array): SequencerState {
  if (size === 0 && bytes.length === 0) return emptyState;
  if (bytes.length < header || (bytes.length - header) % hashSize !== 0)
    throw new RangeError(`edge of ${bytes.length} bytes`);
  const lastTime = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
  const hashes: Uint8Array[] = [];
  for (let at = header; at < bytes.length; at += hashSize) hashes.push(bytes.slice(at, at + hashSize));
  return { edge: { size, hashes }, lastTime: instant(lastTime) };
}
