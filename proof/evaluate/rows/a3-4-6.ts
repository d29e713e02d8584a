import {
  atRisk,
  beginning,
  breached,
  met,
  missing,
  type Outcome,
  refsOf,
  unknownBy,
  type View,
  why,
} from '../finding.ts';
import { logNameOf, shardOf } from '../ledger.ts';
import { type Challenge, monthOf } from '../proofs.ts';
import type { Rule } from '../rule.ts';
import type { Finding, Seen } from '../types.ts';

const subject = 'evidence';
const code = 'EVIDENCE_UNVERIFIABLE';

/** Self-test of the newest shard of the agreement's own log: others prove nothing to its party. */
const selftestOf = (view: View): Seen<'ledger.proof.selftest'> | undefined =>
  [...view.evaluation.proofs.selftests.values()]
    .filter(({ body }) => logNameOf(body.origin) === view.evaluation.facts.agreement)
    .toSorted((a, b) => (shardOf(a.body.origin) < shardOf(b.body.origin) ? -1 : 1))
    .at(-1);

function judgeSelftest(view: View): Finding | undefined {
  const test = selftestOf(view);
  if (test === undefined) return unknownBy(subject, missing('ledger.proof.selftest', beginning(view)));
  const { body, at, ref } = test;
  const age = view.at - at;
  const limit = view.terms.ms('selfTestMaxAge');
  const breach = { code, refs: [ref] };
  // The criterion itself limits the age of the verification.
  if (age > limit) return breached(subject, why('proof/old', { age: { ms: age }, limit: { ms: limit } }), breach);
  if (!body.passed)
    return breached(subject, why('proof/failed', { verifier: body.verifier, error: body.error ?? '' }), breach);
  const wanted = Math.min(view.terms.number('randomLeaves'), body.size);
  if (body.leaves >= wanted) return undefined;
  const short = why('proof/few-leaves', { leaves: body.leaves, wanted });
  return { ...unknownBy(subject, { kind: 'ledger.proof.selftest', since: at, why: short }), refs: [ref] };
}

function judgeRequests(view: View): Finding | undefined {
  const { requests = 0, answered = 0 } = view.evaluation.proofs.months.get(monthOf(view.at)) ?? {};
  const share = view.terms.number('proofSuccess');
  if (answered + 1e-9 >= share * requests) return undefined; // nobody asked: nothing failed
  const args = { requests, answered, share: { share: answered / requests }, wanted: { share } };
  const test = selftestOf(view);
  return breached(subject, why('proof/unanswered', args), { code, refs: refsOf(test) });
}

/** The last export decides: a later one in time cures. */
function judgeExport(view: View): Finding | undefined {
  const { exported } = view.evaluation.proofs;
  const limit = view.terms.ms('exportWithin');
  const took = exported === undefined ? 0 : exported.body.readyAt - exported.body.requestedAt;
  if (exported === undefined || took <= limit) return undefined;
  return breached(subject, why('export/late', { took: { ms: took }, limit: { ms: limit } }), {
    code,
    refs: [exported.ref],
  });
}

function judgeChallenges(view: View): Finding | undefined {
  const open = [...view.evaluation.proofs.challenges.values()]
    .filter(isOpen)
    .toSorted((a, b) => a.opened.at - b.opened.at);
  const [oldest] = open;
  if (oldest === undefined) return undefined;
  const age = view.at - oldest.opened.at;
  const limit = view.terms.ms('challengeWithin');
  const args = { challenge: oldest.id, age: { ms: age }, limit: { ms: limit } };
  const refs = [oldest.opened.ref];
  return age > limit
    ? breached(subject, why('challenge/late', args), { code, refs })
    : atRisk(subject, why('challenge/open', args), refs);
}

const isOpen = (challenge: Challenge): challenge is Challenge & { readonly opened: NonNullable<Challenge['opened']> } =>
  challenge.opened !== undefined && challenge.resolvedAt === undefined;

/**
 * A3.4.6 Verifiable evidence: the independent verification at most `selfTestMaxAge` ago passed on the agreement's log
 * and `randomLeaves` of its leaves (all, when it has fewer); at least `proofSuccess` of this calendar month's proof
 * requests were answered (UTC; months without one have none that failed); the last export was ready within
 * `exportWithin`; no challenge is open for longer than `challengeWithin`, and one that is open is at-risk. One subject.
 */
export const a346: Rule = {
  id: 'A3.4.6',
  reads: [],
  judge: (view): Outcome => {
    const parts = [judgeSelftest(view), judgeRequests(view), judgeExport(view), judgeChallenges(view)];
    const found = parts.filter((part) => part !== undefined);
    const by = (status: Finding['status']): Finding | undefined => found.find((part) => part.status === status);
    const test = selftestOf(view);
    const worst = by('breached') ?? by('unknown') ?? by('at-risk');
    if (worst !== undefined || test === undefined) return { findings: worst ? [worst] : [] };
    const { leaves, size, verifier } = test.body;
    return {
      findings: [
        met(subject, why('proof/good', { leaves, size, verifier, age: { ms: view.at - test.at } }), [test.ref]),
      ],
    };
  },
};
