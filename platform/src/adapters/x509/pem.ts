export type PemLabel = 'CERTIFICATE' | 'X509 CRL' | 'PRIVATE KEY';

/** RFC 7468 with lines of 64 characters. */
export function toPem(label: PemLabel, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
