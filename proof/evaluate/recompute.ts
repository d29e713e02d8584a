import { isSubDutyId } from '@pactgate/agreement';
import type { EvidenceRecord, RecordBody } from '@pactgate/protocol';
import { judge } from './judge.ts';
import { logNameOf, shardOf } from './ledger.ts';
import { toEvalResult } from './result.ts';
import { evaluatorId, isImplemented, kindsReadBy } from './rows.ts';
import { type Evaluation, editionRow, feed, openEvaluation, pass } from './state.ts';
import type { AgreementFacts } from './types.ts';

/** Outcome of recomputing one `eval.result`. */
export type Recomputation =
  | { readonly ok: true }
  /** `evaluator`: another evaluator judged, so it cannot be compared here. `records`: evidence it rests on is missing. */
  | { readonly ok: false; readonly cause: 'differs' | 'evaluator' | 'records'; readonly why: string };

/** A place of which the leaf is there, but no body that could be read: erased, withheld, or of an unknown kind. */
export interface Bodyless {
  readonly origin: string;
  readonly index: number;
  readonly kind: string;
  /** Time of the leaf, epoch milliseconds. */
  readonly at: number;
}
export type Result = EvidenceRecord<'eval.result'>;

const differs = (why: string): Recomputation => ({ ok: false, cause: 'differs', why });
const lacking = (why: string): Recomputation => ({ ok: false, cause: 'records', why });

const sorted = (counts: Readonly<Record<string, number>>): string =>
  JSON.stringify(Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1)));
const subjectsOf = (body: Pick<RecordBody<'eval.result'>, 'subjects'>): string =>
  JSON.stringify(body.subjects.map(({ subject, status }) => [subject, status]));

function compare(evaluation: Evaluation, { body }: Result): Recomputation {
  if (!isSubDutyId(body.row) || !isImplemented(body.row)) return differs(`${body.row}: no rule judges this row`);
  const judgement = judge(evaluation, body.row, body.at);
  if (judgement.at !== body.at) return differs(`${body.row}: judged at a time before the records it rests on`);
  if (judgement.status !== body.status)
    return differs(`${body.row}: ${judgement.status} here, ${body.status} recorded`);
  const [ours, theirs] = [sorted(judgement.counts), sorted(body.counts)];
  if (ours !== theirs) return differs(`${body.row}: counts ${ours} here, ${theirs} recorded`);
  return subjectsOf(toEvalResult(evaluation, judgement)) === subjectsOf(body)
    ? { ok: true }
    : differs(`${body.row}: other subjects than recorded`);
}

type Entry = EvidenceRecord | Bodyless;

/** Entries of one log shard and how far they were fed. */
interface Shard {
  readonly origin: string;
  readonly entries: readonly Entry[];
  fed: number;
}

function toShards(entries: readonly Entry[]): readonly Shard[] {
  const byOrigin = new Map<string, Entry[]>();
  for (const entry of entries) {
    const list = byOrigin.get(entry.origin);
    if (list === undefined) byOrigin.set(entry.origin, [entry]);
    else list.push(entry);
  }
  return [...byOrigin]
    .map(([origin, list]) => ({ origin, entries: list.toSorted((x, y) => x.index - y.index), fed: 0 }))
    .toSorted((x, y) => (shardOf(x.origin) < shardOf(y.origin) ? -1 : 1));
}

/** Size up to which a result rests on a shard: as it says; a closed shard before one that it names counts whole. */
function limitOf(origin: string, { body }: Result): number {
  const named = body.upTo.find((place) => place.origin === origin);
  if (named !== undefined) return named.size;
  const closed = body.upTo.some(
    (place) => logNameOf(place.origin) === logNameOf(origin) && shardOf(place.origin) > shardOf(origin),
  );
  return closed ? Number.POSITIVE_INFINITY : 0;
}

/**
 * Recomputes judgements one after another on one fold (A3.4.6); cheapest in the order of their log.
 *
 * @param records those of the agreement's log and the platform's, their bodies checked
 * @param bodyless places whose bodies are missing: judgements of rows that read their kind cannot be compared
 */
export function openRecompute(
  facts: AgreementFacts,
  records: readonly EvidenceRecord[],
  bodyless: readonly Bodyless[] = [],
): (result: Result) => Recomputation {
  const shards = toShards([...records, ...bodyless]);
  let evaluation = openEvaluation(facts);
  const rewind = (): void => {
    evaluation = openEvaluation(facts);
    for (const shard of shards) shard.fed = 0;
  };
  const advance = (shard: Shard, limit: number): void => {
    for (let entry = shard.entries[shard.fed]; entry && entry.index < limit; entry = shard.entries[shard.fed]) {
      if ('body' in entry) feed(evaluation, entry);
      else pass(evaluation, entry);
      shard.fed++;
    }
  };
  return (result) => {
    const { body } = result;
    if (body.evaluator !== evaluatorId)
      return { ok: false, cause: 'evaluator', why: `judged by ${body.evaluator}, this is ${evaluatorId}` };
    if (shards.some(({ origin }) => (evaluation.next.get(origin) ?? 0) > limitOf(origin, result))) rewind();
    for (const shard of shards) advance(shard, limitOf(shard.origin, result));
    return lackOf(evaluation, result, bodyless) ?? compare(evaluation, result);
  };
}

/** What of the evidence is not here; undefined: all that counts is. */
function lackOf(evaluation: Evaluation, result: Result, bodyless: readonly Bodyless[]): Recomputation | undefined {
  const { row, upTo } = result.body;
  const reads = new Set<string>(isSubDutyId(row) ? kindsReadBy(editionRow(evaluation, row)) : []);
  const gone = bodyless.filter((place) => place.index < limitOf(place.origin, result));
  const missing = gone.find(({ kind }) => reads.has(kind));
  if (missing !== undefined) return lacking(`the body of record ${missing.index} of ${missing.origin} is not here`);
  for (const { origin, size } of upTo) {
    const end = evaluation.next.get(origin) ?? 0;
    if (end < size) return lacking(`records of ${origin} end at ${end}, the judgement rests on ${size}`);
  }
  return undefined;
}

/** Recomputes one recorded judgement from the records alone and compares status, counts and subjects. */
export const recompute = (facts: AgreementFacts, result: Result, records: readonly EvidenceRecord[]): Recomputation =>
  openRecompute(facts, records)(result);
