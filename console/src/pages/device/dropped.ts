import { isRecordBody, type RecordBody } from '@pactgate/protocol';
import type { Answer } from '../../app/api.ts';

type LogRecord = Answer<'records'>['items'][number];
type Summary = RecordBody<'msg.validate'>;

export interface Dropped {
  readonly count: number;
  /** Most often dropped first. */
  readonly fields: readonly { readonly path: string; readonly count: number }[];
  /** Start of the oldest summary that was counted. */
  readonly since: number;
}

const isSummary = (body: unknown): body is Summary =>
  typeof body === 'object' && body !== null && isRecordBody('msg.validate', { ...body });

/** What the platform dropped of one model's messages, by the ledger's own summaries; undefined: nothing. */
export function droppedOf(records: readonly LogRecord[], model: string): Dropped | undefined {
  const summaries = records.map(({ body }) => body).filter(isSummary);
  const own = summaries.filter((summary) => summary.model === model);
  const counts = new Map<string, number>();
  for (const { path, count } of own.flatMap(({ undeclared }) => undeclared))
    counts.set(path, (counts.get(path) ?? 0) + count);
  if (counts.size === 0) return undefined;
  const fields = [...counts].map(([path, count]) => ({ path, count })).toSorted((a, b) => b.count - a.count);
  return {
    fields,
    count: fields.reduce((sum, { count }) => sum + count, 0),
    since: Math.min(...own.map(({ from }) => from)),
  };
}
