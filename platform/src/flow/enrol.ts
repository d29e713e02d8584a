import type { CertificateAuthority, Refusal } from '../duties/identity/index.ts';
import { isPartyId } from '../kernel/ids.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { NewRecord } from '../parties/record.ts';
import { enrolFirst } from './enrol-first.ts';
import { enrolNext } from './enrol-next.ts';
import type {
  Asked,
  EnrolInput,
  Enrolled,
  EnrolParts,
  EnrolRefusal,
  EnrolWork,
  Outcome,
  RenewInput,
} from './enrol-parts.ts';

export type { EnrolInput, EnrolParts, EnrolRefusal, RenewInput } from './enrol-parts.ts';

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

export function makeEnrolFlow<Tx>(given: EnrolParts<Tx>): EnrolFlow {
  const work: EnrolWork<Tx> = { ...given, signing: new Set(), turns: new Map() };
  const certsOnly = (der: Uint8Array): Uint8Array => work.authority.bundle([der]);
  const answer = async (
    action: EnrolRefusal['action'],
    input: Asked,
    run: () => Promise<Enrolled>,
  ): Promise<Result<Uint8Array, Refusal>> => {
    const result = await run();
    if (result.ok) return ok(certsOnly(result.value));
    const { code, detail, known } = result.error;
    await work.recorder.record([rejection(result.error, input, action)]);
    const who = known ? { agreement: known.agreement, device: known.id } : {};
    work.refused({ code, detail, action, address: input.address, ...who });
    return err({ code, detail });
  };
  return {
    caCertificates: (label) => caCertificates(work.authority, label),
    enrol: (input) => answer('enrol', input, () => enrolFirst(work, input)),
    renew: (input) => answer('renew', input, () => enrolNext(work, input)),
  };
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

function caCertificates(authority: CertificateAuthority, label: string | undefined): Result<Uint8Array, Refusal> {
  const issuing = authority.cas().filter(({ kind }) => kind === 'device');
  // The platform's own probes have a CA too: it is nobody's default.
  const parties = issuing.filter((ca) => ca.party !== 'platform');
  const [only] = parties.length === 1 ? parties : [];
  const party = label ?? only?.party;
  if (label !== undefined && !issuing.some((ca) => ca.party === label))
    return err({ code: 'enrol/not-found', detail: 'no such label' });
  return ok(authority.bundle(authority.chain(party !== undefined && isPartyId(party) ? party : undefined)));
}
