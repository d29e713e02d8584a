import {
  activeModels,
  beginning,
  breached,
  met,
  missing,
  type Outcome,
  unknown,
  unknownBy,
  type View,
  why,
} from '../finding.ts';
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
  if (body.supportEnd <= view.at)
    return breached(model.id, why('model/support-over', { end: { at: body.supportEnd } }), expired);
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
  return breached(model.id, why('model/foreign-signer', { signer }), {
    code: 'MODEL_FILE_MISSING',
    refs: [profile.ref],
  });
}

function judgeModel(view: View, id: string, model: Model | undefined): Finding {
  const bornAt = model?.bornAt ?? beginning(view);
  if (model?.profile === undefined) return unknownBy(id, missing('model.profile.sign', bornAt));
  const { profile, sbom } = model;
  // The criterion limits the age of the file itself, so an old one is breached, not unknown.
  const fault = faultOf(view, model, profile) ?? judgeSigner(view, model, profile);
  if (fault !== undefined) return fault;
  if (sbom === undefined) return unknownBy(id, missing('sbom.ingest', bornAt), [profile.ref]);

  const refs = [profile.ref, sbom.ref];
  const { parsed, format, components } = sbom.body;
  if (!parsed || !/^(cyclonedx|spdx)/i.test(format))
    return breached(id, why('model/sbom-unread', { format }), { code: 'MODEL_FILE_MISSING', refs });
  const left = { ms: profile.body.supportEnd - view.at };
  return met(id, why('model/file-good', { age: { ms: view.at - profile.at }, left, components }), refs);
}

/**
 * B2.1.1 Security design file: every model with an active device has a file signed by a key of B, at most `fileMaxAge`
 * old, complete, with a support end in the future and an SBOM that parses. Subject: the model.
 */
export const b211: Rule = {
  id: 'B2.1.1',
  reads: [...readsActive, 'party.key', 'agreement.sign'],
  judge: (view): Outcome => {
    const { byId } = view.evaluation.models;
    return { findings: [...activeModels(view)].map((id) => judgeModel(view, id, byId.get(id))) };
  },
};
