import { authnProbeCases } from '@pactgate/protocol';
import { breached, lackOf, met, missing, type Outcome, refsOf, unknownBy, type View, why } from '../finding.ts';
import type { Listener } from '../listeners.ts';
import type { Rule } from '../rule.ts';
import { dayMs } from '../sessions.ts';
import type { Finding, Seen } from '../types.ts';

const code = 'AUTHN_BYPASS';

function bypassOf(name: string, { body, ref }: Seen<'probe.authn.neg'>): Finding | undefined {
  const refs = [ref];
  const passed = body.cases.find(({ refused }) => !refused);
  if (passed !== undefined)
    return breached(name, why('probe/let-in', { case: passed.case, response: passed.response }), { code, refs });
  const unlogged = body.cases.find(({ logged }) => !logged);
  if (unlogged !== undefined) return breached(name, why('probe/not-logged', { case: unlogged.case }), { code, refs });
  return body.positive ? undefined : breached(name, why('probe/good-refused'), { code, refs });
}

function judgeListener(view: View, { name, bornAt, authn, unauthenticated }: Listener): Finding {
  if (unauthenticated !== undefined && view.at - unauthenticated.at < dayMs)
    return breached(name, why('session/unauthenticated', { at: { at: unauthenticated.at } }), {
      code,
      refs: [unauthenticated.ref],
    });
  const lack = lackOf(view, 'probe.authn.neg', authn, bornAt);
  if (lack !== undefined || authn === undefined)
    return unknownBy(name, lack ?? missing('probe.authn.neg', bornAt), refsOf(authn));
  const bypass = bypassOf(name, authn);
  if (bypass !== undefined) return bypass;
  const tried = new Set(authn.body.cases.map((one) => one.case));
  const left = authnProbeCases.filter((one) => !tried.has(one));
  if (left.length > 0) {
    const cases = why('probe/incomplete', { cases: left.join(', ') });
    return unknownBy(name, { kind: 'probe.authn.neg', since: authn.at, why: cases }, [authn.ref]);
  }
  return met(name, why('probe/all-refused', { cases: tried.size, age: { ms: view.at - authn.at } }), [authn.ref]);
}

/**
 * A3.1.1 Authentication enforcement: at every listener each negative probe of the last run was refused and logged and
 * the positive one let in, and no session was opened without authentication (shown for a day). A run that leaves out a
 * case of `authnProbeCases` proves nothing: unknown. Subject: each listener that was probed or carried a session; a
 * probe runner that died leaves it unknown, its last green result is worth nothing past its age.
 */
export const a311: Rule = {
  id: 'A3.1.1',
  reads: [],
  judge: (view): Outcome => {
    const named = [...view.evaluation.listeners.values()].filter(
      ({ authn, sessionAt }) => authn !== undefined || sessionAt > 0,
    );
    return { findings: named.map((listener) => judgeListener(view, listener)) };
  },
};
