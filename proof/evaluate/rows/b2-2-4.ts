import type { Device } from '../devices.ts';
import {
  activeDevices,
  beginning,
  breached,
  lackOf,
  met,
  type Outcome,
  refsOf,
  unknownBy,
  type View,
  why,
} from '../finding.ts';
import { type Rule, readsActive } from '../rule.ts';
import type { Finding } from '../types.ts';
import { excessOf } from '../windows.ts';

/** One subject for the counts, which no device can answer for: party A counts, and owes it when they differ. */
const subject = 'sessions';

function judgeCounts(view: View): Finding {
  const { reconciled } = view.evaluation.ledger;
  const lack = lackOf(view, 'ledger.reconcile', reconciled.at(-1), beginning(view));
  const age = view.terms.age('ledger.reconcile') ?? 0;
  const recent = reconciled.filter(({ at }) => view.at - at <= age);
  const wrong = recent.find(({ body }) => body.authenticated !== body.sessionsOpened);
  if (wrong !== undefined) {
    const { authenticated, sessionsOpened, from } = wrong.body;
    return breached(subject, why('sessions/unequal', { authenticated, opened: sessionsOpened, from: { at: from } }), {
      code: 'AUTHN_FAIL_BURST',
      owner: 'A',
      refs: [wrong.ref],
    });
  }
  if (lack !== undefined) return unknownBy(subject, lack);
  const opened = recent.reduce((sum, { body }) => sum + body.sessionsOpened, 0);
  return met(subject, why('sessions/equal', { opened }), recent.map(({ ref }) => ref).slice(-3));
}

function judgeDevice(view: View, { id, bornAt, sessions }: Device): Finding {
  const { failures, lastFailure, last } = sessions;
  const count = excessOf(failures, view.at);
  const limit = view.terms.number('maxFailures');
  if (count !== undefined)
    return breached(id, why('authn/burst', { count, limit, reason: lastFailure?.what ?? '' }), {
      code: 'AUTHN_FAIL_BURST',
      refs: refsOf(lastFailure),
    });
  const lack = lackOf(view, 'session.open', last, bornAt);
  if (lack !== undefined) return unknownBy(id, lack, refsOf(last));
  return met(id, why('authn/good', { limit }), refsOf(last));
}

/**
 * B2.2.4 Per-connection authentication: in every window the sessions opened equal the successful authentications
 * (subject `sessions`, windows reconciled within the age), and no device fails more than `maxFailures` times in any 60
 * minutes. Subjects: each active device, and any other whose failures exceed the limit.
 */
export const b224: Rule = {
  id: 'B2.2.4',
  reads: readsActive,
  judge: (view): Outcome => {
    const { active, silent } = activeDevices(view);
    const seen = new Set(active.map(({ id }) => id));
    const others = [...view.evaluation.devices.byId.values()].filter(
      ({ id, sessions }) => !seen.has(id) && excessOf(sessions.failures, view.at) !== undefined,
    );
    const devices = [...active, ...others].map((device) => judgeDevice(view, device));
    // The counts alone are no population: no sessions at all would agree with no authentications.
    return { findings: devices.length === 0 ? [] : [judgeCounts(view), ...devices], counts: { silent } };
  },
};
