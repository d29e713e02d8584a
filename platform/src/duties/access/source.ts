/** Where a connection comes from, by its address alone: `unknown` is no address at all, and nothing permits it. */
export type LinkSource = 'loopback' | 'private' | 'public' | 'unknown';

const octet = /^(?:0|[1-9][0-9]{0,2})$/;

function ipv4(address: string): readonly number[] | undefined {
  const parts = address.split('.');
  if (parts.length !== 4 || !parts.every((part) => octet.test(part))) return undefined;
  const octets = parts.map(Number);
  return octets.every((value) => value <= 255) ? octets : undefined;
}

function sourceOf4([a = 0, b = 0]: readonly number[]): LinkSource {
  if (a === 127) return 'loopback';
  // RFC 1918, and link-local of RFC 3927. Shared space of carriers (100.64/10) is reached over the Internet: public.
  const isPrivate =
    a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168) || (a === 169 && b === 254);
  return isPrivate ? 'private' : 'public';
}

/**
 * Kind of source of an address as a socket gives it (IPv4-mapped IPv6 included). Reads the text, resolves nothing.
 */
export function sourceOf(address: string): LinkSource {
  const plain = address.toLowerCase().replace(/^::ffff:(?=[0-9.]+$)/, '');
  const v4 = ipv4(plain);
  if (v4 !== undefined) return sourceOf4(v4);
  if (!/^[0-9a-f:]{2,39}(%[0-9a-z]{1,32})?$/.test(plain) || !plain.includes(':')) return 'unknown';
  if (plain === '::1') return 'loopback';
  // fe80::/10 link-local, fc00::/7 unique local (RFC 4193).
  return /^(fe[89ab]|f[cd])[0-9a-f]?/.test(plain) && /^f[0-9a-f]{3}:/.test(plain) ? 'private' : 'public';
}

const hybridGroups: ReadonlySet<string> = new Set(['X25519MLKEM768', 'SecP256r1MLKEM768']);

/** Level of an encrypted channel as policies see it: 0 deprecated, 1 TLS 1.2, 2 TLS 1.3, 3 TLS 1.3 with a hybrid group. */
export function channelLevel(tls: string, group: string | undefined): 0 | 1 | 2 | 3 {
  if (tls === 'TLSv1.2') return 1;
  if (tls !== 'TLSv1.3') return 0;
  return group !== undefined && hybridGroups.has(group) ? 3 : 2;
}
