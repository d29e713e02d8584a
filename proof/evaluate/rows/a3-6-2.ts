import { highestLevelOf, isolationLevels } from '@pactgate/protocol';
import type { Device } from '../devices.ts';
import {
  atRisk,
  beginning,
  breached,
  lackOf,
  met,
  missing,
  type Outcome,
  refsOf,
  unknownBy,
  type View,
  why,
} from '../finding.ts';
import { levelAt } from '../identity.ts';
import type { Case } from '../incidents.ts';
import type { Rule } from '../rule.ts';
import { dayMs } from '../sessions.ts';
import type { Finding } from '../types.ts';

/** Levels of the ladder at which something is forbidden, short of revocation, whose refusals A3.1.1 probes. */
export const probedLevels: readonly number[] = isolationLevels
  .map(({ level }) => level)
  .filter((level) => level > highestLevelOf.ordinary && level < 5);

function judgeProbe(view: View, level: number): Finding {
  const subject = `level-${level}`;
  const probe = view.evaluation.incidents.probes.get(level);
  const lack = lackOf(view, 'probe.isolation', probe, beginning(view));
  if (lack !== undefined || probe === undefined)
    return unknownBy(subject, lack ?? missing('probe.isolation', beginning(view)), refsOf(probe));
  const { leaks, forbidden } = probe.body;
  const refs = [probe.ref];
  if (leaks.length > 0)
    return breached(subject, why('isolate/leak', { what: leaks.join(', '), level }), { code: 'CONTAIN_LEAKY', refs });
  if (forbidden.length === 0)
    return {
      ...unknownBy(subject, { kind: 'probe.isolation', since: probe.at, why: why('isolate/untried', { level }) }),
      refs,
    };
  return met(subject, why('isolate/tight', { tried: forbidden.length, level, age: { ms: view.at - probe.at } }), refs);
}

/** A late containment shows for a day after it, so that no rhythm of judging misses it; none for lower severities. */
function judgeCase(view: View, { id, severity, confirmed, contained }: Case): Finding | undefined {
  const name = severity === 'critical' ? 'containCritical' : severity === 'high' ? 'containHigh' : undefined;
  if (name === undefined) return undefined;
  const limit = view.terms.ms(name);
  const took = (contained?.at ?? view.at) - confirmed.at;
  const args = { severity, took: { ms: took }, limit: { ms: limit } };
  const refs = refsOf({ ref: confirmed.ref }, contained);
  const slow = { code: 'CONTAIN_SLOW', refs, cureMs: null };
  if (contained === undefined)
    return took > limit ? breached(id, why('case/uncontained', args), slow) : atRisk(id, why('case/open', args), refs);
  const shows = took > limit && view.at - contained.at < dayMs;
  return shows ? breached(id, why('case/late', args), slow) : met(id, why('case/contained', args), refs);
}

/** A device that leaked once is judged from then on: tight again when a day has passed. */
function judgeLeak(view: View, { id, identity: { leak } }: Device): Finding | undefined {
  if (leak === undefined) return undefined;
  const args = { what: leak.what, at: { at: leak.at } };
  if (view.at - leak.at >= dayMs) return met(id, why('isolate/no-leak-since', args), [leak.ref]);
  return breached(id, why('isolate/leak-device', args), { code: 'CONTAIN_LEAKY', refs: [leak.ref] });
}

/**
 * A3.6.2 Containment and isolation: a confirmed incident is contained within `containCritical` or `containHigh` (at-risk
 * while the timer runs), and no isolated device was permitted an operation outside its level. Subjects: each level of
 * {@link probedLevels}, by the newest probe device; each confirmed incident of those severities that is not closed; and
 * each device that leaked, by its own records: a session or permit at level 4 or 5 well after the order.
 */
export const a362: Rule = {
  id: 'A3.6.2',
  reads: ['incident.close', 'device.state', 'session.open', 'authz.decide'],
  judge: (view): Outcome => {
    const { incidents, devices } = view.evaluation;
    const all = [...devices.byId.values()];
    const leaky = all.flatMap((device) => judgeLeak(view, device) ?? []);
    const levels = new Set([...probedLevels, ...incidents.probes.keys()]);
    const isolated = all.filter(({ identity }) => levelAt(identity, view.at) >= 2).length;
    return {
      findings: [
        ...[...levels].toSorted((a, b) => a - b).map((level) => judgeProbe(view, level)),
        ...[...incidents.cases.values()].flatMap((one) => judgeCase(view, one) ?? []),
        ...leaky,
      ],
      counts: { isolated },
    };
  },
};
