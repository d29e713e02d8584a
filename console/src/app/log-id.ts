import { encodeHex, encodeUtf8, sha256 } from '@pactgate/proof';

/** Id of a log in addresses: lower-case hex SHA-256 of its origin. */
export const logIdOf = (origin: string): string => encodeHex(sha256(encodeUtf8(origin)));

export const recordAddress = (origin: string, index: number): string => `/ledger/${logIdOf(origin)}/${index}`;
