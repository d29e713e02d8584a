import { Problem } from '@pactgate/protocol';
import {
  type Certificate,
  type CertificateAuthority,
  type CertificateRequest,
  type Device,
  decideEnrolment,
  decideRenewal,
  type EnrolmentCode,
  hashCode,
  type IdentityRecord,
  type IdentityRegistry,
  type IdentityStore,
  type IdentityTerms,
  judgeCode,
  type Prepared,
  parseCode,
  type Refusal,
  type Renewal,
  type Sha256,
} from '../duties/identity/index.ts';
import { isPartyId } from '../kernel/ids.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Clock } from '../kernel/time.ts';
import type { Transact } from '../kernel/transact.ts';
import type { NewRecord } from '../parties/record.ts';
import type { Certificates } from './certificates.ts';
import type { PeerIdentity } from './gateway-port.ts';
import type { Recorder } from './recorder.ts';

/** Where a request came from, and what binds it to its connection. */
interface Asked {
  /** Party named in the address, if one was. */
  readonly label?: string;
  /** PKCS#10, DER: the peer's claim. */
  readonly request: Uint8Array;
  readonly address: string;
  /** Channel bindings of the connection, base64 (RFC 7030 3.5, RFC 9266). */
  readonly bindings: readonly string[];
}
export interface EnrolInput extends Asked {
  /** `device` or `party/device`. */
  readonly user: string;
  /** The one-time code as typed. */
  readonly code: string;
}
export interface RenewInput extends Asked {
  readonly peer: PeerIdentity;
}

/** A refusal that was recorded: for the device's page and for the bans. `device` only where the peer proved to be it. */
export interface EnrolRefusal extends Refusal {
  readonly agreement?: string;
  readonly device?: string;
  readonly action: 'enrol' | 'renew';
  readonly address: string;
}

/**
 * Enrolment and renewal of devices (B2.2.1, B2.2.3, B2.2.5): the order of steps across registry, CA, store and ledger.
 * Answers are DER; every refusal is recorded before it is answered.
 */
export interface EnrolFlow {
  /** Certs-only: root, platform CA and, when a party is named or only one has one, its issuing CA. */
  caCertificates(label?: string): Result<Uint8Array, Refusal>;
  enrol(input: EnrolInput): Promise<Result<Uint8Array, Refusal>>;
  renew(input: RenewInput): Promise<Result<Uint8Array, Refusal>>;
}

export interface EnrolParts<Tx> {
  readonly store: IdentityStore<Tx>;
  readonly authority: CertificateAuthority;
  readonly registry: IdentityRegistry;
  readonly certificates: Certificates;
  readonly recorder: Recorder<Tx>;
  readonly transact: Transact<Tx>;
  readonly clock: Clock;
  readonly sha256: Sha256;
  /** Numbers in force for a model. */
  readonly terms: (agreement: string, model: string) => IdentityTerms;
  readonly isModelActive: (agreement: string, model: string) => Promise<boolean>;
  readonly refused: (refusal: EnrolRefusal) => void;
}

interface Parts<Tx> extends EnrolParts<Tx> {
  /** Serials between their two transactions in this process: of an interrupted process none are left. */
  readonly signing: Set<string>;
}
const lost = (detail: string): Problem => new Problem('request/conflict', detail);

export function makeEnrolFlow<Tx>(given: EnrolParts<Tx>): EnrolFlow {
  const parts: Parts<Tx> = { ...given, signing: new Set() };
  const certsOnly = (der: Uint8Array): Uint8Array => parts.authority.bundle([der]);
  const answer = async (
    action: EnrolRefusal['action'],
    input: Asked,
    run: () => Promise<Result<Uint8Array, Outcome>>,
  ): Promise<Result<Uint8Array, Refusal>> => {
    const result = await run();
    if (result.ok) return ok(certsOnly(result.value));
    const { code, detail, known } = result.error;
    await parts.recorder.record([rejection(result.error, input, action)]);
    const who = known ? { agreement: known.agreement, device: known.id } : {};
    parts.refused({ code, detail, action, address: input.address, ...who });
    return err({ code, detail });
  };
  return {
    caCertificates: (label) => caCertificates(parts, label),
    enrol: (input) => answer('enrol', input, () => enrol(parts, input)),
    renew: (input) => answer('renew', input, () => renew(parts, input)),
  };
}

/** A refusal on its way out; `known`: the peer proved to be this device. */
interface Outcome extends Refusal {
  readonly known?: Device;
  readonly spki?: string;
  readonly serial?: string;
}

/** Without proof of who asked the refusal belongs to no agreement, whatever name was given. */
function rejection({ code, known, spki, serial }: Outcome, input: Asked, stage: string): NewRecord {
  return {
    ...(known ? { agreement: known.agreement } : {}),
    kind: 'session.reject',
    outcome: 'refused',
    body: {
      ...(known ? { device: known.pseudonym } : {}),
      code,
      stage,
      listener: 'est',
      transport: 'https',
      ...(spki === undefined ? {} : { spki }),
      ...(serial === undefined ? {} : { serial }),
    },
    personal: { address: input.address },
  };
}

function caCertificates<Tx>({ authority }: Parts<Tx>, label: string | undefined): Result<Uint8Array, Refusal> {
  const issuing = authority.cas().filter(({ kind }) => kind === 'device');
  const [only] = issuing.length === 1 ? issuing : [];
  const party = label ?? only?.party;
  if (label !== undefined && !issuing.some((ca) => ca.party === label))
    return err({ code: 'enrol/not-found', detail: 'no such label' });
  return ok(authority.bundle(authority.chain(party !== undefined && isPartyId(party) ? party : undefined)));
}

async function enrol<Tx>(parts: Parts<Tx>, input: EnrolInput): Promise<Result<Uint8Array, Outcome>> {
  const admitted = await redeem(parts, input);
  if (!admitted.ok) return admitted;
  const { code } = admitted.value;
  const known = await parts.store.device(code.agreement, code.device);
  const who = known ? { known } : {};
  const request = await parts.authority.readRequest(input.request);
  if (!request.ok) return err({ ...request.error, ...who });
  const { spkiHash: spki } = request.value;
  const decided = decideEnrolment({
    device: known,
    party: parts.registry.party(code.party),
    modelActive: known !== undefined && (await parts.isModelActive(known.agreement, known.model)),
    request: request.value,
    binding: await parts.store.keyBinding(spki),
    bindings: input.bindings,
  });
  return decided.ok
    ? issueFirst(parts, decided.value, request.value, admitted.value)
    : err({ ...decided.error, spki, ...who });
}

/** The code behind the credentials; nothing is used up yet. */
async function redeem<Tx>(
  { store, sha256, signing, clock }: Parts<Tx>,
  input: EnrolInput,
): Promise<Result<Use, Refusal>> {
  const text = parseCode(input.code);
  const found = text === undefined ? undefined : await store.code(hashCode(sha256, text));
  const usedFor = found?.usedFor === undefined ? undefined : await store.certificate(found.usedFor);
  const retry = usedFor?.state === 'issuing' && !signing.has(usedFor.serial) ? usedFor.serial : undefined;
  const judged = judgeCode(input, found, retry !== undefined, clock.now());
  return judged.ok ? ok({ code: judged.value, retry }) : judged;
}

interface Use {
  readonly code: EnrolmentCode;
  /** Serial of a use that was never completed. */
  readonly retry?: string | undefined;
}

const newCertificate = (device: Device, prepared: Prepared, spki: string, clock: Clock): Certificate => ({
  serial: prepared.serial,
  spki,
  agreement: device.agreement,
  party: device.party,
  device: device.id,
  issuer: prepared.issuer,
  state: 'issuing',
  notBefore: prepared.notBefore,
  notAfter: prepared.notAfter,
  created: clock.now(),
});

/** Serial and use of the code are stored and recorded before anything is signed; then signature, key and state. */
async function issueFirst<Tx>(
  parts: Parts<Tx>,
  device: Device,
  request: CertificateRequest,
  { code, retry }: Use,
): Promise<Result<Uint8Array, Outcome>> {
  const { authority, recorder, clock } = parts;
  const { party, id, agreement, pseudonym, model } = device;
  const { certificateLife: life } = parts.terms(agreement, model);
  const prepared = await authority.prepare({ party, device: id, spki: request.spki, at: clock.now(), life });
  const certificate = newCertificate(device, prepared, request.spkiHash, clock);
  parts.signing.add(certificate.serial);
  try {
    const used = await attempt(parts, async (tx) => {
      await useUp(parts, tx, certificate, { code, retry });
      await recorder.recordIn(tx, [
        {
          agreement,
          kind: 'device.enrol',
          outcome: 'approved',
          body: { device: pseudonym, model, spki: request.spkiHash, via: 'est-code', pop: true, approved: true },
        },
      ]);
    });
    if (!used) return err({ code: 'enrol/code-invalid', detail: 'the code was used meanwhile', known: device });
    return await parts.certificates.completeFirst(device, certificate, prepared);
  } finally {
    parts.signing.delete(certificate.serial);
  }
}

/** The code is used for this serial, and a use before it that never became a certificate is void. */
async function useUp<Tx>(
  { store, clock }: Parts<Tx>,
  tx: Tx,
  certificate: Certificate,
  { code, retry }: Use,
): Promise<void> {
  const at = clock.now();
  const { serial } = certificate;
  if (!(await store.useCode(tx, { hash: code.hash, at, serial, ...(retry === undefined ? {} : { retry }) })))
    throw lost('the code was used meanwhile');
  if (retry !== undefined && !(await store.moveCertificate(tx, retry, { from: 'issuing', to: 'void', at })))
    throw lost('the code was used meanwhile');
  await store.addCertificate(tx, certificate);
}

/** False when the state was not the expected one any more and nothing was written. */
async function attempt<Tx>(parts: Parts<Tx>, work: (tx: Tx) => Promise<void>): Promise<boolean> {
  try {
    await parts.transact(work);
    return true;
  } catch (error) {
    if (error instanceof Problem && error.code === 'request/conflict') return false;
    throw error;
  }
}

async function renew<Tx>(parts: Parts<Tx>, input: RenewInput): Promise<Result<Uint8Array, Outcome>> {
  const { peer, label } = input;
  await proveFirst(parts, peer);
  const record = parts.registry.record(peer.serial);
  // only who holds the certificate's own bytes speaks for its device
  const owner = record?.certificate.fingerprint === peer.fingerprint ? record : undefined;
  const known = owner?.device;
  const who = { spki: peer.spki, serial: peer.serial, ...(known ? { known } : {}) };
  if (label !== undefined && owner && owner.certificate.party !== label)
    return err({ code: 'enrol/not-found', detail: 'the certificate belongs to another label', ...who });
  const request = await parts.authority.readRequest(input.request);
  if (!request.ok) return err({ ...request.error, ...who });
  const decided = await decideNext(parts, input, request.value, owner);
  if (!decided.ok) return err({ ...decided.error, ...who });
  const again = await parts.certificates.pending(decided.value, request.value.spkiHash);
  return again ? ok(again) : issueNext(parts, decided.value, request.value);
}

const decideNext = async <Tx>(
  { store, terms, clock }: Parts<Tx>,
  { peer, bindings }: RenewInput,
  request: CertificateRequest,
  record: IdentityRecord | undefined,
): Promise<Result<Renewal, Refusal>> =>
  decideRenewal({
    peer,
    record,
    request,
    binding: await store.keyBinding(request.spkiHash),
    bindings,
    terms: terms(record?.certificate.agreement ?? '', record?.device?.model ?? ''),
    now: clock.now(),
  });

/** A device that renews with a candidate has thereby proven it. */
async function proveFirst<Tx>({ registry, certificates, clock }: Parts<Tx>, peer: PeerIdentity): Promise<void> {
  const admitted = registry.admit(peer, clock.now());
  if (admitted.ok && admitted.value.proves) await certificates.prove(admitted.value);
}

async function issueNext<Tx>(
  parts: Parts<Tx>,
  renewal: Renewal,
  request: CertificateRequest,
): Promise<Result<Uint8Array, Outcome>> {
  const { device, previous, overlapUntil } = renewal;
  const { store, authority, clock } = parts;
  const { certificateLife: life } = parts.terms(device.agreement, device.model);
  const order = { party: device.party, device: device.id, spki: request.spki, at: clock.now(), life };
  const prepared = await authority.prepare(order);
  const certificate: Certificate = {
    ...newCertificate(device, prepared, request.spkiHash, clock),
    previous: previous.serial,
    overlapUntil,
  };
  await parts.transact((tx) => store.addCertificate(tx, certificate));
  return parts.certificates.completeNext(renewal, certificate, prepared);
}
