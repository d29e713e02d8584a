import {
  beginning,
  breached,
  lackOf,
  met,
  missing,
  type Outcome,
  sourcesOf,
  unknownBy,
  type View,
  why,
} from '../finding.ts';
import type { Rule } from '../rule.ts';
import type { Finding, Ref } from '../types.ts';

const code = 'LOG_GAP';

function judgeSources(view: View): readonly Finding[] {
  const { reconciled } = view.evaluation.ledger;
  const openedAt = beginning(view);
  const lack = lackOf(view, 'ledger.reconcile', reconciled.at(-1), openedAt);
  const age = view.terms.age('ledger.reconcile') ?? 0;
  const recent = reconciled.filter(({ at }) => view.at - at <= age);
  const bySource = new Map<string, Finding>();
  for (const seen of recent)
    for (const { source, log, counted, logged } of sourcesOf(view, seen)) {
      const subject = `${source} ${log}`.slice(0, 128);
      const args = { counted, logged, from: { at: seen.body.from } };
      if (counted !== logged)
        bySource.set(subject, breached(subject, why('log/gap', args), { code, refs: [seen.ref] }));
      else if (bySource.get(subject)?.status !== 'breached')
        bySource.set(subject, met(subject, why('log/whole', args), [seen.ref]));
    }
  if (lack !== undefined)
    return [...[...bySource.values()].filter(({ status }) => status === 'breached'), unknownBy('sources', lack)];
  if (bySource.size > 0) return [...bySource.values()];
  const last = reconciled.at(-1);
  return [unknownBy('sources', { kind: 'ledger.reconcile', since: last?.at ?? openedAt, why: why('log/no-source') })];
}

function judgeOutbox(view: View): Finding {
  const { lags } = view.evaluation.ledger;
  const lack = lackOf(view, 'outbox.lag', lags.at(-1), beginning(view));
  if (lack !== undefined) return unknownBy('outbox', lack);
  const age = view.terms.age('outbox.lag') ?? 0;
  const limit = view.terms.ms('outboxMaxAge');
  // Measured against a longer limit than agreed, a share proves nothing.
  const usable = lags.filter(({ at, body }) => view.at - at <= age && body.limitMs <= limit);
  const rows = usable.reduce((sum, { body }) => sum + body.rows, 0);
  const within = usable.reduce((sum, { body }) => sum + body.rows * body.withinShare, 0);
  const refs: readonly Ref[] = usable.map(({ ref }) => ref).slice(-3);
  if (rows === 0) {
    const since = lags.at(-1)?.at ?? view.at;
    return unknownBy('outbox', { kind: 'outbox.lag', since, why: why('outbox/no-rows') });
  }
  const share = view.terms.number('outboxShare');
  const args = { rows, share: { share: within / rows }, wanted: { share }, limit: { ms: limit } };
  if (within + 1e-6 >= share * rows) return met('outbox', why('outbox/good', args), refs);
  return breached('outbox', why('outbox/slow', args), { code, refs });
}

function judgeClock(view: View): Finding {
  const { clock } = view.evaluation.ledger;
  const lack = lackOf(view, 'clock.check', clock, beginning(view));
  if (lack !== undefined || clock === undefined)
    return unknownBy('clock', lack ?? missing('clock.check', beginning(view)));
  const { offsetMs, uncertaintyMs, method } = clock.body;
  const limit = view.terms.ms('clockOffset');
  const args = { offset: { ms: offsetMs }, uncertainty: { ms: uncertaintyMs }, limit: { ms: limit }, method };
  if (offsetMs - uncertaintyMs > limit) return breached('clock', why('clock/off', args), { code, refs: [clock.ref] });
  if (offsetMs + uncertaintyMs <= limit) return met('clock', why('clock/good', args), [clock.ref]);
  return {
    ...unknownBy('clock', { kind: 'clock.check', since: clock.at, why: why('clock/uncertain', args) }),
    refs: [clock.ref],
  };
}

/**
 * A3.4.1 Key operation logging. Subjects: each source and log of the windows reconciled within the age (counters must
 * equal leaves; the agreement's log, the platform's and the master log), `outbox` (`outboxShare` of rows at most
 * `outboxMaxAge` old when sequenced) and `clock` (offset at most `clockOffset`; a measure too coarse to say is
 * unknown). No source counted is unknown, not "no gap". The sample of device receipts has no record of its own yet and
 * is not judged.
 */
export const a341: Rule = {
  id: 'A3.4.1',
  reads: [],
  judge: (view): Outcome => ({ findings: [...judgeSources(view), judgeOutbox(view), judgeClock(view)] }),
};
