const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * A ULID: 48 bits of time and 80 random ones in 26 characters of Crockford's base 32.
 *
 * @param at epoch milliseconds
 * @param random 10 bytes
 */
export function ulid(at: number, random: Uint8Array): string {
  let bits = BigInt(Math.max(0, Math.floor(at))) & 0xffff_ffff_ffffn;
  for (let i = 0; i < 10; i++) bits = (bits << 8n) | BigInt(random[i] ?? 0);
  let text = '';
  for (let i = 0; i < 26; i++) {
    text = (alphabet[Number(bits & 31n)] ?? '0') + text;
    bits >>= 5n;
  }
  return text;
}
