import { documentTypes } from '@pactgate/protocol';
import type { Anchors } from '../anchors.ts';
import { encodeHex, equalBytes } from '../bytes.ts';
import type { ProofCrypto, PublicJwk } from '../crypto.ts';
import { demand } from '../error.ts';
import { parseCanonical } from '../jcs.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { decodeJws, jwkThumbprint, jwsPayload, verifyJws } from '../jws.ts';
import { formatVkey } from '../note/key.ts';
import type { Policy } from '../policy.ts';
import type { Report } from './report.ts';

/** A signed document as files. */
export interface SignedDocument {
  readonly document: Uint8Array;
  readonly signatures: Uint8Array;
}

/** What a step about the agreement is given. */
export interface AgreementInput {
  readonly anchors: Anchors;
  readonly policy: Policy;
  readonly signed: SignedDocument;
}

function readDocument(crypto: ProofCrypto, { document, signatures }: SignedDocument, digest: string): JsonObject {
  demand(
    encodeHex(crypto.sha256(document)) === digest,
    'bad-jws',
    'it is not the edition that party B hashed and signed',
  );
  demand(
    equalBytes(jwsPayload(decodeJws(signatures)), document),
    'bad-jws',
    'the signatures are under another document',
  );
  const value = parseCanonical(document);
  demand(isJsonObject(value), 'bad-jws', 'the document is not an object');
  return value;
}

const member = (value: JsonValue | undefined, name: string): JsonValue | undefined =>
  isJsonObject(value) ? value[name] : undefined;

/** The signed document itself names A's key, root and logs: the anchors must be those, or B pinned something else. */
function compareWithAnchors(crypto: ProofCrypto, document: JsonObject, { anchors, policy }: AgreementInput): void {
  const named = member(document, 'anchors');
  const signingKey = member(named, 'signingKey');
  demand(member(document, 'id') === anchors.agreement, 'bad-jws', 'the document has another agreement id');
  demand(member(named, 'rootSha256') === anchors.rootSha256, 'bad-jws', "the document names another root of A's");
  const { x, y } = anchors.platformKey;
  demand(
    member(signingKey, 'x') === x && member(signingKey, 'y') === y,
    'bad-jws',
    'the document names another key of A',
  );
  const thumbprint = member(named, 'partyBThumbprint');
  const bound = thumbprint === undefined || thumbprint === jwkThumbprint(crypto, anchors.partyKey);
  demand(bound, 'bad-jws', 'the document names another key of B');
  const logs = member(named, 'logs');
  const listed = new Set(Array.isArray(logs) ? logs : []);
  for (const { key } of policy.logs) {
    demand(listed.has(formatVkey(key)), 'bad-jws', `the document does not name the log ${key.name}`);
  }
}

/** Step 3: the document is the edition B hashed, both parties signed it, and it names the keys of the anchors. */
export async function checkAgreement(
  report: Report,
  crypto: ProofCrypto,
  input: AgreementInput,
): Promise<JsonObject | undefined> {
  const { anchors, signed } = input;
  const text = { zh: '协议文本无法确认', en: 'The agreement cannot be confirmed' };
  const document = await report.attempt('agreement', text, () => readDocument(crypto, signed, anchors.editionDigest));
  if (document === undefined) return undefined;
  await report.attempt('agreement', text, () => compareWithAnchors(crypto, document, input));
  const signers: readonly { readonly zh: string; readonly en: string; readonly key: PublicJwk }[] = [
    { zh: '平台方（甲方）', en: 'the platform party (A)', key: anchors.platformKey },
    { zh: '设备方（乙方）', en: 'the device party (B)', key: anchors.partyKey },
  ];
  for (const { zh, en, key } of signers) {
    const unsigned = { zh: `缺少${zh}的有效签名`, en: `No valid signature of ${en}` };
    await report.attempt('agreement', unsigned, () =>
      verifyJws(crypto, decodeJws(signed.signatures), key, documentTypes.agreement),
    );
  }
  if (!report.isClean('agreement')) return undefined;
  report.holds('agreement', {
    zh: `协议文本与乙方签署的摘要一致，双方签名均有效（SHA-256 ${anchors.editionDigest.slice(0, 16)}…）`,
    en: `The agreement is the edition B hashed, and both parties signed it (SHA-256 ${anchors.editionDigest.slice(0, 16)}...)`,
  });
  return document;
}
