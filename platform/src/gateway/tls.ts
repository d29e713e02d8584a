import { constants, randomBytes } from 'node:crypto';
import type tls from 'node:tls';

/** Key material of a listener, PEM. */
export interface TlsMaterial {
  readonly key: string | Buffer;
  /** Own certificate, then its issuers up to but without the root. */
  readonly cert: string | Buffer;
  /** Roots that device certificates must chain to; the peers send their issuing CAs. */
  readonly ca: readonly (string | Buffer)[];
}

export interface TlsSettings extends TlsMaterial {
  /** Floor; TLS 1.2 unless the crypto policy says 1.3. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL group list in order of preference. */
  readonly groups?: string;
  /** Milliseconds for the whole handshake. */
  readonly handshakeTimeout?: number;
}

/** AEAD with forward secrecy and nothing else (B2.3.1, RFC 9325 section 4.2). */
export const acceptedSuites = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
] as const;

/** Hybrid first; older clients fall back to X25519 or P-256. */
export const acceptedGroups = 'X25519MLKEM768:X25519:P-256';

/** Seconds a ticket is good for: bounds how long a resumption can repeat an old verdict. */
const ticketLife = 3_600;

/**
 * Options of a device listener. Certificates are asked for but not demanded by Node: it would drop an unknown one
 * without a trace, and we want its fingerprint. Whoever uses these options must refuse sockets that are not
 * `authorized` ({@link DeviceListener} does).
 */
export function deviceTlsOptions(settings: TlsSettings): tls.TlsOptions {
  return {
    key: settings.key,
    cert: settings.cert,
    ca: [...settings.ca],
    // A party's issuing CA is an anchor by itself: the chain above it, with its P-384 root, is not verified again at
    // every handshake (0.5 ms of 1.2). Whether the issuer is still trusted, the own check decides, by the registry.
    allowPartialTrustChain: true,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: settings.minVersion ?? 'TLSv1.2',
    ciphers: acceptedSuites.join(':'),
    honorCipherOrder: true,
    // Node's servers renegotiate at a client's wish unless told not to (A3.2.1).
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
    ecdhCurve: settings.groups ?? acceptedGroups,
    handshakeTimeout: settings.handshakeTimeout ?? 10_000,
    sessionTimeout: ticketLife,
    ticketKeys: newTicketKeys(),
    sessionIdContext: 'pactgate-device',
  };
}

/** 48 random octets; with new ones every earlier ticket is worthless (decisions, fact 1). */
export const newTicketKeys = (): Buffer => randomBytes(48);
export const ticketRotation = ticketLife * 1_000;
