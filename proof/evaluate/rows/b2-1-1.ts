import { dayMs } from '../sessions.ts';
import { activeModels, breached, lackOf, met, type Outcome, unknown, unknownBy, type View, why } from '../finding.ts';
import type { Model } from '../models.ts';
import { type Rule, readsActive } from '../rule.ts';
import type { Finding, Seen } from '../types.ts';

/** What is wrong with the file itself; undefined: nothing. */
function faultOf(view: View, model: Model, profile: Seen<'model.profile.sign'>): Finding | undefined {
  const { body, at, ref } = profile;
  const limit = view.terms.ms('fileMaxAge');
  const refs = [ref];
  const expired = { code: 'MODEL_FILE_EXPIRED', refs };
  if (view.at - at > limit)
    return breached(model.id, why('model/file-old', { age: { ms: view.at - at }, limit: { ms: limit } }), expired);
  if (body.supportEnd <= view.at) return breached(model.id, why('model/support-over', { end: { at: body.supportEnd } }), expired);
  if (body.missing.length > 0) {
    const parts = body.missing.join(', ');
    return breached(model.id, why('model/file-incomplete', { parts }), { code: 'MODEL_FILE_MISSING', refs });
  }
  return undefined;
}

/** Whose key signed: without B's keys nothing can be said, with another's the file is not B's. */
function judgeSigner(view: View, model: Model, profile: Seen<'model.profile.sign'>): Finding | undefined {
  const { keys } = view.evaluation.signatures;
  const { signer } = profile.body;
  if (keys.size === 0) return unknown(model.id, why('model/no-party-key'), [profile.ref]);
  if (keys.has(signer)) return undefined;
  return breached(model.id, why('model/foreign-signer', { signer }), { code: 'MODEL_FILE_MISSING', refs: [profile.ref] });
}

function judgeModel(view: View, model: Model): Finding {
  const { profile, sbom } = model;
  if (profile === undefined) return unknownBy(model.id, noFile(view, model, 'model.profile.sign'));
  // The criterion limits the age of the file itself, so an old one is breached, not unknown.
  const fault = faultOf(view, model, profile) ?? judgeSigner(view, model, profile);
  if (fault !== undefined) return fault;
  if (sbom === undefined) return unknownBy(model.id, noFile(view, model, 'sbom.ingest'), [profile.ref]);

  const refs = [profile.ref, sbom.ref];
  if (!sbom.body.parsed || !/^(cyclonedx|spdx)/i.test(sbom.body.format))
    return breached(model.id, why('model/sbom-unread', { format: sbom.body.format }), { code: 'MODEL_FILE_MISSING', refs });
  const left = { ms: profile.body.supportEnd - view.at };
  return met(model.id, why('model/file-good', { age: { ms: view.at - profile.at }, left, components: sbom.body.components }), refs);
}

const noFile = (view: View, model: Model, kind: 'model.profile.sign' | 'sbom.ingest'): NonNullable<ReturnType<typeof lackOf>> => ({
  kind,
  since: model.bornAt,
  why: lackOf(view, kind, undefined, model.bornAt)?.why ?? why('evidence/missing', { kind }),
});

const unborn = (id: string, at: number): Model => ({
  id,
  bornAt: at,
  profile: undefined,
  sbom: undefined,
  manifest: undefined,
  countersigned: undefined,
  validated: undefined,
  messages: { slotMs: dayMs, slots: 1, width: 0, cells: new Map(), newest: -1 },
  undeclared: undefined,
});

/**
 * B2.1.1 Security design file: every model with an active device has a file signed by a key of B, at most `fileMaxAge`
 * old, complete, with a support end in the future and an SBOM that parses. Subject: the model.
 */
export const b211: Rule = {
  id: 'B2.1.1',
  reads: [...readsActive, 'party.key', 'agreement.sign'],
  judge: (view): Outcome => {
    const { models, openedAt } = view.evaluation;
    const known = [...activeModels(view)];
    return {
      findings: known.map((id) => judgeModel(view, models.byId.get(id) ?? unborn(id, openedAt ?? view.at))),
    };
  },
};
