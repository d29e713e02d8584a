import {
  activeModels,
  beginning,
  breached,
  met,
  missing,
  type Outcome,
  refsOf,
  unknown,
  unknownBy,
  type View,
  why,
} from '../finding.ts';
import type { Model } from '../models.ts';
import { type Rule, readsActive } from '../rule.ts';
import type { Finding, Seen } from '../types.ts';

const code = 'SCHEMA_UNTAGGED';

function judgeReview(view: View, id: string, reviewedAt: number, reviewBy: number): Finding | undefined {
  const limit = view.terms.ms('reviewMaxAge');
  const age = view.at - reviewedAt;
  if (age > limit) return breached(id, why('schema/review-old', { age: { ms: age }, limit: { ms: limit } }), { code });
  if (reviewBy < view.at) return breached(id, why('schema/review-due', { due: { at: reviewBy } }), { code });
  return undefined;
}

type Manifest = Seen<'schema.publish'>;

/** What is wrong with a manifest in force; undefined: nothing. */
function judgeManifest(view: View, id: string, manifest: Manifest): Finding | undefined {
  const { untagged, signer, version, reviewBy } = manifest.body;
  if (untagged.length > 0) {
    const args = { version, n: untagged.length, fields: untagged.slice(0, 5).join(', ') };
    return breached(id, why('schema/untagged', args), { code });
  }
  const review = judgeReview(view, id, manifest.at, reviewBy);
  if (review !== undefined) return review;
  const { keys } = view.evaluation.signatures;
  if (keys.size === 0) return unknown(id, why('model/no-party-key'));
  return keys.has(signer) ? undefined : breached(id, why('model/foreign-signer', { signer }), { code });
}

function judgeModel(view: View, id: string, model: Model | undefined): Finding {
  const bornAt = model?.bornAt ?? beginning(view);
  if (model?.manifest === undefined) return unknownBy(id, missing('schema.publish', bornAt));
  const { manifest: newest, countersigned } = model;
  if (countersigned === undefined) return unknownBy(id, missing('schema.countersign', newest.at), [newest.ref]);
  const { by, manifest } = countersigned;
  const refs = refsOf(by, manifest);
  const { version } = by.body;
  if (manifest === undefined || manifest.body.digest !== by.body.digest)
    return breached(id, why('schema/countersigned-other', { version }), { code, refs });
  const found = judgeManifest(view, id, manifest);
  if (found !== undefined) return { ...found, refs };
  const args = { version, fields: manifest.body.fields, age: { ms: view.at - manifest.at } };
  return met(id, why('schema/good', args), refs);
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
