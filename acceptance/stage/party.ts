import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  agreedPolicy,
  canonicalBytes,
  encodeHex,
  entriesPath,
  formatJws,
  formatVkey,
  isJsonObject,
  type JsonValue,
  jwkThumbprint,
  keyTypes,
  type NoteSigner,
  noteKey,
  type Policy,
  type PublicJwk,
  parseCanonical,
  parsePolicy,
  parsePublicJwk,
  sha256,
  signJws,
  tilePath,
  type WitnessState,
  webProofCrypto,
  witnessCheckpoint,
} from '@pactgate/proof';
import { documentTypes } from '@pactgate/protocol';
import type { Client } from '@pactgate/protocol/api';
import { clientOf, http, type Server } from '../../tools/live/api.ts';

/** A device party of a script, with keys of its own: signs, witnesses, and asks as its administrator. */
export interface StageParty {
  readonly id: string;
  readonly agreement: string;
  readonly log: string;
  readonly client: Client;
  readonly token: string;
  readonly thumbprint: string;
  readonly jwk: PublicJwk;
  /** Signs any document of a kind; the shape the API takes. */
  sign(document: unknown, typ: Typ): Promise<SentJws>;
  /** What the party believes about logs: the policy of the document it signed. Throws before it has signed. */
  policy(): Policy;
  /** Reads the offered document, signs its bytes, answers their digest. */
  signAgreement(): Promise<string>;
  /** Checks the growth of every log it trusts and cosigns it; answers how many were cosigned. */
  witness(): Promise<number>;
}

type Typ = (typeof documentTypes)[keyof typeof documentTypes];
interface SentJws {
  payload: string;
  signatures: { protected: string; signature: string }[];
}

interface Keys {
  readonly key: KeyObject;
  readonly jwk: PublicJwk;
  readonly witness: NoteSigner;
}

function makeKeys(party: string): Keys {
  const { privateKey: key, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y } = publicKey.export({ format: 'jwk' });
  const pair = generateKeyPairSync('ed25519');
  const raw = Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const noted = noteKey({ sha256 }, { name: `${party}.example/witness`, type: keyTypes.cosignature, publicKey: raw });
  return {
    key,
    jwk: parsePublicJwk({ kty, crv, x, y }),
    witness: { key: noted, sign: (message) => Promise.resolve(sign(null, message, pair.privateKey)) },
  };
}

async function signBytes({ key, jwk }: Keys, payload: Uint8Array, typ: Typ): Promise<SentJws> {
  const es256 = (message: Uint8Array): Promise<Uint8Array> =>
    Promise.resolve(sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' }));
  const jws = formatJws(payload, [await signJws({ sha256 }, { payload, typ }, jwk, es256)]);
  return {
    payload: jws.payload,
    signatures: jws.signatures.map((line) => ({ protected: line.protected, signature: line.signature })),
  };
}

/** A document as the JSON it will be. */
const plain = (document: unknown): JsonValue => JSON.parse(JSON.stringify(document)) as JsonValue;

/** The trust anchors that stand in the document, as a policy. */
function policyIn(document: Uint8Array): Policy {
  const value = parseCanonical(document);
  const anchors = isJsonObject(value) ? value['anchors'] : undefined;
  if (anchors === undefined || !isJsonObject(anchors)) throw new Error('the document has no anchors');
  const { logs, witness } = anchors;
  const keys = Array.isArray(logs) ? logs.filter((line) => typeof line === 'string') : [];
  const agreed = { logs: keys, ...(typeof witness === 'string' ? { witness } : {}) };
  return parsePolicy({ sha256 }, agreedPolicy({ sha256 }, agreed));
}

/** Joins by the link of an invitation. */
export async function joinParty(server: Server, id: string, token: string): Promise<StageParty> {
  const keys = makeKeys(id);
  const body = {
    key: { ...keys.jwk } as { kty: 'EC'; crv: 'P-256'; x: string; y: string },
    witnessKey: formatVkey(keys.witness.key),
  };
  const joined = await clientOf(server).call('acceptParty', { params: { token }, body });
  const { id: agreement, logId: log } = joined.agreement;
  const client = clientOf(server, { token: joined.token });
  const seen = new Map<string, WitnessState>();
  let trusted: Policy | undefined;
  const policy = (): Policy => {
    if (trusted === undefined) throw new Error(`${id} has signed nothing yet`);
    return trusted;
  };
  return {
    id,
    agreement,
    log,
    client,
    token: joined.token,
    thumbprint: jwkThumbprint({ sha256 }, keys.jwk),
    jwk: keys.jwk,
    sign: (document, typ) => signBytes(keys, canonicalBytes(plain(document)), typ),
    policy,
    signAgreement: async () => {
      const bytes = await client.call('agreementDocument', { params: { agreement } });
      trusted = policyIn(bytes);
      const jws = await signBytes(keys, bytes, documentTypes.agreement);
      await client.call('signAgreement', { params: { agreement }, body: { jws } });
      return encodeHex(sha256(bytes));
    },
    witness: () => witnessAll({ server, client, token: joined.token, keys, policy: policy(), seen }),
  };
}

interface Round {
  readonly server: Server;
  readonly client: Client;
  readonly token: string;
  readonly keys: Keys;
  readonly policy: Policy;
  readonly seen: Map<string, WitnessState>;
}

async function witnessAll({ server, client, token, keys, policy, seen }: Round): Promise<number> {
  const { items } = await client.call('logs', {});
  let cosigned = 0;
  for (const { key } of policy.logs) {
    const log = items.find(({ origin }) => origin === key.name);
    if (log === undefined || log.published === 0) continue;
    const read = async (path: string): Promise<Uint8Array | undefined> => {
      const address = `/logs/${key.name.slice(key.name.indexOf('/logs/') + 6)}/${path}`;
      const headers = { authorization: `Bearer ${token}` };
      const reply = await http(server, { method: 'GET', path: address, headers });
      return reply.status === 200 ? reply.body : undefined;
    };
    const result = await witnessCheckpoint({
      crypto: webProofCrypto,
      log: key,
      state: seen.get(key.name),
      checkpoint: await client.call('checkpoint', { params: { log: log.id } }),
      tiles: {
        readTile: (tile) => read(tilePath(tile)),
        readEntries: (entries) => read(entriesPath(entries)),
      },
      signer: keys.witness,
      now: Math.floor(Date.now() / 1_000),
    });
    if (!result.ok) throw new Error(`${key.name}: ${result.conflict.kind}: ${result.conflict.detail}`);
    seen.set(key.name, result.state);
    const body = { size: result.state.size, line: result.line.trimEnd(), now: Date.now() };
    await client.call('cosign', { params: { log: log.id }, body });
    cosigned++;
  }
  return cosigned;
}
