import type { Anchors } from '../anchors.ts';
import type { Bundle, BundleLog } from '../bundle/bundle.ts';
import type { RecordOpening } from '../bundle/record.ts';
import { encodeBase64, encodeHex } from '../bytes.ts';
import { concealMembers } from '../commitment.ts';
import type { NoteSigner, SignBytes } from '../cosign.ts';
import { webProofCrypto as crypto, type PublicJwk } from '../crypto.ts';
import { canonicalBytes } from '../jcs.ts';
import type { JsonObject } from '../json.ts';
import { encodeJws, formatJws, signJws } from '../jws.ts';
import { formatVkey } from '../note/key.ts';
import { partyKey, signerOf } from './keys.ts';
import { checkpointOf, makeLog, makeRecord, type TestLog } from './log.ts';

export const agreementId = '01890a5d-ac96-774b-bcce-b302099a8057';
/** When everything here was witnessed, seconds since 1970. */
export const witnessedAt = 1_770_000_000;
const typ = 'pactgate-agreement+json';

interface Party {
  readonly key: PublicJwk;
  readonly sign: SignBytes;
}

/** Two parties, a signed document, and the keys around it. */
export interface World {
  readonly platform: Party;
  readonly party: Party;
  readonly log: NoteSigner;
  readonly platformLog: NoteSigner;
  readonly witness: NoteSigner;
  readonly anchors: Anchors;
  readonly agreement: Uint8Array;
  readonly signatures: Uint8Array;
}

/** The document as `agreement/` drafts it, as far as a verifier looks. */
function documentOf(
  keys: { readonly platform: Party; readonly logs: readonly NoteSigner[] },
  over: JsonObject,
): JsonObject {
  return {
    v: 1,
    id: agreementId,
    edition: 'standard-2025.1',
    anchors: {
      rootSha256: '0f'.repeat(32),
      signingKey: { ...keys.platform.key, alg: 'ES256' },
      logs: keys.logs.map(({ key }) => formatVkey(key)),
    },
    ...over,
  };
}

/** Makes a world; `over` replaces members of the signed document. */
export async function makeWorld(over: JsonObject = {}): Promise<World> {
  const platform = await partyKey();
  const party = await partyKey();
  const log = await signerOf(`a.example/logs/${agreementId}/2026`, 1, 1);
  const platformLog = await signerOf('a.example/logs/platform/2026', 1, 2);
  const witness = await signerOf('b.example/w', 4, 3);
  const logs = [log, platformLog];
  const agreement = canonicalBytes(documentOf({ platform, logs }, over));
  const input = { payload: agreement, typ };
  const lines = [
    await signJws(crypto, input, party.key, party.sign),
    await signJws(crypto, input, platform.key, platform.sign),
  ];
  const anchors: Anchors = {
    v: 1,
    agreement: agreementId,
    editionDigest: encodeHex(crypto.sha256(agreement)),
    platformKey: platform.key,
    rootSha256: '0f'.repeat(32),
    partyKey: party.key,
    policy: `${logs.map(({ key }) => `log ${formatVkey(key)}\n`).join('')}witness b ${formatVkey(witness.key)}\nquorum b\n`,
  };
  const signatures = encodeJws(formatJws(agreement, lines));
  return { platform, party, log, platformLog, witness, anchors, agreement, signatures };
}

/** Records of a small log: one has concealed members, one quotes an earlier checkpoint, the last is an evaluation. */
export function makeRecords(
  count: number,
  firstTree?: TestLog,
): {
  readonly entries: readonly Uint8Array[];
  readonly openings: readonly RecordOpening[];
} {
  const bound =
    firstTree === undefined ? {} : { b: `${firstTree.entries.length}:${encodeBase64(firstTree.root).slice(0, 12)}` };
  const made = Array.from({ length: count }, (_, i) => {
    const last = i === count - 1;
    const plain: JsonObject = last ? { status: 'met', row: 'B2.2.1' } : { seen: i, person: `user ${i}` };
    const { body, disclosures } = concealMembers(crypto, plain, i === 1 ? ['person'] : [], () =>
      new Uint8Array(16).fill(i + 7),
    );
    const over = { k: last ? 'eval.result' : 'authz.decide', ...(last ? bound : {}) };
    const record = makeRecord(i, body, over);
    return { entry: record.entry, opening: { ...record.opening, disclosures } };
  });
  return { entries: made.map(({ entry }) => entry), openings: made.map(({ opening }) => opening) };
}

/** A log of the world as a bundle holds it, whole and witnessed. */
export async function bundleLogOf(
  world: World,
  signer: NoteSigner,
  records: { readonly entries: readonly Uint8Array[]; readonly openings: readonly RecordOpening[] },
): Promise<BundleLog> {
  const log = makeLog(records.entries);
  const checkpoint = await checkpointOf(log, signer, { signer: world.witness, time: witnessedAt });
  return { checkpoint, tiles: log.tiles, records: records.openings, proofs: new Map() };
}

/** A small bundle that is valid in every part: the agreement's log and the platform's. */
export async function makeBundle(world: World): Promise<Bundle> {
  const first = makeLog(makeRecords(3).entries.slice(0, 2));
  return {
    policy: world.anchors.policy,
    agreement: world.agreement,
    signatures: world.signatures,
    logs: [
      await bundleLogOf(
        world,
        world.log,
        makeRecords(4, makeLog(makeRecords(4).entries.slice(0, first.entries.length))),
      ),
      await bundleLogOf(world, world.platformLog, makeRecords(3)),
    ],
  };
}
