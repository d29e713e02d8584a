import {
  checkDocument,
  checkParams,
  draftDocument,
  type Overrides,
  type Particulars,
  particularsFaults,
} from '@pactgate/agreement';
import {
  canonicalText,
  decodeUtf8,
  encodeHex,
  encodeUtf8,
  formatJws,
  type GeneralJws,
  jwkThumbprint,
  jwsPayload,
  type ProofCrypto,
  ProofError,
  type PublicJwk,
  parseVkey,
  type SignBytes,
  signJws,
  verifyJws,
} from '@pactgate/proof';
import { documentTypes, Problem } from '@pactgate/protocol';
import { type RandomBytes, uuidv7 } from '../kernel/ids.ts';
import { type Clock, iso } from '../kernel/time.ts';
import type { Transact } from '../kernel/transact.ts';
import { type Agreement, demandStep } from '../parties/agreement.ts';
import type { AgreementStore } from '../parties/ports.ts';
import type { NewRecord } from '../parties/record.ts';
import type { Recorder } from './recorder.ts';

/** Edition every new draft starts from. */
export const standardEdition = 'standard-2025.1';

export interface AgreementParts<Tx> {
  readonly store: AgreementStore<Tx>;
  readonly recorder: Recorder<Tx>;
  readonly transact: Transact<Tx>;
  readonly crypto: ProofCrypto;
  readonly random: RandomBytes;
  readonly clock: Clock;
  /** A's own signing key; `sign` answers r || s. */
  readonly signer: { readonly publicKey: PublicJwk; readonly sign: SignBytes };
  readonly rootSha256: string;
  /** Opens the log of a new agreement, its key made first; answers its id and verifier key. */
  readonly openLog: (agreement: string) => Promise<{ readonly id: string; readonly vkey: string }>;
  /** Verifier keys of the log of an agreement, A's platform log and the master log, in this order. */
  readonly logKeys: (log: string) => readonly string[];
  /** Makes the party's issuing CA; called before the agreement is in force, idempotent. */
  readonly openIssuer: (party: string) => Promise<void>;
  /** Publishes what was recorded for this log, so that an answer rests on a checkpoint. */
  readonly publish: (log: string) => Promise<void>;
  /** An agreement was drafted or took a step. */
  readonly changed: (agreement: Agreement) => void;
  /** The agreement came into force: caches of devices, evaluation. */
  readonly inForce: (agreement: Agreement) => Promise<void>;
}

export interface Agreements {
  createParty(id: string, particulars: Particulars): Promise<void>;
  setParticulars(party: string, particulars: Particulars): Promise<void>;
  draft(party: string, params: Overrides): Promise<Agreement>;
  /** B joined with its keys: the document becomes final and is offered. Joining again with the same keys is the same. */
  join(party: string, keys: { readonly key: PublicJwk; readonly witnessKey: string }): Promise<Agreement>;
  sign(agreement: Agreement, jws: GeneralJws): Promise<Agreement>;
  countersign(agreement: Agreement, digest: string): Promise<Agreement>;
}

export const digestOf = (crypto: Pick<ProofCrypto, 'sha256'>, text: string): string =>
  encodeHex(crypto.sha256(encodeUtf8(text)));

/** The name of A's entry among the parties. */
export const platformParty = 'platform';

const demandParticulars = (particulars: Particulars): void => {
  const faults = particularsFaults(particulars);
  if (faults.length > 0)
    throw new Problem('agreement/particulars-invalid', faults.map(({ path, fault }) => `${path}: ${fault}`).join('; '));
};

/** The life of agreements: draft, offer, both signatures, in force (ledger-and-evidence section 8). */
export function makeAgreements<Tx>(parts: AgreementParts<Tx>): Agreements {
  return {
    createParty: async (id, particulars) => {
      demandParticulars(particulars);
      if (id === platformParty || (await parts.store.party(id)))
        throw new Problem('request/conflict', `party ${id} exists`);
      await parts.transact(async (tx) => {
        await parts.store.putParty(tx, { id, particulars, createdAt: parts.clock.now() });
        await parts.recorder.recordIn(tx, [{ kind: 'party.create', outcome: 'created', body: { party: id } }]);
      });
    },
    setParticulars: async (party, particulars) => {
      demandParticulars(particulars);
      const known = await parts.store.party(party);
      await parts.transact(async (tx) => {
        if (known) await parts.store.setParticulars(tx, party, particulars);
        else await parts.store.putParty(tx, { id: party, particulars, createdAt: parts.clock.now() });
        await parts.recorder.recordIn(tx, [{ kind: 'party.create', outcome: 'changed', body: { party } }]);
      });
    },
    draft: (party, params) => draft(parts, party, params),
    join: (party, keys) => join(parts, party, keys),
    sign: (agreement, jws) => sign(parts, agreement, jws),
    countersign: (agreement, digest) => countersign(parts, agreement, digest),
  };
}

/** Both parties are known, and they are two: nobody signs with themselves. */
async function demandTwoParties<Tx>({ store }: AgreementParts<Tx>, party: string): Promise<void> {
  const [a, b] = [await store.party(platformParty), await store.party(party)];
  if (!b) throw new Problem('request/not-found', `no party ${party}`);
  if (!a) throw new Problem('agreement/particulars-invalid', "party A's own particulars are not filled in yet");
  const [first, second] = [a, b].map(({ particulars }) => canonicalText({ ...particulars.register }));
  if (first === second)
    throw new Problem('agreement/particulars-invalid', 'both parties stand under one register number');
}

async function draft<Tx>(parts: AgreementParts<Tx>, party: string, params: Overrides): Promise<Agreement> {
  const faults = checkParams(params);
  if (faults.length > 0)
    throw new Problem('agreement/params-invalid', faults.map(({ path, fault }) => `${path}: ${fault}`).join('; '));
  await demandTwoParties(parts, party);
  if (await parts.store.agreementOf(party)) throw new Problem('request/conflict', `party ${party} has an agreement`);
  const now = parts.clock.now();
  const id = uuidv7(now, parts.random);
  const log = await parts.openLog(id);
  const agreement: Agreement = {
    id,
    party,
    state: 'draft',
    edition: standardEdition,
    params,
    draftedAt: now,
    log: log.id,
  };
  await parts.transact(async (tx) => {
    await parts.store.addAgreement(tx, agreement);
    await parts.recorder.recordIn(tx, [
      { agreement: id, kind: 'agreement.draft', outcome: 'drafted', body: { agreement: id, edition: standardEdition } },
    ]);
  });
  parts.changed(agreement);
  return agreement;
}

/** One step of an agreement's life: what changes, why, and what else is written with it. */
interface Step<Tx> {
  readonly from: Agreement;
  readonly to: Agreement;
  readonly records: readonly NewRecord[];
  readonly inside?: (tx: Tx) => Promise<void>;
}

/** Changes the agreement by compare-and-swap and records why, in one transaction, then publishes. */
async function take<Tx>(parts: AgreementParts<Tx>, { from, to, records, inside }: Step<Tx>): Promise<Agreement> {
  demandStep(from.state, to.state);
  await parts.transact(async (tx) => {
    if (!(await parts.store.changeAgreement(tx, from, to)))
      throw new Problem('request/conflict', `agreement ${from.id} was changed meanwhile`);
    await inside?.(tx);
    await parts.recorder.recordIn(tx, records);
  });
  parts.changed(to);
  await parts.publish(to.log);
  return to;
}

async function join<Tx>(
  parts: AgreementParts<Tx>,
  party: string,
  keys: { readonly key: PublicJwk; readonly witnessKey: string },
): Promise<Agreement> {
  const agreement = await parts.store.agreementOf(party);
  if (!agreement) throw new Problem('agreement/state', `party ${party} has no draft yet`);
  const thumbprint = jwkThumbprint(parts.crypto, keys.key);
  const witness = parseVkey(parts.crypto, keys.witnessKey);
  const known = await parts.store.keys(party);
  if (agreement.state !== 'draft') {
    const same =
      known.some((key) => key.thumbprint === thumbprint) &&
      known.some((key) => key.use === 'witness' && key.vkey === keys.witnessKey);
    if (same) return agreement;
    throw new Problem('agreement/state', 'the keys are bound already; a change of keys needs both parties');
  }
  const document = await documentOf(parts, agreement, { thumbprint, witnessKey: keys.witnessKey });
  const digest = digestOf(parts.crypto, document);
  const now = parts.clock.now();
  const keyRecord = (use: string, print: string): NewRecord => ({
    agreement: agreement.id,
    kind: 'party.key',
    outcome: 'bound',
    body: { party, thumbprint: print, use },
  });
  return take(parts, {
    from: agreement,
    to: { ...agreement, state: 'offered', document, digest },
    records: [
      keyRecord('sign', thumbprint),
      keyRecord('witness', witness.id),
      {
        agreement: agreement.id,
        kind: 'agreement.offer',
        outcome: 'offered',
        body: { agreement: agreement.id, digest },
      },
    ],
    inside: async (tx) => {
      await parts.store.putKey(tx, { party, use: 'sign', thumbprint, jwk: keys.key, createdAt: now });
      const print = `${witness.name}+${witness.id}`;
      await parts.store.putKey(tx, { party, use: 'witness', thumbprint: print, vkey: keys.witnessKey, createdAt: now });
    },
  });
}

/** The final text: particulars of both, parameters, and everything B is to trust afterwards. */
async function documentOf<Tx>(
  parts: AgreementParts<Tx>,
  agreement: Agreement,
  keys: { readonly thumbprint: string; readonly witnessKey: string },
): Promise<string> {
  const partyA = await parts.store.party(platformParty);
  const partyB = await parts.store.party(agreement.party);
  if (!partyA || !partyB) throw new Problem('agreement/particulars-invalid', 'the particulars of a party are missing');
  const document = draftDocument({
    id: agreement.id,
    draftedAt: iso(agreement.draftedAt),
    partyA: partyA.particulars,
    partyB: partyB.particulars,
    params: agreement.params,
    anchors: {
      rootSha256: parts.rootSha256,
      signingKey: parts.signer.publicKey,
      logs: [...parts.logKeys(agreement.log)],
      witness: keys.witnessKey,
      partyBThumbprint: keys.thumbprint,
    },
  });
  const checked = checkDocument(document);
  if ('faults' in checked)
    throw new Problem(
      'agreement/particulars-invalid',
      checked.faults.map(({ path, fault }) => `${path}: ${fault}`).join('; '),
    );
  return canonicalText(JSON.parse(JSON.stringify(document)));
}

async function sign<Tx>(parts: AgreementParts<Tx>, agreement: Agreement, jws: GeneralJws): Promise<Agreement> {
  demandStep(agreement.state, 'signed-by-one');
  const keys = await parts.store.keys(agreement.party);
  const key = keys.find((k) => k.use === 'sign');
  if (key?.use !== 'sign' || agreement.document === undefined || agreement.digest === undefined)
    throw new Problem('agreement/state', 'nothing was offered for signature yet');
  const text = await signedText(parts.crypto, jws, key.jwk);
  if (digestOf(parts.crypto, text) !== agreement.digest)
    throw new Problem('agreement/digest-mismatch', `the signed text is not the offered one (${agreement.digest})`);
  return take(parts, {
    from: agreement,
    to: { ...agreement, state: 'signed-by-one', jws: JSON.stringify(jws) },
    records: [
      {
        agreement: agreement.id,
        kind: 'agreement.sign',
        outcome: 'signed',
        body: { agreement: agreement.id, party: agreement.party, digest: agreement.digest, thumbprint: key.thumbprint },
      },
    ],
  });
}

/** The text a party signed; `agreement/signature-invalid` with the reason when it did not. */
async function signedText(crypto: ProofCrypto, jws: GeneralJws, key: PublicJwk): Promise<string> {
  try {
    return decodeUtf8(await verifyJws(crypto, jws, key, documentTypes.agreement));
  } catch (cause) {
    if (cause instanceof ProofError) throw new Problem('agreement/signature-invalid', cause.message, { cause });
    throw cause;
  }
}

async function countersign<Tx>(parts: AgreementParts<Tx>, agreement: Agreement, digest: string): Promise<Agreement> {
  demandStep(agreement.state, 'in-force');
  if (agreement.digest === undefined || agreement.jws === undefined || digest !== agreement.digest)
    throw new Problem('agreement/digest-mismatch', `the document in question has digest ${agreement.digest ?? 'none'}`);
  const first = JSON.parse(agreement.jws) as GeneralJws; // written by `sign`, verified there
  const payload = jwsPayload(first);
  const { publicKey, sign: signBytes } = parts.signer;
  const mine = await signJws(parts.crypto, { payload, typ: documentTypes.agreement }, publicKey, signBytes);
  const jws = formatJws(payload, [...first.signatures, mine]);
  await parts.openIssuer(agreement.party);
  const inForceAt = parts.clock.now();
  const thumbprint = jwkThumbprint(parts.crypto, parts.signer.publicKey);
  const body = { agreement: agreement.id, digest };
  const signed = await take(parts, {
    from: agreement,
    to: { ...agreement, state: 'in-force', jws: JSON.stringify(jws), inForceAt },
    records: [
      {
        agreement: agreement.id,
        kind: 'agreement.sign',
        outcome: 'signed',
        body: { ...body, party: platformParty, thumbprint },
      },
      { agreement: agreement.id, kind: 'agreement.enforce', outcome: 'in-force', body },
    ],
  });
  await parts.inForce(signed);
  return signed;
}
