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

/** The native context of a server, as far as it is used here; not part of Node's documented interface. */
interface NativeContext {
  readonly _sharedCreds?: { readonly context?: { readonly setAllowPartialTrustChain?: () => void } };
}

/**
 * Makes every CA of the listener an anchor by itself, so that the chain above a party's issuing CA, with its P-384 root,
 * is not verified again at every handshake (0.65 of 1.45 ms). Whether that issuer is still trusted is decided by the
 * own check, from the registry, which knows every certificate byte for byte (decisions, fact 1).
 *
 * `tls.createSecureContext` has `allowPartialTrustChain` for this; servers drop the option (Node 26.10), hence the way
 * through the context they made. In a Node without it the whole chain is verified: slower, and as right. Call it again
 * after `setSecureContext`.
 */
export function anchorIssuers(server: tls.Server): void {
  const { _sharedCreds } = server as NativeContext;
  _sharedCreds?.context?.setAllowPartialTrustChain?.();
}

/** 48 random octets; with new ones every earlier ticket is worthless (decisions, fact 1). */
export const newTicketKeys = (): Buffer => randomBytes(48);
export const ticketRotation = ticketLife * 1_000;
