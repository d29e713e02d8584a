import { breached, brokenSources, met, type Outcome, refsOf, unknownBy, why } from '../finding.ts';
import type { Rule } from '../rule.ts';
import { dayMs } from '../sessions.ts';

/**
 * B2.2.3 First-access authentication: every device with a session has an earlier enrolment leaf with verified proof of
 * possession and an approved claim. Subject: each device that had a session and is not retired; it holds its last state
 * while the sources of events are whole. An offence shows for a day, and as long as it is the device's last session.
 */
export const b223: Rule = {
  id: 'B2.2.3',
  reads: ['device.register', 'device.state', 'ledger.reconcile'],
  judge: (view): Outcome => {
    const broken = brokenSources(view);
    const devices = [...view.evaluation.devices.byId.values()].filter(({ sessions }) => sessions.last !== undefined);
    return {
      findings: devices.map(({ id, sessions: { last, unenrolled }, identity: { enrolled } }) => {
        const fresh = unenrolled !== undefined && view.at - unenrolled.at < dayMs;
        if (unenrolled !== undefined && (fresh || enrolled === undefined))
          return breached(id, why('enrol/none-before', { spki: unenrolled.what, at: { at: unenrolled.at } }), {
            code: 'FIRST_ACCESS_UNENROLLED',
            refs: [unenrolled.ref],
          });
        if (broken !== undefined) return unknownBy(id, broken);
        return met(id, why('enrol/before', { at: { at: enrolled?.at ?? 0 } }), refsOf(enrolled, last));
      }),
    };
  },
};
