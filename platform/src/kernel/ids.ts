import type { Instant } from './time.ts';

declare const kind: unique symbol;
/** Device id as the device party names it, `[A-Za-z0-9_-]{1,64}`: safe as topic level, file name and log word. */
export type DeviceId = string & { readonly [kind]: 'device' };
/** Party id, a DNS label `[a-z0-9-]{1,63}`; `platform` is the platform party. */
export type PartyId = string & { readonly [kind]: 'party' };

const deviceId = /^[A-Za-z0-9_-]{1,64}$/;
const partyId = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export const isDeviceId = (text: string): text is DeviceId => deviceId.test(text);
export const isPartyId = (text: string): text is PartyId => partyId.test(text);

/** Source of random bytes, as an argument (`node:crypto` randomBytes in the process). */
export type RandomBytes = (n: number) => Uint8Array;

const hex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');

/** UUID version 7 (RFC 9562 section 5.7) of an instant and 10 random bytes, 36 lower-case characters. */
export function uuidv7(at: Instant, random: RandomBytes): string {
  const bytes = new Uint8Array(16);
  bytes.set(random(10), 6);
  let ms: number = at;
  for (let i = 5; i >= 0; i--) {
    bytes[i] = ms % 256;
    ms = Math.floor(ms / 256);
  }
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const h = hex(bytes);
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`;
}
