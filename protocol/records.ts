import type { Static } from 'typebox';
import { Check } from 'typebox/value';
import { conductRecords } from './records/conduct.ts';
import { identityRecords } from './records/identity.ts';
import { platformRecords } from './records/platform.ts';

export { authnProbeCases } from './records/platform.ts';

/** Schema of the body of every kind of ledger record; closed objects, checked when a record is made and when it is read. */
export const recordBodies = { ...identityRecords, ...conductRecords, ...platformRecords };
export type RecordKind = keyof typeof recordBodies;
export type RecordBody<K extends RecordKind> = Static<(typeof recordBodies)[K]>;

/** A record as the evaluator and every reader sees it, whichever log it came from. */
export interface EvidenceRecord<K extends RecordKind = RecordKind> {
  /** Origin of the log that holds it. */
  readonly origin: string;
  readonly index: number;
  readonly id: string;
  readonly kind: K;
  /** Ledger time in epoch milliseconds: event time, never running backwards within a log. */
  readonly at: number;
  readonly outcome: string;
  /** Events covered: 1, or more for aggregates. */
  readonly n: number;
  readonly body: RecordBody<K>;
}

/**
 * Whether a value is a body of its kind. For readers of records that others made: no code is generated, so it works
 * under a content security policy too. Members beyond the schema, such as disclosed ones, are taken off before.
 */
export function isRecordBody(kind: RecordKind, value: Readonly<Record<string, unknown>>): boolean {
  const schema = recordBodies[kind];
  const known = Object.fromEntries(Object.entries(value).filter(([name]) => Object.hasOwn(schema.properties, name)));
  return Check(schema, known);
}

export const isRecordKind = (text: string): text is RecordKind => text in recordBodies;
