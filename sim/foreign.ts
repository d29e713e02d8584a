import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate that looks right and comes from the wrong CA, with its key. */
export interface Impostor {
  /** Leaf, then the CA that signed it; PEM. */
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** DER (X.690) of the few types a certificate needs; lengths below 2^16. */
function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), body]);
}
const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(0x30, ...parts);
const explicit = (n: number, part: Uint8Array): Buffer => tlv(0xa0 + n, part);
const octets = (part: Uint8Array): Buffer => tlv(0x04, part);
const utf8 = (text: string): Buffer => tlv(0x0c, Buffer.from(text));
const utcTime = (at: number): Buffer =>
  tlv(0x17, Buffer.from(`${new Date(at).toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`));
const oid = (hex: string): Buffer => tlv(0x06, Buffer.from(hex, 'hex'));

const ecdsaSha256 = sequence(oid('2a8648ce3d040302'));
const nameOf = (common: string): Buffer => sequence(tlv(0x31, sequence(oid('550403'), utf8(common))));
const isTrue = Buffer.from([0x01, 0x01, 0xff]);
const extension = (id: string, value: Uint8Array, critical = false): Buffer =>
  critical ? sequence(oid(id), isTrue, octets(value)) : sequence(oid(id), octets(value));

interface Certified {
  readonly subject: string;
  readonly key: KeyObject;
  readonly issuer: string;
  readonly signer: KeyObject;
  readonly extensions: readonly Buffer[];
}

function certificate({ subject, key, issuer, signer, extensions }: Certified, now: number): string {
  const serial = tlv(0x02, Buffer.concat([Buffer.from([0x4a]), randomBytes(15)]));
  const life = sequence(utcTime(now - 3_600_000), utcTime(now + 86_400_000 * 30));
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const body = sequence(
    explicit(0, Buffer.from([0x02, 0x01, 0x02])),
    serial,
    ecdsaSha256,
    nameOf(issuer),
    life,
    nameOf(subject),
    spki,
    explicit(3, sequence(...extensions)),
  );
  const signature = tlv(0x03, Buffer.from([0]), sign('sha256', body, signer));
  const base64 = sequence(body, ecdsaSha256, signature)
    .toString('base64')
    .replaceAll(/(.{64})/g, '$1\n');
  return `-----BEGIN CERTIFICATE-----\n${base64.trim()}\n-----END CERTIFICATE-----\n`;
}

const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/**
 * The identity of a real device, certified by a CA of the attacker's own (RFC 5280): everything in it is right but who
 * signed it.
 *
 * @param uri SAN of the device that is imitated, `pactgate://{party}.{domain}/{device}`
 */
export function makeImpostor(uri: string, now: number): Impostor {
  const [caKey, key] = [newKey(), newKey()];
  const issuer = 'Pactgate platform CA'; // a name proves nothing
  const ca = certificate(
    {
      subject: issuer,
      key: caKey,
      issuer,
      signer: caKey,
      extensions: [
        extension('551d13', sequence(isTrue), true),
        extension('551d0f', Buffer.from([0x03, 0x02, 0x01, 0x06]), true),
      ],
    },
    now,
  );
  const leaf = certificate(
    {
      subject: uri.slice(uri.lastIndexOf('/') + 1),
      key,
      issuer,
      signer: caKey,
      extensions: [
        extension('551d0f', Buffer.from([0x03, 0x02, 0x07, 0x80]), true),
        extension('551d25', sequence(oid('2b06010505070302'))),
        extension('551d11', sequence(tlv(0x86, Buffer.from(uri)))),
      ],
    },
    now,
  );
  return { certificatePem: leaf + ca, keyPem: key.export({ type: 'pkcs8', format: 'pem' }) };
}
