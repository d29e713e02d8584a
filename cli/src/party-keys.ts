import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import path from 'node:path';
import { readIfThere } from '@pactgate/device';
import {
  formatVkey,
  jwkThumbprint,
  keyTypes,
  type NoteSigner,
  noteKey,
  type PublicJwk,
  parsePublicJwk,
  type SignBytes,
  sha256,
} from '@pactgate/proof';
import { Failure } from './failure.ts';
import { demandPrivate, readBytes, writePrivate } from './files.ts';
import { both } from './language.ts';

/** Files of a device party's directory. All are 0600; private keys never leave it. */
export const partyFiles = {
  /** Signs agreements, model files and manifests: EC P-256, PKCS#8 PEM. */
  signKey: 'sign.key.pem',
  /** Cosigns checkpoints and nothing else: Ed25519, PKCS#8 PEM. */
  witnessKey: 'witness.key.pem',
  /** Name of the witness, chosen once: it is part of its key. */
  witnessName: 'witness.name',
  /** Trust anchors, written when the party signs. */
  policy: 'policy.json',
  /** State of the witness, a file per log. */
  witness: 'witness',
} as const;

export interface PartyKeys {
  readonly jwk: PublicJwk;
  /** RFC 7638; what people compare. */
  readonly thumbprint: string;
  /** ES256: r || s. */
  readonly sign: SignBytes;
  readonly witness: NoteSigner;
  readonly vkey: string;
}

const crypto = { sha256 };

function jwkOf(key: KeyObject): PublicJwk {
  const { kty, crv, x, y } = createPublicKey(key).export({ format: 'jwk' });
  return parsePublicJwk({ kty, crv, x, y });
}

function rawEd25519(key: KeyObject): Uint8Array {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return Buffer.from(x ?? '', 'base64url');
}

async function loadKey(directory: string, name: string): Promise<KeyObject> {
  const file = path.join(directory, name);
  await demandPrivate(file);
  try {
    return createPrivateKey(await readBytes(file, 16_384));
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure('refused', both(`${file} 不是私钥`, `${file} holds no private key`), undefined, { cause });
  }
}

/** The keys of a party's directory. */
export async function loadPartyKeys(directory: string): Promise<PartyKeys> {
  const signKey = await loadKey(directory, partyFiles.signKey);
  const witnessKey = await loadKey(directory, partyFiles.witnessKey);
  const name = (await readBytes(path.join(directory, partyFiles.witnessName), 1_024)).toString('utf8').trim();
  const jwk = jwkOf(signKey);
  const key = noteKey(crypto, { name, type: keyTypes.cosignature, publicKey: rawEd25519(witnessKey) });
  return {
    jwk,
    thumbprint: jwkThumbprint(crypto, jwk),
    sign: (message) => Promise.resolve(sign('sha256', message, { key: signKey, dsaEncoding: 'ieee-p1363' })),
    witness: { key, sign: (message) => Promise.resolve(sign(null, message, witnessKey)) },
    vkey: formatVkey(key),
  };
}

/**
 * Makes the keys of a party, each only where its file is not there yet: a join that is repeated brings the same keys.
 *
 * @param witness name of the witness: no space, no plus; unique among the parties of a platform
 */
export async function makePartyKeys(directory: string, witness: string): Promise<PartyKeys> {
  const make = async (name: string, key: () => KeyObject): Promise<void> => {
    const file = path.join(directory, name);
    if ((await readIfThere(file)) === undefined)
      await writePrivate(file, key().export({ type: 'pkcs8', format: 'pem' }));
  };
  await make(partyFiles.signKey, () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  await make(partyFiles.witnessKey, () => generateKeyPairSync('ed25519').privateKey);
  const nameFile = path.join(directory, partyFiles.witnessName);
  if ((await readIfThere(nameFile)) === undefined) await writePrivate(nameFile, `${witness}\n`);
  return loadPartyKeys(directory);
}

/** Directory of the party's keys: `--dir`, else where `party join` made them. */
export function partyDirectory(given: string | undefined, profile: { readonly directory?: string }): string {
  const directory = given ?? profile.directory;
  if (directory === undefined)
    throw new Failure(
      'usage',
      both('缺少 --dir（密钥目录）', '--dir is missing (where the keys of the party lie)'),
      both('使用 pactgate party join 时指定的目录。', 'Use the directory given to pactgate party join.'),
    );
  return directory;
}
