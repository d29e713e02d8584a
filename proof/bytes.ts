import { demand, ProofError } from './error.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8Encoder = new TextEncoder();

/** Text to UTF-8. A lone surrogate has no UTF-8 form and is refused (`bad-encoding`), never replaced. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  demand(text.isWellFormed(), 'bad-encoding', 'text holds a lone surrogate');
  return utf8Encoder.encode(text);
}

/** UTF-8 to text. Malformed bytes are refused (`bad-encoding`); a byte order mark is kept as a character. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch (cause) {
    throw new ProofError('bad-encoding', 'not UTF-8', { cause });
  }
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Equality of public bytes (hashes, names). Not constant time: never for secrets. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower-case hexadecimal. */
export function encodeHex(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += hexDigits[byte] ?? '';
  return out;
}

/** Reads lower-case hexadecimal; upper case and odd lengths are refused (`bad-encoding`). */
export function decodeHex(text: string): Uint8Array<ArrayBuffer> {
  demand(text.length % 2 === 0 && /^[0-9a-f]*$/.test(text), 'bad-encoding', 'not lower-case hexadecimal');
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

const standardAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const urlAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const reverse = (alphabet: string): Int16Array => {
  const table = new Int16Array(128).fill(-1);
  for (let i = 0; i < 64; i++) table[alphabet.charCodeAt(i)] = i;
  return table;
};
const standardValues = reverse(standardAlphabet);
const urlValues = reverse(urlAlphabet);

function encode64(bytes: Uint8Array, alphabet: string): string {
  let out = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      out += alphabet[(held >> bits) & 63] ?? '';
    }
  }
  if (bits > 0) out += alphabet[(held << (6 - bits)) & 63] ?? '';
  return out;
}

/** Unpadded digits to bytes. Digits left over must be zero: one value has one spelling. */
function decode64(digits: string, values: Int16Array): Uint8Array<ArrayBuffer> {
  demand(digits.length % 4 !== 1, 'bad-encoding', 'base64 of impossible length');
  const out = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < digits.length; i++) {
    const value = values[digits.charCodeAt(i)] ?? -1;
    demand(value >= 0, 'bad-encoding', 'not a base64 digit');
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[at++] = (held >> bits) & 0xff;
    }
  }
  demand((held & ((1 << bits) - 1)) === 0, 'bad-encoding', 'base64 is not canonical');
  return out;
}

/** Padded standard base64 (RFC 4648 section 4). */
export function encodeBase64(bytes: Uint8Array): string {
  const digits = encode64(bytes, standardAlphabet);
  return digits + '='.repeat((4 - (digits.length % 4)) % 4);
}

/** Reads padded standard base64, canonical only: any second spelling of the same bytes is refused (`bad-encoding`). */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  demand(text.length % 4 === 0, 'bad-encoding', 'base64 without its padding');
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return decode64(text.slice(0, text.length - padding), standardValues);
}

/** Unpadded base64url (RFC 4648 section 5). */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encode64(bytes, urlAlphabet);
}

/** Reads unpadded base64url, canonical only (`bad-encoding`). */
export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return decode64(text, urlValues);
}

/**
 * Reads a decimal without sign, leading zero or exponent, up to 2^53 - 1; anything else is `undefined`.
 * Sizes and indexes are claims of a peer, so they never pass through `Number()` unread.
 */
export function parseDecimal(text: string): number | undefined {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
