/**
 * Suites that party A accepts (B2.3.1, A3.2.1): AEAD with forward secrecy. TLS 1.3 by IANA name (RFC 8446 B.4); TLS 1.2 by IANA name (RFC 5289, RFC 7905) or as OpenSSL and Node write it.
 */
const accepted = new Set([
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  ...['ECDSA', 'RSA'].flatMap((key) => [
    `TLS_ECDHE_${key}_WITH_AES_128_GCM_SHA256`,
    `TLS_ECDHE_${key}_WITH_AES_256_GCM_SHA384`,
    `TLS_ECDHE_${key}_WITH_CHACHA20_POLY1305_SHA256`,
    `ECDHE-${key}-AES128-GCM-SHA256`,
    `ECDHE-${key}-AES256-GCM-SHA384`,
    `ECDHE-${key}-CHACHA20-POLY1305`,
  ]),
]);

export const isAcceptedSuite = (suite: string): boolean => accepted.has(suite);

/** Version number of `TLSv1.3`, `TLS1.2` or `1.2`; 0 for SSL; undefined when the text names no version. */
export function tlsVersion(text: string): number | undefined {
  if (/^SSL/i.test(text)) return 0;
  const [, version] = /^(?:TLS\s?v?)?(1(?:\.\d)?)$/i.exec(text) ?? [];
  return version === undefined ? undefined : Number(version);
}
