import { type CatalogueRow, catalogue, type SubDutyId } from '@pactgate/agreement';
import { isRecordKind, type RecordKind } from '@pactgate/protocol';
import { encodeHex, encodeUtf8 } from '../bytes.ts';
import { sha256 } from '../sha256.ts';
import { a311 } from './rows/a3-1-1.ts';
import { a313 } from './rows/a3-1-3.ts';
import { a321 } from './rows/a3-2-1.ts';
import { a335 } from './rows/a3-3-5.ts';
import { a341 } from './rows/a3-4-1.ts';
import { a346 } from './rows/a3-4-6.ts';
import { a362 } from './rows/a3-6-2.ts';
import { b211 } from './rows/b2-1-1.ts';
import { b221 } from './rows/b2-2-1.ts';
import { b223 } from './rows/b2-2-3.ts';
import { b224 } from './rows/b2-2-4.ts';
import { b225 } from './rows/b2-2-5.ts';
import { b226 } from './rows/b2-2-6.ts';
import { b231 } from './rows/b2-3-1.ts';
import { b232 } from './rows/b2-3-2.ts';
import { b241 } from './rows/b2-4-1.ts';
import { b242 } from './rows/b2-4-2.ts';
import { b253 } from './rows/b2-5-3.ts';
import { b262 } from './rows/b2-6-2.ts';
import type { Rule } from './rule.ts';

const rules: readonly Rule[] = [
  b211,
  b221,
  b223,
  b224,
  b225,
  b226,
  b231,
  b232,
  b241,
  b242,
  b253,
  b262,
  a311,
  a313,
  a321,
  a335,
  a341,
  a346,
  a362,
];
const byId: ReadonlyMap<string, Rule> = new Map(rules.map((rule) => [rule.id, rule]));

/** Rows that this evaluator judges. */
export const implemented: readonly SubDutyId[] = rules.map(({ id }) => id);
/** Rows of the standard edition that nobody judges yet: shown and counted apart, never as met or unknown. */
export const notImplemented: readonly SubDutyId[] = catalogue.rows.map(({ id }) => id).filter((id) => !byId.has(id));

export const isImplemented = (id: string): boolean => byId.has(id);
export const ruleOf = (id: SubDutyId): Rule | undefined => byId.get(id);

/** Raised with every change of a rule, so that no judgement passes for one that a newer evaluator made. */
const version = 1;
/**
 * Name of this evaluator for `eval.result`: its version and a digest over version and rows. Judgements of another
 * evaluator are neither compared nor shown as current; they are made again.
 */
export const evaluatorId: string = `pactgate-evaluator/${version}+${encodeHex(
  sha256(encodeUtf8(JSON.stringify([version, implemented]))),
).slice(0, 16)}`;

/** Kinds of record that the judgement of a row rests on: its evidence, and what tells its population. */
export function kindsReadBy(row: Pick<CatalogueRow, 'id' | 'evidence'>): readonly RecordKind[] {
  const evidence = row.evidence.map(({ kind }) => kind).filter((kind) => isRecordKind(kind));
  const rule = byId.get(row.id);
  return [
    ...new Set([...evidence, ...(rule?.reads ?? []), ...(rule === undefined ? [] : (['breach.waive'] as const))]),
  ];
}
