const values = new Int8Array(256).fill(-1);
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i;

/** Padding characters at the end of `bytes[..to)`. */
function paddingOf(bytes: Uint8Array, from: number, to: number): number {
  if (to === from || bytes[to - 1] !== 0x3d) return 0;
  return bytes[to - 2] === 0x3d ? 2 : 1;
}

/**
 * Decodes padded base64 (RFC 4648 section 4) in place, from `from` on. Canonical only: unused bits must be 0.
 *
 * @returns octets written, or -1 when it is none
 */
export function decodeBase64(bytes: Uint8Array, from: number, to: number): number {
  if ((to - from) % 4 !== 0) return -1;
  const end = to - paddingOf(bytes, from, to);
  let held = 0;
  let bits = 0;
  let at = from;
  for (let i = from; i < end; i++) {
    const value = values[bytes[i] ?? 0] ?? -1;
    if (value < 0) return -1;
    held = ((held << 6) | value) & 0x3fff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 0xff;
    }
  }
  return (held & ((1 << bits) - 1)) === 0 ? at - from : -1;
}
