import { Problem } from '@pactgate/protocol';
import {
  type Certificate,
  type CertificateRequest,
  type Device,
  decideEnrolment,
  type EnrolmentCode,
  hashCode,
  judgeCode,
  parseCode,
  type Refusal,
} from '../duties/identity/index.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { type EnrolInput, type Enrolled, type EnrolWork, inTurn, newCertificate } from './enrol-parts.ts';

/** A code that admits its device; nothing is used up yet. */
interface Use {
  readonly code: EnrolmentCode;
  /** Serial of a use that was never completed. */
  readonly retry?: string | undefined;
}

/** First enrolment by one-time code (B2.2.3): code, request, decision, serial stored, signature, key bound. */
export async function enrolFirst<Tx>(work: EnrolWork<Tx>, input: EnrolInput): Promise<Enrolled> {
  const admitted = await redeem(work, input);
  if (!admitted.ok) return admitted;
  return inTurn(work, admitted.value.code, () => decideFirst(work, input, admitted.value));
}

/** The code behind the credentials. */
async function redeem<Tx>(
  { store, sha256, signing, clock }: EnrolWork<Tx>,
  input: EnrolInput,
): Promise<Result<Use, Refusal>> {
  const text = parseCode(input.code);
  const found = text === undefined ? undefined : await store.code(hashCode(sha256, text));
  const usedFor = found?.usedFor === undefined ? undefined : await store.certificate(found.usedFor);
  const retry = usedFor?.state === 'issuing' && !signing.has(usedFor.serial) ? usedFor.serial : undefined;
  const judged = judgeCode(input, found, retry !== undefined, clock.now());
  return judged.ok ? ok({ code: judged.value, retry }) : judged;
}

async function decideFirst<Tx>(work: EnrolWork<Tx>, input: EnrolInput, use: Use): Promise<Enrolled> {
  const { store, authority, registry } = work;
  const { agreement, device, party } = use.code;
  const known = await store.device(agreement, device);
  const who = known ? { known } : {};
  const request = await authority.readRequest(input.request);
  if (!request.ok) return err({ ...request.error, ...who });
  const { spkiHash: spki } = request.value;
  const decided = decideEnrolment({
    device: known,
    party: registry.party(party),
    modelActive: known !== undefined && (await work.isModelActive(agreement, known.model)),
    request: request.value,
    binding: await store.keyBinding(spki),
    bindings: input.bindings,
  });
  return decided.ok ? issueFirst(work, decided.value, request.value, use) : err({ ...decided.error, spki, ...who });
}

/** Serial and use of the code are stored and recorded before anything is signed; then signature, key and state. */
async function issueFirst<Tx>(
  work: EnrolWork<Tx>,
  device: Device,
  request: CertificateRequest,
  { code, retry }: Use,
): Promise<Enrolled> {
  const { authority, recorder, clock } = work;
  const { party, id, agreement, pseudonym, model } = device;
  const { certificateLife: life } = work.terms(agreement, model);
  const prepared = await authority.prepare({ party, device: id, spki: request.spki, at: clock.now(), life });
  const certificate = newCertificate(device, prepared, request.spkiHash, clock);
  work.signing.add(certificate.serial);
  try {
    const used = await attempt(work, async (tx) => {
      await useUp(work, tx, certificate, { code, retry });
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
    return await work.certificates.completeFirst(device, certificate, prepared);
  } finally {
    work.signing.delete(certificate.serial);
  }
}

/** The code is used for this serial, and a use before it that never became a certificate is void. */
async function useUp<Tx>(
  { store, clock }: EnrolWork<Tx>,
  tx: Tx,
  certificate: Certificate,
  { code, retry }: Use,
): Promise<void> {
  const at = clock.now();
  const { serial } = certificate;
  if (!(await store.useCode(tx, { hash: code.hash, at, serial, ...(retry === undefined ? {} : { retry }) })))
    throw new Problem('request/conflict', 'the code was used meanwhile');
  if (retry !== undefined && !(await store.moveCertificate(tx, retry, { from: 'issuing', to: 'void', at })))
    throw new Problem('request/conflict', 'the code was used meanwhile');
  await store.addCertificate(tx, certificate);
}

/** False when the state was not the expected one any more and nothing was written. */
async function attempt<Tx>(work: EnrolWork<Tx>, body: (tx: Tx) => Promise<void>): Promise<boolean> {
  try {
    await work.transact(body);
    return true;
  } catch (error) {
    if (error instanceof Problem && error.code === 'request/conflict') return false;
    throw error;
  }
}
