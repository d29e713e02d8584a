import {
  type AgreementDocument,
  checkDocument,
  type Difference,
  differencesFromStandard,
  renderHtml,
} from '@pactgate/agreement';
import {
  type Anchors,
  agreedPolicy,
  encodeHex,
  ProofError,
  parseCanonical,
  parsePublicJwk,
  parseVkey,
  sha256,
} from '@pactgate/proof';
import type { Texts } from '@pactgate/protocol';
import { Failure } from './failure.ts';
import { both } from './language.ts';
import type { PartyKeys } from './party-keys.ts';

/** A document from the other party, read and hashed here. */
export interface OfferedDocument {
  readonly bytes: Uint8Array;
  /** SHA-256 of the RFC 8785 bytes, computed here, lower-case hex. */
  readonly digest: string;
  readonly document: AgreementDocument;
  /** Where it departs from the edition of this copy of the program. */
  readonly differences: readonly Difference[];
}

/**
 * Reads a document as the other party sent it: canonical bytes, the closed form, every fault named. Its digest is
 * computed here; a digest that somebody shows is never signed (decisions, fact 13).
 */
export function readOffered(bytes: Uint8Array, agreement: string): OfferedDocument {
  let value: unknown;
  try {
    value = parseCanonical(bytes);
  } catch (cause) {
    if (!(cause instanceof ProofError)) throw cause;
    throw new Failure(
      'refused',
      both(`文档不是规范 JSON：${cause.detail}`, `the document is no canonical JSON: ${cause.detail}`),
      undefined,
      { cause },
    );
  }
  const checked = checkDocument(value);
  if ('faults' in checked) {
    const faults = checked.faults
      .slice(0, 10)
      .map(({ path, fault }) => `${path}: ${fault}`)
      .join('; ');
    throw new Failure('refused', both(`文档不符合格式：${faults}`, `the document is not well-formed: ${faults}`));
  }
  const { document } = checked;
  if (document.id !== agreement)
    throw new Failure(
      'refused',
      both(`得到的是另一份协议 ${document.id}`, `this is another agreement, ${document.id}`),
    );
  return { bytes, digest: encodeHex(sha256(bytes)), document, differences: differencesFromStandard(document) };
}

/** One thing that was compared before signing. */
export interface AnchorCheck {
  readonly what: Texts;
  readonly ok: boolean;
  readonly found: string;
}

/** Compares what a document names with what this side knows by itself: own keys, the pinned root, its own log. */
export function checkAnchors(
  { document }: OfferedDocument,
  keys: Pick<PartyKeys, 'thumbprint' | 'vkey'>,
  rootSha256: string,
): readonly AnchorCheck[] {
  const { anchors, id } = document;
  const origins = anchors.logs.map((vkey) => nameOf(vkey));
  const ownLog = origins.find((origin) => origin?.split('/').includes(id));
  return [
    {
      what: both('平台根证书与固定的指纹一致', "the platform's root is the pinned one"),
      ok: anchors.rootSha256 === rootSha256,
      found: anchors.rootSha256,
    },
    {
      what: both('其中的本方签名密钥是本方的', 'our signing key in it is ours'),
      ok: anchors.partyBThumbprint === keys.thumbprint,
      found: anchors.partyBThumbprint ?? '-',
    },
    {
      what: both('其中的见证密钥是本方的', 'our witness key in it is ours'),
      ok: anchors.witness === keys.vkey,
      found: anchors.witness ?? '-',
    },
    {
      what: both('写明了本协议账本的密钥', "it names the key of this agreement's log"),
      ok: ownLog !== undefined && origins.every((origin) => origin !== undefined),
      found: ownLog ?? '-',
    },
  ];
}

function nameOf(vkey: string): string | undefined {
  try {
    return parseVkey({ sha256 }, vkey).name;
  } catch (cause) {
    if (cause instanceof ProofError) return undefined;
    throw cause;
  }
}

/** What B believes from now on: the file that `pactgate verify --policy` takes. */
export function anchorsOf({ document, digest }: OfferedDocument, keys: Pick<PartyKeys, 'jwk'>): Anchors {
  const { x, y } = document.anchors.signingKey;
  return {
    v: 1,
    agreement: document.id,
    editionDigest: digest,
    platformKey: parsePublicJwk({ kty: 'EC', crv: 'P-256', x, y }),
    rootSha256: document.anchors.rootSha256,
    partyKey: keys.jwk,
    policy: agreedPolicy({ sha256 }, document.anchors),
  };
}

/** The agreement as pages for reading, in both languages. */
export function renderPages({
  document,
  digest,
}: OfferedDocument): readonly { readonly name: string; readonly html: string }[] {
  return [
    { name: `agreement-${document.id}.zh.html`, html: renderHtml(document, 'zh-CN', { digest }) },
    { name: `agreement-${document.id}.en.html`, html: renderHtml(document, 'en', { digest }) },
  ];
}
