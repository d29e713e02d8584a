import type { authnProbeCases, RecordBody } from '@pactgate/protocol';
import type { Door, Knock, Shown } from './doors.ts';
import type { Guise } from './est.ts';
import type { Credentials } from './material.ts';

export type AuthnCase = (typeof authnProbeCases)[number];

/** Everything the kit shows, and the one order it needs. */
export interface AuthnKit {
  readonly good: Guise;
  /** Good now; {@link AuthnKit.revoke} ends it, without touching tickets: those must be worthless by themselves. */
  readonly doomed: Guise;
  readonly stranger: Credentials;
  readonly expired: Guise;
  /** The good device's key under another name, in a certificate of the right CA that was never handed out. */
  readonly cloned: Credentials;
  revoke(): Promise<void>;
  /** `session.reject` records of the platform log since the kit was made. */
  rejections(): Promise<readonly Rejection[]>;
  /** Waits a little before the ledger is asked again. */
  pause(): Promise<void>;
}

export interface Rejection {
  readonly listener: string;
  /** SHA-256 of the key shown; absent: no certificate. */
  readonly spki?: string;
}

interface Tried {
  readonly name: AuthnCase;
  readonly spki: string | undefined;
  readonly knock: Knock;
}
interface Visit {
  readonly door: Door;
  readonly positive: boolean;
  readonly tried: readonly Tried[];
}

/**
 * The negative probes of A3.1.1 at every door, and the positive one: no certificate, wrong CA, expired, revoked, cloned
 * key, resumed after revocation. The good certificate comes first: behind it a probe's failures count against its own
 * throwaway keys and never ban the address that honest devices share.
 *
 * A case is logged when the ledger holds its `session.reject`: each record answers for one attempt.
 */
export async function probeAuthn(
  doors: readonly Door[],
  kit: AuthnKit,
  build: string,
): Promise<readonly RecordBody<'probe.authn.neg'>[]> {
  const positives: boolean[] = [];
  const tickets: (Buffer | undefined)[] = [];
  for (const door of doors) {
    positives.push(!(await door.knock(kit.good)).refused);
    tickets.push((await door.knock(kit.doomed)).session);
  }
  await kit.revoke();
  const visits: Visit[] = [];
  for (const [i, door] of doors.entries()) {
    const tried: Tried[] = [];
    for (const [name, shown] of casesOf(kit, tickets[i]))
      tried.push({ name, spki: shown.credentials?.spki, knock: await door.knock(shown) });
    visits.push({ door, positive: positives[i] ?? false, tried });
  }
  const rejections = await waitForRecords(kit, visits);
  return visits.map((visit) => toBody(visit, rejections, build));
}

function casesOf(kit: AuthnKit, ticket: Buffer | undefined): readonly (readonly [AuthnCase, Shown])[] {
  const { doomed, expired, stranger, cloned, good } = kit;
  const cases: (readonly [AuthnCase, Shown])[] = [
    ['no-certificate', { device: good.device }],
    ['wrong-ca', { device: good.device, credentials: stranger }],
    ['expired', expired],
    ['revoked', doomed],
    ['cloned-key', { device: good.device, credentials: cloned }],
  ];
  // Without a ticket there is nothing to resume: the case is left out and the run proves nothing about it.
  if (ticket !== undefined) cases.push(['resumed-after-revocation', { ...doomed, session: ticket }]);
  return cases;
}

const attempts = 50;

/** Polls the ledger until every refusal stands in it, at most {@link attempts} times. */
async function waitForRecords(kit: AuthnKit, visits: readonly Visit[]): Promise<readonly Rejection[]> {
  let found: readonly Rejection[] = [];
  for (let i = 0; i < attempts; i++) {
    found = await kit.rejections();
    if (visits.every((visit) => matched(visit, found).every(({ logged }) => logged))) return found;
    await kit.pause();
  }
  return found;
}

/** Gives each attempt a record of its own. */
function matched(
  { door, tried }: Visit,
  rejections: readonly Rejection[],
): readonly { readonly one: Tried; readonly logged: boolean }[] {
  const left = rejections.filter(({ listener }) => listener === door.listener);
  return tried.map((one) => {
    const at = left.findIndex(({ spki }) => spki === one.spki);
    if (at >= 0) left.splice(at, 1);
    // What was let in has no refusal to log.
    return { one, logged: at >= 0 };
  });
}

function toBody(visit: Visit, rejections: readonly Rejection[], build: string): RecordBody<'probe.authn.neg'> {
  return {
    listener: visit.door.listener,
    build,
    positive: visit.positive,
    cases: matched(visit, rejections).map(({ one, logged }) => ({
      case: one.name,
      refused: one.knock.refused,
      logged,
      response: `${one.knock.response}${one.knock.resumed ? ', resumed' : ''}`.slice(0, 512),
    })),
  };
}
