import { encodeBase64, encodeBase64Url, type JsonObject, parseLeaf, parseSignatureLine } from '@pactgate/proof';
import { Problem } from '@pactgate/protocol';
import type { LogState } from '../../flow/ledger.ts';
import type { LogCaller, LogReader } from '../../flow/logs.ts';
import type { Witnessing } from '../../flow/witnessing.ts';
import type { LedgerRecord, LedgerStore, LogEntry } from '../../ledger/index.ts';
import type { Caller, Handlers } from '../context.ts';

export interface LedgerRestParts<Tx> {
  readonly reader: LogReader;
  readonly store: Pick<LedgerStore<Tx>, 'records' | 'newestOfKind' | 'newestCosigned' | 'cosignatures'>;
  readonly witnessing: Witnessing;
  readonly idOf: (log: LogEntry) => string;
  readonly inForce: (agreement: string) => boolean;
  readonly stateOf: (log: LogEntry) => LogState | undefined;
}

type Names = 'logs' | 'checkpoint' | 'proof' | 'consistency' | 'records' | 'record' | 'cosign' | 'reportConflict';
type LogRecordAnswer = Awaited<ReturnType<Handlers['record']>>;

/** What a caller may see of the logs. */
export function logCaller(caller: Caller, inForce: (agreement: string) => boolean): LogCaller {
  return {
    platform: caller.role?.startsWith('a.') === true,
    agreements: caller.agreements,
    inForce: caller.agreements.some((agreement) => inForce(agreement)),
  };
}

function toAnswer(log: LogEntry, record: LedgerRecord, bodies: boolean): LogRecordAnswer {
  // A leaf is JSON by its own parser; spread so that it is plain data.
  const leaf = { ...parseLeaf(record.leaf) } as unknown as Record<string, unknown>;
  const base = { origin: log.origin, index: record.index, leaf };
  if (!bodies || record.body === undefined || record.salt === undefined)
    return { ...base, erased: record.body === undefined };
  return {
    ...base,
    body: JSON.parse(record.body) as JsonObject,
    salt: encodeBase64Url(record.salt),
    disclosures: [...record.disclosures],
    erased: false,
  };
}

/** Bodies of the platform log are for A's own people; a device party reads those of its own agreement. */
const seesBodies = (log: LogEntry, caller: LogCaller): boolean => log.kind !== 'platform' || caller.platform;

/** The ledger over REST: checkpoints, proofs, records, cosignatures (ledger-and-evidence section 6). */
export function ledgerHandlers<Tx>(parts: LedgerRestParts<Tx>): Pick<Handlers, Names> {
  const callerOf = (caller: Caller): LogCaller => logCaller(caller, parts.inForce);
  const find = (caller: Caller, id: string): LogEntry => parts.reader.find(id, callerOf(caller));
  return {
    logs: async ({ caller }) => ({ items: await summaries(parts, callerOf(caller)) }),
    checkpoint: async ({ caller }, { params }) => {
      const { note } = await parts.reader.checkpoint(find(caller, params.log));
      return { type: 'text/plain; charset=utf-8', body: note };
    },
    proof: async ({ caller }, { params, query }) => ({
      type: 'text/plain; charset=utf-8',
      body: await parts.reader.proof(find(caller, params.log), query.index),
    }),
    consistency: async ({ caller }, { params, query }) => {
      const proof = await parts.reader.consistency(find(caller, params.log), query.old, query.new);
      return { proof: proof.map((hash) => encodeBase64(hash)) };
    },
    records: async ({ caller }, { params, query }) => {
      const log = find(caller, params.log);
      const { size } = await parts.reader.checkpoint(log);
      const items = await newestFirst(parts, log, { ...query, size });
      const bodies = seesBodies(log, callerOf(caller));
      const last = items.at(-1)?.index ?? 0;
      return {
        items: items.map((record) => toAnswer(log, record, bodies)),
        ...(last > 0 && items.length > 0 ? { next: String(last) } : {}),
      };
    },
    record: async ({ caller }, { params }) => {
      const log = find(caller, params.log);
      if (!/^\d{1,15}$/.test(params.index)) throw new Problem('ledger/not-found', 'index is no number');
      return toAnswer(log, await parts.reader.record(log, Number(params.index)), seesBodies(log, callerOf(caller)));
    },
    cosign: async ({ caller }, { params, body }) =>
      parts.witnessing.accept(find(caller, params.log), caller.party, body),
    reportConflict: async ({ caller }, { params, body }) => {
      await parts.witnessing.conflict(find(caller, params.log), caller.party, body);
      return { recorded: true };
    },
  };
}

async function summaries<Tx>(
  parts: LedgerRestParts<Tx>,
  caller: LogCaller,
): Promise<Awaited<ReturnType<Handlers['logs']>>['items']> {
  const visible = parts.reader.logs().filter((log) => {
    try {
      return parts.reader.find(parts.idOf(log), caller) !== undefined;
    } catch (cause) {
      if (cause instanceof Problem) return false;
      throw cause;
    }
  });
  return Promise.all(visible.map((log) => summaryOf(parts, log)));
}

async function summaryOf<Tx>(
  parts: LedgerRestParts<Tx>,
  log: LogEntry,
): Promise<Awaited<ReturnType<Handlers['logs']>>['items'][number]> {
  const { size: published } = await parts.reader.checkpoint(log).catch(() => ({ size: 0 }));
  const state = parts.stateOf(log);
  // The newest checkpoint is a second old and its cosignatures still on their way.
  const witnessed = await parts.store.newestCosigned(log.id);
  const cosigned = witnessed ? await parts.store.cosignatures(log.id, witnessed.size) : [];
  const newest = Math.max(0, ...cosigned.map(({ time }) => time));
  return {
    id: parts.idOf(log),
    origin: log.origin,
    kind: log.kind,
    ...(log.agreement === undefined ? {} : { agreement: log.agreement }),
    vkey: log.vkey,
    size: state?.size ?? published,
    published,
    ...(state?.publishedAt === undefined ? {} : { publishedAt: state.publishedAt }),
    ...(newest > 0 ? { cosignedAt: newest * 1000 } : {}),
    witnesses: cosigned.map(({ line }) => parseSignatureLine(`${line}\n`).name),
    signing: state?.refusal === undefined,
  };
}

/** Records before `before` (or the end), newest first; by kind where one is asked for. */
async function newestFirst<Tx>(
  parts: LedgerRestParts<Tx>,
  log: LogEntry,
  query: {
    readonly limit?: number;
    readonly before?: number;
    readonly after?: string;
    readonly kind?: string;
    readonly size: number;
  },
): Promise<readonly LedgerRecord[]> {
  const limit = query.limit ?? 50;
  const cursor = query.after !== undefined && /^\d{1,15}$/.test(query.after) ? Number(query.after) : undefined;
  const end = Math.min(query.size, query.before ?? cursor ?? query.size);
  if (query.kind !== undefined) return parts.store.newestOfKind(log.id, query.kind, end, limit);
  const from = Math.max(0, end - limit);
  return end === from ? [] : (await parts.store.records(log.id, from, end - from)).toReversed();
}
