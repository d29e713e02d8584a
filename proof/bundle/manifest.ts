import { encodeHex } from '../bytes.ts';
import type { ProofCrypto } from '../crypto.ts';
import { demand, ProofError } from '../error.ts';
import { canonicalBytes, parseCanonical } from '../jcs.ts';
import { isJsonObject, type JsonValue } from '../json.ts';

export const manifestName = 'manifest.json';

/**
 * SHA-256 of every file but itself. It says nothing else on purpose: a date or a title here would be the one thing in
 * a bundle that nobody vouches for.
 */
export function formatManifest(
  crypto: Pick<ProofCrypto, 'sha256'>,
  files: ReadonlyMap<string, Uint8Array>,
): Uint8Array<ArrayBuffer> {
  const digests = [...files].map(([name, bytes]) => [name, encodeHex(crypto.sha256(bytes))] as const);
  return canonicalBytes({ files: Object.fromEntries(digests), v: 1 });
}

function readManifest(bytes: Uint8Array): JsonValue {
  try {
    return parseCanonical(bytes);
  } catch (cause) {
    throw new ProofError('bad-bundle', 'manifest.json is not canonical JSON', { cause });
  }
}

/** Checks that manifest and files name the same files with the same digests; returns the files without it (`bad-bundle`). */
export function checkManifest(
  crypto: Pick<ProofCrypto, 'sha256'>,
  files: ReadonlyMap<string, Uint8Array>,
): ReadonlyMap<string, Uint8Array> {
  const manifest = files.get(manifestName);
  demand(manifest !== undefined, 'bad-bundle', 'no manifest.json');
  const value = readManifest(manifest);
  demand(isJsonObject(value) && Object.keys(value).join(' ') === 'files v', 'bad-bundle', 'manifest has other members');
  demand(value['v'] === 1 && isJsonObject(value['files']), 'bad-bundle', 'manifest is not of version 1');
  const listed = new Map(Object.entries(value['files']));
  const others = new Map([...files].filter(([name]) => name !== manifestName));
  for (const name of listed.keys()) demand(others.has(name), 'bad-bundle', `file ${name} is missing`);
  for (const [name, bytes] of others) {
    const digest = listed.get(name);
    demand(digest !== undefined, 'bad-bundle', `file ${name} is not in the manifest`);
    demand(digest === encodeHex(crypto.sha256(bytes)), 'bad-bundle', `file ${name} was changed`);
  }
  return others;
}
