import { createHash, randomBytes } from 'node:crypto';

/** Mark of our API tokens, for scanners that look for leaked secrets. */
export const tokenPrefix = 'pgk_';
/** 256 bits; links ask for 128 at least, tokens for 256. */
const secretBytes = 32;
const secret = /^[A-Za-z0-9_-]{43}$/;

/** A fresh secret of 256 bits, base64url, 43 characters. */
export const makeSecret = (): string => randomBytes(secretBytes).toString('base64url');

/**
 * What is kept of a secret. A plain hash is enough because the secret has 256 random bits: there is nothing to guess, and
 * the look-up by hash tells nothing about neighbours.
 */
export const hashSecret = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

export const isLinkSecret = (text: string): boolean => secret.test(text);
export const isTokenSecret = (text: string): boolean =>
  text.startsWith(tokenPrefix) && secret.test(text.slice(tokenPrefix.length));
