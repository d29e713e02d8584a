import {
  type Certificate,
  type CertificateRequest,
  decideRenewal,
  type IdentityRecord,
  type Renewal,
} from '../duties/identity/index.ts';
import { err, ok } from '../kernel/result.ts';
import { type Enrolled, type EnrolWork, inTurn, newCertificate, type Outcome, type RenewInput } from './enrol-parts.ts';
import type { PeerIdentity } from './gateway-port.ts';

/** Renewal with the current certificate (B2.2.5): prove a candidate, request, decision, serial stored, signature. */
export async function enrolNext<Tx>(work: EnrolWork<Tx>, input: RenewInput): Promise<Enrolled> {
  const { peer } = input;
  await proveFirst(work, peer);
  const { certificate } = ownerOf(work, peer) ?? {};
  return certificate ? inTurn(work, certificate, () => decideNext(work, input)) : decideNext(work, input);
}

/** A device that renews with a candidate has thereby proven it. */
async function proveFirst<Tx>({ registry, certificates, clock }: EnrolWork<Tx>, peer: PeerIdentity): Promise<void> {
  const admitted = registry.admit(peer, clock.now());
  if (admitted.ok && admitted.value.proves) await certificates.prove(admitted.value);
}

/** Only who holds the certificate's own bytes speaks for its device. */
function ownerOf<Tx>({ registry }: EnrolWork<Tx>, peer: PeerIdentity): IdentityRecord | undefined {
  const record = registry.record(peer.serial);
  return record?.certificate.fingerprint === peer.fingerprint ? record : undefined;
}

async function decideNext<Tx>(work: EnrolWork<Tx>, input: RenewInput): Promise<Enrolled> {
  const { peer, label, bindings } = input;
  const owner = ownerOf(work, peer);
  const refuse = (refusal: Pick<Outcome, 'code' | 'detail'>): Enrolled =>
    err({ ...refusal, spki: peer.spki, serial: peer.serial, ...(owner?.device ? { known: owner.device } : {}) });
  if (label !== undefined && owner && owner.certificate.party !== label)
    return refuse({ code: 'enrol/not-found', detail: 'the certificate belongs to another label' });
  const request = await work.authority.readRequest(input.request);
  if (!request.ok) return refuse(request.error);
  const decided = decideRenewal({
    peer,
    record: owner,
    request: request.value,
    binding: await work.store.keyBinding(request.value.spkiHash),
    bindings,
    terms: work.terms(owner?.certificate.agreement ?? '', owner?.device?.model ?? ''),
    now: work.clock.now(),
  });
  return decided.ok ? issueNext(work, decided.value, request.value) : refuse(decided.error);
}

async function issueNext<Tx>(work: EnrolWork<Tx>, renewal: Renewal, request: CertificateRequest): Promise<Enrolled> {
  const { device, previous, overlapUntil } = renewal;
  const { store, authority, clock, certificates } = work;
  const again = await certificates.pending(renewal, request.spkiHash);
  if (again) return ok(again);
  const { certificateLife: life } = work.terms(device.agreement, device.model);
  const order = { party: device.party, device: device.id, spki: request.spki, at: clock.now(), life };
  const prepared = await authority.prepare(order);
  const certificate: Certificate = {
    ...newCertificate(device, prepared, request.spkiHash, clock),
    previous: previous.serial,
    overlapUntil,
  };
  await work.transact((tx) => store.addCertificate(tx, certificate));
  return certificates.completeNext(renewal, certificate, prepared);
}
