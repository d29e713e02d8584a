import type { RandomBytes } from '../../kernel/ids.ts';

/** SHA-256 of bytes, as an argument. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** Crockford's base 32: no I, L, O, U, so that a code can be read out and typed. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 160 random bits, 32 characters. */
const codeBytes = 20;
const codeLength = 32;
const codeShape = /^[0-9A-HJKMNP-TV-Z]{32}$/;
const alike: Readonly<Record<string, string>> = { I: '1', L: '1', O: '0' };

/** A new one-time enrolment code (B2.2.3): 160 bits, shown once and stored only as {@link hashCode}. */
export function makeCode(random: RandomBytes): string {
  let bits = 0n;
  for (const byte of random(codeBytes)) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let i = 0; i < codeLength; i++) {
    text = `${alphabet[Number(bits & 31n)] ?? ''}${text}`;
    bits >>= 5n;
  }
  return text;
}

/** A code as typed: case, hyphens and look-alike letters do not matter; undefined when it cannot be one. */
export function parseCode(typed: string): string | undefined {
  if (typed.length > 2 * codeLength) return undefined;
  const text = typed
    .replaceAll('-', '')
    .toUpperCase()
    .replaceAll(/[ILO]/g, (letter) => alike[letter] ?? letter);
  return codeShape.test(text) ? text : undefined;
}

/**
 * SHA-256 of a parsed code, lower-case hex. Codes are random, so neither salt nor slowness adds anything, and looking
 * up a hash of 160 unknown bits tells a guesser nothing by its time.
 */
export function hashCode(sha256: Sha256, code: string): string {
  const bytes = Uint8Array.from(code, (letter) => letter.charCodeAt(0));
  return Array.from(sha256(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
