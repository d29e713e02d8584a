import {
  activeModels,
  breached,
  lackOf,
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
import type { Finding } from '../types.ts';
import { sumOf } from '../windows.ts';

const code = 'FIELD_EXCESS';

function judgeModel(view: View, id: string, model: Model | undefined): Finding {
  const bornAt = model?.bornAt ?? view.evaluation.openedAt ?? view.at;
  if (model?.manifest === undefined) return unknownBy(id, missing('schema.publish', bornAt));
  const { validated, manifest, undeclared } = model;
  const lack = lackOf(view, 'msg.validate', validated, bornAt);
  const refs = [...(validated ? [validated.ref] : []), manifest.ref];
  const [messages = 0, excess = 0, stored = 0] = sumOf(model.messages, view.at);
  const day = { ms: view.evaluation.models.dayMs };
  const limit = view.terms.number('undeclaredShare');
  const field = undeclared ?? '';
  if (stored > 0) return breached(id, why('fields/stored', { stored, field, day }), { code, refs });
  if (messages > 0 && excess > limit * messages) {
    const share = { share: excess / messages };
    return breached(id, why('fields/excess', { excess, messages, share, limit: { share: limit }, field, day }), {
      code,
      refs,
    });
  }
  if (lack !== undefined) return unknownBy(id, lack, refs);
  if (messages === 0) return unknown(id, why('fields/no-messages', { day }), refs);
  return met(id, why('fields/good', { excess, messages, day }), refs);
}

/**
 * B2.4.1 Data minimisation: messages with undeclared fields are at most `undeclaredShare` of the messages of a model a
 * day, and no undeclared field is stored. The share is one per model; the day is the agreed age of `msg.validate`
 * (24 h), counted in hours. Subjects: models with an active device or with messages; none sent, nothing judged.
 */
export const b241: Rule = {
  id: 'B2.4.1',
  reads: readsActive,
  judge: (view): Outcome => {
    const { byId } = view.evaluation.models;
    const talking = [...byId.values()]
      .filter(({ messages }) => (sumOf(messages, view.at)[0] ?? 0) > 0)
      .map(({ id }) => id);
    const ids = new Set([...activeModels(view), ...talking]);
    return { findings: [...ids].map((id) => judgeModel(view, id, byId.get(id))) };
  },
};
