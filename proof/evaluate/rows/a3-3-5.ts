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
import { type Check, type Log, logNameOf, shardOf } from '../ledger.ts';
import type { Rule } from '../rule.ts';
import type { Finding } from '../types.ts';
import type { Why } from '../why.ts';

const corrupt = 'LEDGER_CORRUPT';
const unwitnessed = 'LEDGER_UNWITNESSED';

/** Mismatches and forks do not lapse: only a later full recompute clears one, only a recovery the other. */
function judgeDamage(view: View, log: Log): Finding | undefined {
  const tellMs = view.terms.ms('tellWithin');
  const { conflict, recovered } = log;
  if (conflict !== undefined && (recovered === undefined || recovered.at < conflict.at)) {
    const { witness, size } = conflict.body;
    return breached(log.origin, why('ledger/fork', { witness, size }), {
      code: 'LEDGER_FORK',
      refs: [conflict.ref],
      cureMs: tellMs,
    });
  }
  const found = log.corrupt;
  if (found === undefined || (log.full !== undefined && log.full.at > found.at && log.full.mismatches === 0))
    return undefined;
  const args = { n: found.mismatches, why: found.why };
  return breached(log.origin, why('ledger/mismatch', args), { code: corrupt, refs: [found.ref], cureMs: tellMs });
}

/** The criterion itself limits the age of both checks, so an old one is breached; none at all is unknown. */
function judgeChecks(view: View, { origin, tail, full, bornAt }: Log): Finding | undefined {
  const late = (check: Check, limit: number, reason: 'ledger/tail-old' | 'ledger/full-old'): Finding | undefined => {
    const age = { ms: view.at - check.at };
    return age.ms > limit
      ? breached(origin, why(reason, { age, limit: { ms: limit } }), { code: corrupt, refs: [check.ref] })
      : undefined;
  };
  // A full recompute looks at the tail too.
  const newestTail = [tail, full].reduce((a, b) => (a === undefined || (b !== undefined && b.at > a.at) ? b : a));
  if (newestTail === undefined || full === undefined) return unknownBy(origin, missing('ledger.fsck', bornAt));
  return (
    late(newestTail, view.terms.ms('tailMaxAge'), 'ledger/tail-old') ??
    late(full, view.terms.ms('fullMaxAge'), 'ledger/full-old')
  );
}

function judgePace(view: View, { origin, checkpoint, bornAt }: Log): Finding | undefined {
  if (checkpoint === undefined) return unknownBy(origin, missing('ledger.checkpoint', bornAt));
  const { medianMs, withinShare, limitMs, published } = checkpoint.body;
  const typical = view.terms.ms('publishTypical');
  const limit = view.terms.ms('publishLimit');
  const share = view.terms.number('publishShare');
  if (published === 0) return undefined; // nothing grew, nothing was late
  const refs = [checkpoint.ref];
  const slow = (reason: Why): Finding => breached(origin, reason, { code: corrupt, refs });
  if (medianMs > typical) return slow(why('ledger/slow-median', { median: { ms: medianMs }, limit: { ms: typical } }));
  if (limitMs > limit || withinShare < share)
    return slow(why('ledger/slow-share', { share: { share: withinShare }, wanted: { share }, limit: { ms: limitMs } }));
  return undefined;
}

/** The timer of a silent witness runs from its last cosignature; from the log's first mention if there was none. */
function judgeWitness(view: View, { origin, cosign, refused, bornAt }: Log): Finding | undefined {
  const limit = view.terms.ms('cosignMaxAge');
  const last = cosign === undefined ? undefined : Math.min(cosign.body.cosignedAt, cosign.at);
  const silentMs = view.at - (last ?? bornAt);
  if (last !== undefined && silentMs <= limit) return undefined;
  const end = view.terms.ms('unwitnessedLimit');
  const args = { age: { ms: silentMs }, limit: { ms: end } };
  const refs = refsOf(cosign, refused);
  if (silentMs > end) {
    const turnedAway = refused !== undefined && refused.at > (cosign?.at ?? 0);
    const owner = turnedAway ? 'A' : 'B';
    return breached(origin, why(turnedAway ? 'ledger/witness-refused' : 'ledger/unwitnessed', args), {
      code: unwitnessed,
      owner,
      refs,
      cureMs: null,
    });
  }
  if (cosign === undefined) return unknownBy(origin, missing('ledger.cosign', bornAt));
  return atRisk(origin, why('ledger/witness-silent', args), refs);
}

function judgeLog(view: View, log: Log, isNewest: boolean): Finding {
  const damage = judgeDamage(view, log);
  if (damage !== undefined) return damage;
  const refs = refsOf(log.tail, log.full, log.checkpoint, log.cosign);
  const size = log.checkpoint?.body.size ?? 0;
  const good = met(log.origin, why('ledger/good', { size }), refs);
  if (!isNewest) return good; // a closed shard grows no more; the full recompute covers it
  const own = logNameOf(log.origin) === view.evaluation.facts.agreement;
  const witness = own && view.evaluation.facts.witness !== false ? judgeWitness(view, log) : undefined;
  const parts = [judgeChecks(view, log), judgePace(view, log), witness].filter((part) => part !== undefined);
  return (
    parts.find(({ status }) => status === 'breached') ??
    parts.find(({ status }) => status === 'unknown') ??
    parts[0] ??
    good
  );
}

/**
 * A3.3.5 Ledger and data integrity. Subject: each shard of the agreement's log, the platform's and the master log; a
 * log that nothing is recorded about is unknown by its name. No mismatch or conflict; tail checked within `tailMaxAge`
 * and all recomputed within `fullMaxAge`; checkpoints published in time; and the agreement's own log cosigned by B
 * within `cosignMaxAge` while its witness is up: a silent witness is at-risk, and after `unwitnessedLimit` breached,
 * owed by B unless A turned it away. Without an agreed witness the cosignature is not asked for.
 */
export const a335: Rule = {
  id: 'A3.3.5',
  reads: ['ledger.conflict', 'ledger.recover'],
  judge: (view): Outcome => {
    const { ledger, facts } = view.evaluation;
    const logs = [...ledger.logs.values()];
    const findings = [facts.agreement, 'platform', 'master'].flatMap((name) => {
      const shards = logs
        .filter(({ origin }) => logNameOf(origin) === name)
        .toSorted((a, b) => (shardOf(a.origin) < shardOf(b.origin) ? -1 : 1));
      if (shards.length === 0) return [unknownBy(name, missing('ledger.fsck', beginning(view)))];
      return shards.map((log, i) => judgeLog(view, log, i === shards.length - 1));
    });
    return { findings };
  },
};
