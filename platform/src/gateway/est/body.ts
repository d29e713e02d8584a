/** Heads of PEM armour around a request; the second is what older tools write. */
const armour =
  /^-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([\sA-Za-z0-9+/=]*)-----END (?:NEW )?CERTIFICATE REQUEST-----$/;
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** First octet of DER of a request; base64 of one starts with `M`. */
const sequence = 0x30;

/**
 * The DER in a request body, however the client wrapped it (RFC 8951 section 2.1 and what clients really send): raw
 * DER, base64 with or without line breaks of any kind, spaces, tabs and padding, PEM. Undefined: none of these. What
 * is inside is for the parser; the length was bounded by the listener.
 */
export function readBody(body: Uint8Array): Uint8Array | undefined {
  if (body[0] === sequence) return body;
  const text = Buffer.from(body).toString('latin1').trim();
  const inner = text.startsWith('-') ? armour.exec(text)?.[1] : text;
  const packed = inner?.replaceAll(/[\r\n\t ]/g, '');
  if (packed === undefined || !base64.test(packed) || packed.length % 4 === 1) return undefined;
  return Buffer.from(packed, 'base64');
}

/** Longest Authorization header that is looked at. */
const maxCredentials = 512;

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** User and password of HTTP Basic (RFC 7617); undefined when the header is absent, of another scheme or malformed. */
export function readCredentials(header: string | undefined): Credentials | undefined {
  if (header === undefined || header.length > maxCredentials) return undefined;
  const packed = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(header)?.[1];
  if (packed === undefined) return undefined;
  const text = Buffer.from(packed, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
