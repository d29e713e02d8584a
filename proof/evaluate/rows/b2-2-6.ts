import type { Device } from '../devices.ts';
import { activeDevices, breached, lackOf, met, type Outcome, refsOf, unknownBy, type View, why } from '../finding.ts';
import { type Rule, readsActive } from '../rule.ts';
import type { Finding } from '../types.ts';
import { excessOf, sumOf } from '../windows.ts';

const code = 'AUTHZ_OVERREACH';

function offenceOf(view: View, { id, conduct }: Device): Finding | undefined {
  const { terms, at } = view;
  const { foreign, lastDenial, denials, requests } = conduct;
  const window = terms.ms('shareWindow');
  if (foreign !== undefined && at - foreign.at < window)
    return breached(id, why('authz/foreign', { resource: foreign.what, at: { at: foreign.at } }), {
      code,
      refs: [foreign.ref],
    });

  const refs = refsOf(lastDenial);
  const count = excessOf(denials, at);
  if (count !== undefined) {
    const limit = terms.number('warnAbove');
    return breached(id, why('authz/denials', { count, limit, resource: lastDenial?.what ?? '' }), { code, refs });
  }
  const [total = 0, denied = 0] = requests === undefined ? [] : sumOf(requests, at);
  const limit = terms.number('denialShare');
  if (total < terms.number('minRequests') || denied / total <= limit) return undefined;
  return breached(
    id,
    why('authz/share', {
      denied,
      total,
      share: { share: denied / total },
      limit: { share: limit },
      window: { ms: window },
    }),
    { code, refs },
  );
}

/**
 * B2.2.6 Authorisation boundary kept: denials of a device are at most `warnAbove` in any 60 minutes; where it made
 * `minRequests` in `shareWindow`, at most `denialShare` of them were denied; none was a write to a resource of another
 * party. Subjects: each active device, and any other with an offence. Requests are permits and denials together.
 */
export const b226: Rule = {
  id: 'B2.2.6',
  reads: readsActive,
  judge: (view): Outcome => {
    const { active, silent } = activeDevices(view);
    const seen = new Set(active.map(({ id }) => id));
    const findings = active.map((device) => {
      const { id, bornAt, conduct } = device;
      const offence = offenceOf(view, device);
      if (offence !== undefined) return offence;
      const lack = lackOf(view, 'authz.decide', conduct.decided, bornAt);
      if (lack !== undefined) return unknownBy(id, lack);
      const [total = 0, denied = 0] = conduct.requests === undefined ? [] : sumOf(conduct.requests, view.at);
      return met(id, why('authz/good', { denied, total }), refsOf(conduct.decided));
    });
    const others = [...view.evaluation.devices.byId.values()].filter(({ id }) => !seen.has(id));
    return {
      findings: [...findings, ...others.flatMap((device) => offenceOf(view, device) ?? [])],
      counts: { silent },
    };
  },
};
