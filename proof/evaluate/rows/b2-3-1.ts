import { type Device, liveSessionsOf } from '../devices.ts';
import {
  activeDevices,
  atRisk,
  breached,
  brokenSources,
  lackOf,
  met,
  type Outcome,
  refsOf,
  unknownBy,
  type View,
  why,
} from '../finding.ts';
import { type Rule, readsActive } from '../rule.ts';
import { dayMs } from '../sessions.ts';
import type { Finding } from '../types.ts';

const code = 'WEAK_CHANNEL';

function offenceOf(view: View, { id, sessions }: Device): Finding | undefined {
  const { weak, weakRefusals } = sessions;
  if (weak !== undefined && view.at - weak.at < dayMs)
    return breached(id, why('channel/weak', { what: weak.what, at: { at: weak.at } }), { code, refs: [weak.ref] });
  if (weakRefusals === undefined || view.at - weakRefusals.last.at >= dayMs) return undefined;
  const { since, last, n } = weakRefusals;
  const cure = view.terms.ms('cure');
  const args = { n, what: last.what, since: { at: since }, cure: { ms: cure } };
  if (view.at - since > cure)
    return breached(id, why('channel/persistent', args), { code, refs: [last.ref], cureMs: null });
  return atRisk(id, why('channel/refused', args), [last.ref]);
}

/**
 * B2.3.1 Strong encryption throughout: every session uses TLS `minTls` or higher with a suite of the accept-list. A
 * weak session shows for a day. Attempts that were refused let nothing pass: they are at-risk, and breached once they
 * went on for longer than `cure`. Subject: each active device; a live session holds past the age of its leaf while the
 * sources of events are whole. No session, nothing judged: an empty population is unknown, not "all encrypted".
 */
export const b231: Rule = {
  id: 'B2.3.1',
  reads: [...readsActive, 'ledger.reconcile'],
  judge: (view): Outcome => {
    const { active, silent } = activeDevices(view);
    const broken = brokenSources(view);
    const startedAt = view.evaluation.probes.startedAt;
    const findings = active.map((device) => {
      const { id, bornAt, sessions } = device;
      const offence = offenceOf(view, device);
      if (offence?.status === 'breached') return offence;
      if (broken !== undefined) return unknownBy(id, broken);
      const lack =
        liveSessionsOf(device, startedAt).length > 0 ? undefined : lackOf(view, 'session.open', sessions.last, bornAt);
      if (lack !== undefined) return unknownBy(id, lack);
      if (offence !== undefined) return offence;
      const { tls = '', suite = '' } = sessions.last?.body ?? {};
      return met(id, why('channel/strong', { tls, suite }), refsOf(sessions.last));
    });
    const seen = new Set(active.map(({ id }) => id));
    const others = [...view.evaluation.devices.byId.values()].filter(({ id }) => !seen.has(id));
    return {
      findings: [...findings, ...others.flatMap((device) => offenceOf(view, device) ?? [])],
      counts: { silent },
    };
  },
};
