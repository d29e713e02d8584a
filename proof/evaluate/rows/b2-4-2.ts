import { activeModels, breached, met, missing, type Outcome, unknown, unknownBy, type View, why } from '../finding.ts';
import type { Model } from '../models.ts';
import { type Rule, readsActive } from '../rule.ts';
import type { Finding } from '../types.ts';

const code = 'SCHEMA_UNTAGGED';

function judgeReview(view: View, id: string, reviewedAt: number, reviewBy: number): Finding | undefined {
  const limit = view.terms.ms('reviewMaxAge');
  const age = view.at - reviewedAt;
  if (age > limit) return breached(id, why('schema/review-old', { age: { ms: age }, limit: { ms: limit } }), { code });
  if (reviewBy < view.at) return breached(id, why('schema/review-due', { due: { at: reviewBy } }), { code });
  return undefined;
}

function judgeModel(view: View, id: string, model: Model | undefined): Finding {
  const bornAt = model?.bornAt ?? view.evaluation.openedAt ?? view.at;
  if (model?.manifest === undefined) return unknownBy(id, missing('schema.publish', bornAt));
  const { manifest: newest, countersigned } = model;
  if (countersigned === undefined) return unknownBy(id, missing('schema.countersign', newest.at), [newest.ref]);
  const { by, manifest } = countersigned;
  const refs = [by.ref, ...(manifest ? [manifest.ref] : [])];
  const { version } = by.body;
  if (manifest === undefined || manifest.body.digest !== by.body.digest)
    return breached(id, why('schema/countersigned-other', { version }), { code, refs });

  const { untagged, fields, signer, reviewBy } = manifest.body;
  if (untagged.length > 0) {
    const named = untagged.slice(0, 5).join(', ');
    return breached(id, why('schema/untagged', { version, n: untagged.length, fields: named }), { code, refs });
  }
  const review = judgeReview(view, id, manifest.at, reviewBy);
  if (review !== undefined) return { ...review, refs };
  const { keys } = view.evaluation.signatures;
  if (keys.size === 0) return unknown(id, why('model/no-party-key'), refs);
  if (!keys.has(signer)) return breached(id, why('model/foreign-signer', { signer }), { code, refs });
  return met(id, why('schema/good', { version, fields, age: { ms: view.at - manifest.at } }), refs);
}

/**
 * B2.4.2 Purpose and class declaration: every field of every manifest in force is tagged, the manifest is signed by B
 * and countersigned by A, and was reviewed (published) at most `reviewMaxAge` ago and not past its own review date.
 * In force is the manifest countersigned last; a newer one waits. Subject: each model with a manifest or an active device.
 */
export const b242: Rule = {
  id: 'B2.4.2',
  reads: [...readsActive, 'party.key', 'agreement.sign'],
  judge: (view): Outcome => {
    const { byId } = view.evaluation.models;
    const declared = [...byId.values()].filter(({ manifest }) => manifest !== undefined).map(({ id }) => id);
    const ids = new Set([...activeModels(view), ...declared]);
    return { findings: [...ids].map((id) => judgeModel(view, id, byId.get(id))) };
  },
};
