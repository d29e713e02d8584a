import {
  beginning,
  breached,
  type Lack,
  lackOf,
  met,
  type Outcome,
  refsOf,
  unknownBy,
  type View,
  why,
} from '../finding.ts';
import type { Rule } from '../rule.ts';
import type { Finding } from '../types.ts';
import { sumOf } from '../windows.ts';

const subject = 'decisions';

function judgeCounts(view: View): Finding | Lack | undefined {
  const { reconciled } = view.evaluation.ledger;
  const age = view.terms.age('ledger.reconcile') ?? 0;
  const wrong = reconciled.find(({ at, body }) => view.at - at <= age && body.operations !== body.decisions);
  if (wrong !== undefined) {
    const { operations, decisions, from } = wrong.body;
    return breached(subject, why('decide/unequal', { operations, decisions, from: { at: from } }), {
      code: 'DECISION_MISSING',
      refs: [wrong.ref],
    });
  }
  return lackOf(view, 'ledger.reconcile', reconciled.at(-1), beginning(view));
}

/** Samples of a day are enough when they reach the agreed number, or all the decisions there were before the replay. */
function judgeReplay(view: View): Finding | Lack | undefined {
  const { probes, decisions } = view.evaluation;
  const last = probes.replays.at(-1);
  const lack = lackOf(view, 'probe.authz.replay', last, beginning(view));
  if (lack !== undefined || last === undefined) return lack;
  const age = view.terms.age('probe.authz.replay') ?? Number.POSITIVE_INFINITY;
  const recent = probes.replays.filter(({ at }) => view.at - at <= age);
  const other = recent.find(({ body }) => body.equal < body.samples || body.diverged.length > 0);
  if (other !== undefined) {
    const { samples, equal, diverged } = other.body;
    const args = { other: Math.max(samples - equal, diverged.length), samples, sample: diverged[0] ?? '' };
    return breached(subject, why('decide/diverged', args), { code: 'DECISION_DIVERGED', refs: [other.ref] });
  }
  const samples = recent.reduce((sum, { body }) => sum + body.samples, 0);
  const [made = 0] = sumOf(decisions.tally, view.at, last.at);
  const wanted = Math.max(1, Math.min(view.terms.number('replaySamples'), made));
  if (samples >= wanted) return undefined;
  return { kind: 'probe.authz.replay', since: last.at, why: why('decide/few-samples', { samples, wanted }) };
}

function judgeTime(view: View): Finding | Lack | undefined {
  const { decisions } = view.evaluation;
  const lack = lackOf(view, 'authz.decide', decisions.last, beginning(view));
  if (lack !== undefined) return lack;
  const [, timed = 0, within = 0] = sumOf(decisions.tally, view.at);
  if (timed === 0) return { kind: 'authz.decide', since: decisions.last?.at ?? view.at, why: why('decide/untimed') };
  const share = view.terms.number('decideShare');
  // One decision of a few is no share: of nine, the slowest one alone says nothing of `decideShare`.
  if (timed - within <= Math.ceil((1 - share) * timed - 1e-9)) return undefined;
  const args = {
    share: { share: within / timed },
    limit: { share },
    within: { ms: view.terms.ms('decideWithin') },
    timed,
  };
  return breached(subject, why('decide/slow', args), {
    code: 'DECISION_MISSING',
    refs: refsOf(decisions.last),
  });
}

const isFinding = (part: Finding | Lack): part is Finding => 'status' in part;

/**
 * A3.1.3 Access decisions recorded: in every window decisions equal operations (windows reconciled within the age),
 * replays of the last day gave the same answers on `replaySamples` samples, or on all the decisions there were when
 * fewer, and all but the share of the timed decisions that `decideShare` leaves (rounded up to whole decisions) took at
 * most `decideWithin`. That each decision carries a policy
 * digest is held by the schema of its record. One subject. No decision, no replay, no sample: unknown.
 */
export const a313: Rule = {
  id: 'A3.1.3',
  reads: [],
  judge: (view): Outcome => {
    const parts = [judgeCounts(view), judgeReplay(view), judgeTime(view)].filter((part) => part !== undefined);
    const breach = parts.find((part) => isFinding(part));
    if (breach !== undefined && isFinding(breach)) return { findings: [breach] };
    const lack = parts.find((part) => !isFinding(part));
    if (lack !== undefined && !isFinding(lack)) return { findings: [unknownBy(subject, lack)] };
    const { ledger, probes, decisions } = view.evaluation;
    const [made = 0, timed = 0, within = 0] = sumOf(decisions.tally, view.at);
    const refs = refsOf(ledger.reconciled.at(-1), probes.replays.at(-1), decisions.last);
    return { findings: [met(subject, why('decide/good', { made, share: { share: within / timed } }), refs)] };
  },
};
