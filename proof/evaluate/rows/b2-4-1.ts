import {
  activeModels,
  beginning,
  breached,
  lackOf,
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
import type { Finding } from '../types.ts';
import { sumOf } from '../windows.ts';

const code = 'FIELD_EXCESS';

function judgeSent(view: View, model: Model): Finding | undefined {
  const { id, validated, manifest, undeclared: field = '' } = model;
  const refs = refsOf(validated, manifest);
  const [messages = 0, excess = 0, stored = 0] = sumOf(model.messages, view.at);
  const day = { ms: view.evaluation.models.dayMs };
  const limit = view.terms.number('undeclaredShare');
  if (stored > 0) return breached(id, why('fields/stored', { stored, field, day }), { code, refs });
  if (excess <= limit * messages) return undefined;
  const args = { excess, messages, share: { share: excess / messages }, limit: { share: limit }, field, day };
  return breached(id, why('fields/excess', args), { code, refs });
}

function judgeModel(view: View, id: string, model: Model | undefined): Finding {
  const bornAt = model?.bornAt ?? beginning(view);
  if (model?.manifest === undefined) return unknownBy(id, missing('schema.publish', bornAt));
  const { validated, manifest } = model;
  const offence = judgeSent(view, model);
  if (offence !== undefined) return offence;
  const refs = refsOf(validated, manifest);
  const lack = lackOf(view, 'msg.validate', validated, bornAt);
  if (lack !== undefined) return unknownBy(id, lack, refs);
  const [messages = 0, excess = 0] = sumOf(model.messages, view.at);
  const day = { ms: view.evaluation.models.dayMs };
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
