import type { AgreementDocument, CatalogueRow } from '@pactgate/agreement';
import {
  type Breaches,
  type Evaluation,
  factsOf,
  feed,
  foldBreach,
  type Judgement,
  type OpenBreach,
  openBreaches,
  openEvaluation,
  parseLeaf,
} from '@pactgate/proof';
import { type EvidenceRecord, isRecordKind, type RecordBody, type RecordKind } from '@pactgate/protocol';
import {
  assess,
  type Board,
  dueRows,
  isNews,
  judged,
  openSchedule,
  rhythmOf,
  type Schedule,
  toBoard,
  wake,
} from '../duties/compliance/index.ts';
import { type RandomBytes, uuidv7 } from '../kernel/ids.ts';
import { type Clock, type Duration, type Instant, instant, seconds } from '../kernel/time.ts';
import { type LedgerStore, type LogEntry, maxBatch, type Sequenced } from '../ledger/index.ts';
import type { NewRecord } from '../parties/record.ts';
import { isStoredBody } from './record-bodies.ts';

export interface ComplianceParts<Tx> {
  readonly store: Pick<LedgerStore<Tx>, 'records'>;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly record: (records: readonly NewRecord[]) => Promise<void>;
  readonly platformLog: LogEntry;
}

/** An agreement in force and its signed document. */
export interface JudgedAgreement {
  readonly id: string;
  readonly party: string;
  readonly document: AgreementDocument;
}

type Result = RecordBody<'eval.result'>;

/** The evaluation of one agreement, folded from its log and the platform's. */
interface Case {
  readonly agreement: JudgedAgreement;
  readonly evaluation: Evaluation;
  readonly breaches: Breaches;
  schedule: Schedule;
  readonly results: Map<string, Result>;
  readonly judgements: Map<string, Judgement>;
}

/** Judges every agreement in force from the ledger alone, in the rhythm of its rows (A3.4.6). */
export interface Compliance {
  /** Takes an agreement in: folds what its log and the platform's hold already. */
  open(agreement: JudgedAgreement, log: LogEntry): Promise<void>;
  /** A batch was sequenced: folds it in and wakes the rows it concerns. */
  sequenced(log: LogEntry, batch: Sequenced): void;
  /** Judges what is due and records what is news or due to be said again. Answers how many rows were judged. */
  tick(): Promise<number>;
  board(agreement: string): Board | undefined;
  /** Newest judgement of this process: every subject, where the record lists the worst. */
  judgement(agreement: string, row: string): Judgement | undefined;
  breaches(agreement: string): readonly OpenBreach[];
  rows(agreement: string): readonly CatalogueRow[];
}

/** Equal judgements are said again after this share of the row's rhythm, so that a reader sees a recent one. */
const again = 0.8;
/** Rest between two judgements of a row that evidence woke. */
const rest: Duration = seconds(1);

export function makeCompliance<Tx>(parts: ComplianceParts<Tx>): Compliance {
  const cases = new Map<string, Case>();
  let running: Promise<number> | undefined;
  const fold = (one: Case, record: EvidenceRecord): void => {
    feed(one.evaluation, record);
    foldBreach(one.breaches, record);
    one.schedule = wake(one.schedule, record.kind);
  };
  return {
    open: async (agreement, log) => {
      const one = openCase(agreement);
      for (const source of [log, parts.platformLog]) await replay(parts, source, (record) => restore(one, record));
      cases.set(agreement.id, one);
    },
    sequenced: (log, batch) => {
      for (const [i, row] of batch.rows.entries()) {
        const record = toEvidence(log.origin, batch.from + i, row);
        if (!record) continue;
        for (const one of cases.values())
          if (log.kind === 'platform' || log.agreement === one.agreement.id) fold(one, record);
      }
    },
    tick: () => {
      running ??= judgeAll(parts, [...cases.values()]).finally(() => {
        running = undefined;
      });
      return running;
    },
    board: (agreement) => {
      const one = cases.get(agreement);
      return one && boardOf(one, parts.clock.now());
    },
    judgement: (agreement, row) => cases.get(agreement)?.judgements.get(row),
    breaches: (agreement) => [...(cases.get(agreement)?.breaches.open.values() ?? [])],
    rows: (agreement) => cases.get(agreement)?.agreement.document.rows ?? [],
  };
}

function openCase(agreement: JudgedAgreement): Case {
  const every = (row: CatalogueRow): Duration => rhythm(agreement, row);
  return {
    agreement,
    evaluation: openEvaluation(factsOf(agreement.document)),
    breaches: openBreaches(),
    schedule: openSchedule(agreement.document.rows, { every, rest }),
    results: new Map(),
    judgements: new Map(),
  };
}

/** Longest time between two judgements of a row, as agreed. */
function rhythm({ document }: JudgedAgreement, row: CatalogueRow): Duration {
  const agreed = document.params[row.id]?.['evaluateEvery'];
  return typeof agreed === 'number' ? seconds(agreed) : rhythmOf(row);
}

/** A record of the past: folded like a new one; a judgement also tells when its row was judged last. */
function restore(one: Case, record: EvidenceRecord): void {
  feed(one.evaluation, record);
  foldBreach(one.breaches, record);
  if (record.kind !== 'eval.result') return;
  const result = record.body as Result; // the kind says so, the body was checked
  one.results.set(result.row, result);
  const row = one.agreement.document.rows.find(({ id }) => id === result.row);
  if (row) one.schedule = judged(one.schedule, row.id, { at: instant(result.at), evaluator: result.evaluator });
}

async function replay<Tx>(
  parts: ComplianceParts<Tx>,
  log: LogEntry,
  each: (record: EvidenceRecord) => void,
): Promise<void> {
  for (let from = 0; ; from += maxBatch) {
    const page = await parts.store.records(log.id, from, maxBatch);
    for (const { index, id, kind, time, leaf, body } of page) {
      if (body === undefined) continue;
      const { o: outcome, n } = parseLeaf(leaf);
      const record = toEvidence(log.origin, index, { id, kind, time, outcome, n, body });
      if (record) each(record);
    }
    if (page.length < maxBatch) return;
  }
}

interface Stored {
  readonly id: string;
  readonly kind: string;
  readonly time: Instant;
  readonly outcome: string;
  readonly n: number;
  /** RFC 8785 text; disclosures stand in it as digests. */
  readonly body: string;
}

function toEvidence(origin: string, index: number, row: Stored): EvidenceRecord | undefined {
  if (!isRecordKind(row.kind)) return undefined;
  const { _sd: _, ...body } = JSON.parse(row.body) as Record<string, unknown>; // written by the recorder
  if (!isStoredBody(row.kind, body)) return undefined;
  const { id, kind, outcome, n, time } = row;
  return { origin, index, id, kind, at: time, outcome, n, body: body as RecordBody<RecordKind> };
}

async function judgeAll<Tx>(parts: ComplianceParts<Tx>, cases: readonly Case[]): Promise<number> {
  let count = 0;
  for (const one of cases) {
    const records: NewRecord[] = [];
    for (const id of dueRows(one.schedule, parts.clock.now())) {
      records.push(...judgeOne(parts, one, id));
      count++;
    }
    await parts.record(records);
  }
  return count;
}

function judgeOne<Tx>(parts: ComplianceParts<Tx>, one: Case, id: CatalogueRow['id']): readonly NewRecord[] {
  const at = parts.clock.now();
  const assessment = assess(
    one.evaluation,
    one.breaches,
    { id, at },
    {
      parties: { A: 'platform', B: one.agreement.party },
      how: 'console',
      newId: () => uuidv7(at, parts.random),
    },
  );
  const { result, judgement, records } = assessment;
  one.judgements.set(id, judgement);
  one.schedule = judged(one.schedule, id, { at, evaluator: result.evaluator });
  const before = one.results.get(id);
  const row = one.agreement.document.rows.find((candidate) => candidate.id === id);
  const stale = before === undefined || !row || at - before.at >= rhythm(one.agreement, row) * again;
  if (!stale && !isNews(before, result) && records.length === 1) return [];
  one.results.set(id, result);
  return records;
}

function boardOf(one: Case, at: Instant): Board {
  return toBoard({
    rows: one.agreement.document.rows,
    results: one.results,
    breaches: [...one.breaches.open.values()],
    at,
    every: (row) => rhythm(one.agreement, row),
  });
}
