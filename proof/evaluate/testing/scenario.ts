import type { Overrides, SubDutyId } from '@pactgate/agreement';
import { type EvidenceRecord, isRecordBody, type RecordBody, type RecordKind } from '@pactgate/protocol';
import { judge } from '../judge.ts';
import { type Evaluation, feed, openEvaluation } from '../state.ts';
import type { AgreementFacts, Finding, Judgement } from '../types.ts';

export const agreement = '6f1f0b1e-6f0a-4c55-9d3e-2f6a5d0b7c11';
export const ownOrigin = `a.example/logs/${agreement}/2026`;
export const platformOrigin = 'a.example/logs/platform/2026';
export const masterOrigin = 'a.example/logs/master/2026';
const start = Date.parse('2026-03-02T08:00:00Z');
export const second = 1_000;
export const minute = 60_000;
export const hour = 3_600_000;
export const day = 86_400_000;

export const hex = (text: string): string => text.padEnd(64, '0').replaceAll(/[^0-9a-f]/g, '0');
export const serialOf = (n: number): string => n.toString(16).padStart(4, '0');
export const deviceOf = (n: number): string => `d_${String(n).padStart(16, '0')}`;
export const partyKey = 'thumb-b';

interface Extra {
  readonly outcome?: string;
  readonly n?: number;
  readonly at?: number;
}

/** Writes the records of a story, feeds them to a fold, and asks for judgements. The clock moves only by `wait`. */
export interface Scenario {
  readonly evaluation: Evaluation;
  readonly records: EvidenceRecord[];
  at: number;
  wait(ms: number): Scenario;
  own<K extends RecordKind>(kind: K, body: RecordBody<K>, extra?: Extra): EvidenceRecord<K>;
  platform<K extends RecordKind>(kind: K, body: RecordBody<K>, extra?: Extra): EvidenceRecord<K>;
  judge(row: SubDutyId): Judgement;
  /** The finding of one subject; fails when there is none. */
  of(row: SubDutyId, subject: string): Finding;
}

export function openScenario(params: Overrides = {}, facts: Partial<AgreementFacts> = {}): Scenario {
  const evaluation = openEvaluation({ agreement, params, partyKeys: [partyKey], ...facts });
  const sizes = new Map<string, number>();
  const records: EvidenceRecord[] = [];
  const write = <K extends RecordKind>(
    place: { readonly origin: string; readonly kind: K },
    body: RecordBody<K>,
    extra: Extra = {},
  ): EvidenceRecord<K> => {
    const { origin, kind } = place;
    if (!isRecordBody(kind, { ...body })) throw new TypeError(`not a body of ${kind}: ${JSON.stringify(body)}`);
    const index = sizes.get(origin) ?? 0;
    sizes.set(origin, index + 1);
    const { outcome = 'ok', n = 1, at = scenario.at } = extra;
    const record: EvidenceRecord<K> = { origin, index, id: `${origin}-${index}`, kind, at, outcome, n, body };
    records.push(record);
    feed(evaluation, record);
    return record;
  };
  const scenario: Scenario = {
    evaluation,
    records,
    at: start,
    wait: (ms) => {
      scenario.at += ms;
      return scenario;
    },
    own: (kind, body, extra) => write({ origin: ownOrigin, kind }, body, extra),
    platform: (kind, body, extra) => write({ origin: platformOrigin, kind }, body, extra),
    judge: (row) => judge(evaluation, row, scenario.at),
    of: (row, subject) => {
      const found = judge(evaluation, row, scenario.at).subjects.find((finding) => finding.subject === subject);
      if (found === undefined) throw new RangeError(`${row} has no subject ${subject}`);
      return found;
    },
  };
  return scenario;
}
