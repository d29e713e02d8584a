/** Object identifiers used here (RFC 5280, RFC 8410, RFC 5480, RFC 2985). */
export const oids = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  crlReason: '2.5.29.21',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  challengePassword: '1.2.840.113549.1.9.7',
  ecPublicKey: '1.2.840.10045.2.1',
  prime256v1: '1.2.840.10045.3.1.7',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  signedData: '1.2.840.113549.1.7.2',
  data: '1.2.840.113549.1.7.1',
} as const;

/** Bits of KeyUsage as RFC 5280 numbers them. */
const digitalSignature = 0;
const keyCertSign = 5;
const cRLSign = 6;

export interface Profile {
  readonly keyUsage: readonly number[];
  /** Absent: no extended key usage, so nothing is narrowed. */
  readonly extendedKeyUsage?: string;
  /** Absent: an end entity. `pathLength` absent: unlimited. */
  readonly ca?: { readonly pathLength?: number };
}

/** What each kind of certificate may do; the chain is root, platform CA, issuing CA, device or root, platform CA, listener. */
export const profiles = {
  root: { keyUsage: [keyCertSign, cRLSign], ca: {} },
  platform: { keyUsage: [keyCertSign, cRLSign], ca: { pathLength: 1 } },
  issuing: { keyUsage: [keyCertSign, cRLSign], extendedKeyUsage: oids.clientAuth, ca: { pathLength: 0 } },
  device: { keyUsage: [digitalSignature], extendedKeyUsage: oids.clientAuth },
  listener: { keyUsage: [digitalSignature], extendedKeyUsage: oids.serverAuth },
} as const satisfies Record<string, Profile>;
export type ProfileName = keyof typeof profiles;
