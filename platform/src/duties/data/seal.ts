import { Problem } from '@pactgate/protocol';
import type { Instant } from '../../kernel/time.ts';
import type { SealCrypto } from './seal-port.ts';

/** Where a sealed group belongs. It opens there and nowhere else. */
export interface SealPlace {
  readonly agreement: string;
  readonly party: string;
  readonly table: string;
  readonly column: string;
  readonly row: string;
}

/** A data key in memory. `kid`: 8 octets. */
export interface DataKey {
  readonly kid: Uint8Array;
  readonly key: Uint8Array;
}

/** First octet of a group: AES-256-GCM. 02 is reserved for SM4-GCM. */
const aes256gcm = 0x01;
const kidLength = 8;
const headLength = 1 + kidLength;
/** Octets a group has beside its plaintext: head, IV of 12, tag of 16. */
export const sealOverhead = headLength + 28;

const utf8 = new TextEncoder();
const label = 'pactgate/seal/1';

/**
 * Additional data of a seal: label and place, parted by NUL.
 *
 * @throws RangeError when a part holds NUL: two places could then read the same
 */
export function sealAad(place: SealPlace): Uint8Array {
  const { agreement, party, table, column, row } = place;
  const text = `${label}\0${agreement}\0${party}\0${table}\0${column}\0${row}`;
  if (text.split('\0', 7).length !== 6) throw new RangeError('a part of a seal place holds NUL');
  return utf8.encode(text);
}

/** Place of the sealed group of a telemetry row; the table names the UTC day of receipt. */
export const samplePlace = (
  owner: { readonly agreement: string; readonly party: string },
  row: { readonly device: number; readonly channel: number; readonly at: Instant; readonly received: Instant },
): SealPlace => ({
  agreement: owner.agreement,
  party: owner.party,
  table: `sample/${new Date(row.received).toISOString().slice(0, 10)}`,
  column: 'sealed',
  row: `${row.device}/${row.channel}/${row.at}/${row.received}`,
});

/** Seals one row's group in one call: `01 | kid 8 | iv 12 | ciphertext | tag 16`. */
export function seal(crypto: SealCrypto, dataKey: DataKey, place: SealPlace, plaintext: Uint8Array): Uint8Array {
  const head = new Uint8Array(headLength);
  head[0] = aes256gcm;
  head.set(dataKey.kid, 1);
  return crypto.seal(dataKey.key, head, sealAad(place), plaintext);
}

/** Identifier of the key a group was sealed with; undefined when it is no group of ours. */
export function sealedWith(group: Uint8Array): Uint8Array | undefined {
  if (group.length < sealOverhead || group[0] !== aes256gcm) return undefined;
  return group.subarray(1, headLength);
}

/**
 * Opens a group at its place.
 *
 * @param find data key by identifier; undefined when it was destroyed or cannot be had
 * @throws Problem `data/key-unavailable` without the key, `data/sealed-damaged` when group, key or place do not match
 */
export function openSealed(
  crypto: SealCrypto,
  find: (kid: Uint8Array) => Uint8Array | undefined,
  place: SealPlace,
  group: Uint8Array,
): Uint8Array {
  const kid = sealedWith(group);
  if (kid === undefined) throw new Problem('data/sealed-damaged', 'not a sealed group');
  const key = find(kid);
  if (key === undefined) throw new Problem('data/key-unavailable', 'the key of this row is not at hand');
  const plaintext = crypto.open(key, group.subarray(headLength), sealAad(place));
  if (plaintext === undefined) throw new Problem('data/sealed-damaged', 'the sealed group does not open in its place');
  return plaintext;
}
