import type { ProblemCode } from '@pactgate/protocol';

/** As `tls.TLSSocket#getProtocol` names them. */
export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** A suite under both of its names. */
interface Suite {
  readonly version: TlsVersion;
  readonly openssl: string;
  readonly iana: string;
}
const tls13 = (name: string): Suite => ({ version: 'TLSv1.3', openssl: name, iana: name });
const tls12 = (openssl: string, iana: string): Suite => ({ version: 'TLSv1.2', openssl, iana });

/** Every suite that is spoken: AEAD with forward secrecy (RFC 9325 section 4.2), in the order of preference. */
const suites: readonly Suite[] = [
  tls13('TLS_AES_128_GCM_SHA256'),
  tls13('TLS_AES_256_GCM_SHA384'),
  tls13('TLS_CHACHA20_POLY1305_SHA256'),
  tls12('ECDHE-ECDSA-AES128-GCM-SHA256', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'),
  tls12('ECDHE-ECDSA-AES256-GCM-SHA384', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'),
  tls12('ECDHE-ECDSA-CHACHA20-POLY1305', 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256'),
  tls12('ECDHE-RSA-AES128-GCM-SHA256', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'),
  tls12('ECDHE-RSA-AES256-GCM-SHA384', 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'),
  tls12('ECDHE-RSA-CHACHA20-POLY1305', 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256'),
];
const versionOf: ReadonlyMap<string, TlsVersion> = new Map(
  suites.flatMap(({ version, openssl, iana }) => [
    [openssl, version],
    [iana, version],
  ]),
);

/** OpenSSL names of the accepted suites, in the order of preference: for the probe's report. */
export const acceptedSuites: readonly string[] = suites.map(({ openssl }) => openssl);
/** The accept-list as the `ciphers` option of a TLS listener. */
export const cipherList: string = acceptedSuites.join(':');
/** Key agreement of a TLS listener: hybrid post-quantum preferred, then what every client has. */
export const groupList = 'X25519MLKEM768:X25519:P-256';

/** Lowest version of the agreement, parameter `minTls` of B2.3.1. */
export type MinTls = '1.2' | '1.3';
export const minVersionOf: Readonly<Record<MinTls, TlsVersion>> = { '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' };

/**
 * Judges what a finished handshake settled on (B2.3.1), whatever the listener was configured to offer.
 *
 * @param version as the socket names it; anything but TLS 1.2 and 1.3 is too old
 * @param suite OpenSSL's or IANA's name
 * @returns undefined when the channel is accepted
 */
export function judgeChannel(version: string, suite: string, min: MinTls): ProblemCode | undefined {
  if (version !== 'TLSv1.3' && (version !== 'TLSv1.2' || min === '1.3')) return 'channel/tls-too-old';
  return versionOf.get(suite) === version ? undefined : 'channel/weak-suite';
}
