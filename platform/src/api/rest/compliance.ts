import {
  type AgreementDocument,
  type CatalogueRow,
  clauseTexts,
  type DocumentRow,
  documentRowOf,
  isSubDutyId,
  renderTemplate,
  valuesOf,
} from '@pactgate/agreement';
import { encodeHex, explain, type Judgement, logNameOf, type ProofCrypto, parseLeaf } from '@pactgate/proof';
import { Problem, type RecordBody, type RecordKind } from '@pactgate/protocol';
import type { Compliance } from '../../flow/compliance.ts';
import type { LogReader } from '../../flow/logs.ts';
import { type RandomBytes, uuidv7 } from '../../kernel/ids.ts';
import { type Clock, instant } from '../../kernel/time.ts';
import type { LedgerRecord, LedgerStore, LogEntry } from '../../ledger/index.ts';
import type { Agreement } from '../../parties/agreement.ts';
import type { NewRecord } from '../../parties/record.ts';
import type { Handlers } from '../context.ts';

export interface ComplianceRestParts<Tx> {
  readonly compliance: Compliance;
  readonly reader: LogReader;
  readonly store: Pick<LedgerStore<Tx>, 'newestOfKind'>;
  readonly agreementOf: (id: string) => Promise<Agreement>;
  readonly documentOf: (id: string) => AgreementDocument | undefined;
  readonly logOf: (agreement: string) => LogEntry | undefined;
  readonly platformLog: LogEntry;
  /** Name of a device by its pseudonym. */
  readonly deviceName: (pseudonym: string) => string | undefined;
  readonly exportEvidence: (agreement: Agreement) => Promise<{ readonly bytes: Uint8Array; readonly entries: number }>;
  readonly record: (records: readonly NewRecord[]) => Promise<void>;
  readonly publish: (agreement: string) => Promise<void>;
  readonly crypto: Pick<ProofCrypto, 'sha256'>;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

type Names = 'board' | 'duty' | 'breaches' | 'evidence' | 'challenge' | 'platformEvents';
type Board = Awaited<ReturnType<Handlers['board']>>;
type Row = Board['rows'][number];
type Breach = Awaited<ReturnType<Handlers['breaches']>>['items'][number];

const inForce = (document: AgreementDocument | undefined): AgreementDocument => {
  if (!document) throw new Problem('agreement/not-in-force', 'there is no board before the agreement is in force');
  return document;
};

/** The clause board, duties, breaches and evidence over REST: all of it read from the ledger. */
export function complianceHandlers<Tx>(parts: ComplianceRestParts<Tx>): Pick<Handlers, Names> {
  return {
    board: (_, { params }) => board(parts, params.agreement),
    duty: (_, { params }) => duty(parts, params.agreement, params.row),
    breaches: async (_, { params, query }) => {
      const all = await breachesOf(parts, params.agreement);
      const from = query.after !== undefined && /^\d{1,9}$/.test(query.after) ? Number(query.after) : 0;
      const to = from + (query.limit ?? 50);
      return { items: all.slice(from, to), ...(all.length > to ? { next: String(to) } : {}) };
    },
    evidence: async ({ caller }, { params }) => {
      const requestedAt = parts.clock.now();
      await parts.publish(params.agreement);
      const agreement = await parts.agreementOf(params.agreement);
      const { bytes, entries } = await parts.exportEvidence(agreement);
      const sha256 = encodeHex(parts.crypto.sha256(bytes));
      await parts.record([
        {
          agreement: params.agreement,
          kind: 'evidence.export',
          outcome: 'exported',
          body: { requestedAt, readyAt: parts.clock.now(), by: caller.id, sha256, entries },
        },
      ]);
      return { body: bytes, filename: `evidence-${agreement.party}.zip` };
    },
    challenge: async (_, { params, body }) => {
      const challenge = uuidv7(parts.clock.now(), parts.random);
      const claim = body.index === undefined ? body.claim : `#${body.index}: ${body.claim}`;
      await parts.record([
        {
          agreement: params.agreement,
          kind: 'evidence.challenge',
          outcome: 'open',
          body: { challenge, state: 'open', claim: claim.slice(0, 512) },
        },
      ]);
      return { challenge };
    },
    platformEvents: (_, { query }) => platformEvents(parts, query),
  };
}

function board<Tx>(parts: ComplianceRestParts<Tx>, agreement: string): Board {
  const document = inForce(parts.documentOf(agreement));
  const found = parts.compliance.board(agreement);
  if (!found) throw new Problem('agreement/not-in-force', 'the evaluation of this agreement has not begun');
  return {
    agreement,
    judgedAt: Math.max(0, ...found.rows.map(({ judgedAt }) => judgedAt ?? 0)),
    rows: found.rows.map((row) => toRow(parts, document, agreement, row)),
    clauses: found.clauses.map((clause) => ({
      ...clause,
      title: {
        ...(clauseTexts.find(({ id }) => id === clause.clause)?.title ?? { zh: clause.clause, en: clause.clause }),
      },
    })),
  };
}

type Judged = NonNullable<ReturnType<Compliance['board']>>['rows'][number];

function toRow<Tx>(parts: ComplianceRestParts<Tx>, document: AgreementDocument, agreement: string, row: Judged): Row {
  const agreed = documentRowOf(document, row.row);
  const judgement = parts.compliance.judgement(agreement, row.row);
  return {
    row: row.row,
    clause: row.clause,
    owner: row.owner,
    name: { zh: row.nameZh, en: row.nameEn },
    duty: agreed ? { zh: agreed.dutyZh, en: agreed.duty } : { zh: row.nameZh, en: row.nameEn },
    criterion: agreed ? criterionOf(agreed, document) : { zh: row.nameZh, en: row.nameEn },
    status: row.status,
    why: row.reasons.map(({ subject, why }) => prefixed(parts, subject, why)),
    counts: { ...row.counts },
    ...(row.judgedAt === undefined ? {} : { judgedAt: row.judgedAt }),
    ...(row.evidenceAt === undefined ? {} : { evidenceAt: row.evidenceAt }),
    ...(row.grade === undefined ? {} : { grade: row.grade }),
    evidence: (judgement?.evidence ?? []).slice(0, 32).map(({ origin, index }) => ({ origin, index })),
    breaches: row.openBreaches,
  };
}

const criterionOf = (row: DocumentRow, document: AgreementDocument): Row['criterion'] => {
  const values = valuesOf(row, document.params);
  return { zh: renderTemplate(row.passZh, row, values, 'zh-CN'), en: renderTemplate(row.pass, row, values, 'en') };
};

/** A reason with the name people know the subject by. */
function prefixed<Tx>(
  parts: ComplianceRestParts<Tx>,
  subject: string,
  why: { readonly zh: string; readonly en: string },
): { zh: string; en: string } {
  const name = parts.deviceName(subject) ?? subject;
  return { zh: `${name}：${why.zh}`, en: `${name}: ${why.en}` };
}

async function duty<Tx>(
  parts: ComplianceRestParts<Tx>,
  agreement: string,
  id: string,
): Promise<Awaited<ReturnType<Handlers['duty']>>> {
  const document = inForce(parts.documentOf(agreement));
  const whole = board(parts, agreement);
  const row = whole.rows.find((candidate) => candidate.row === id);
  const agreed = isSubDutyId(id) ? documentRowOf(document, id) : undefined;
  if (!row || !agreed) throw new Problem('request/not-found', 'no such duty');
  const judgement = parts.compliance.judgement(agreement, id);
  const log = parts.logOf(agreement);
  return {
    row,
    subjects: judgement ? subjectsOf(parts, judgement) : [],
    history: log ? await historyOf(parts, log, id) : [],
    evidenceKinds: await kindsOf(parts, agreed, log),
  };
}

const subjectsOf = <Tx>(
  parts: ComplianceRestParts<Tx>,
  judgement: Judgement,
): Awaited<ReturnType<Handlers['duty']>>['subjects'] =>
  judgement.subjects.slice(0, 500).map(({ subject, status, why, refs }) => {
    const name = parts.deviceName(subject);
    return {
      subject,
      ...(name === undefined ? {} : { name }),
      status,
      why: { ...explain(why) },
      evidence: refs.slice(0, 8).map(({ origin, index }) => ({ origin, index })),
    };
  });

const noBound = Number.MAX_SAFE_INTEGER;

/** The newest records of some kinds, newest first, at most `limit` (and of each kind at most one batch). */
async function newestOf<Tx>(
  parts: ComplianceRestParts<Tx>,
  log: LogEntry,
  {
    kinds,
    limit,
    before = noBound,
  }: { readonly kinds: readonly string[]; readonly limit: number; readonly before?: number },
): Promise<readonly LedgerRecord[]> {
  const found = await Promise.all(kinds.map((kind) => parts.store.newestOfKind(log.id, kind, before, limit)));
  return found
    .flat()
    .toSorted((a, b) => b.index - a.index)
    .slice(0, limit);
}

/** The body of a record of a known kind, as the recorder wrote it; undefined once it is erased. */
const bodyOf = <K extends RecordKind>({ body, kind }: LedgerRecord, wanted: K): RecordBody<K> | undefined =>
  body === undefined || kind !== wanted ? undefined : (JSON.parse(body) as RecordBody<K>);

async function historyOf<Tx>(
  parts: ComplianceRestParts<Tx>,
  log: LogEntry,
  id: string,
): Promise<Awaited<ReturnType<Handlers['duty']>>['history']> {
  const results = await newestOf(parts, log, { kinds: ['eval.result'], limit: 2_048 });
  return results
    .flatMap((record) => {
      const body = bodyOf(record, 'eval.result');
      return body?.row === id ? [{ at: body.at, status: body.status, index: record.index }] : [];
    })
    .slice(0, 100);
}

async function kindsOf<Tx>(
  parts: ComplianceRestParts<Tx>,
  row: CatalogueRow,
  log: LogEntry | undefined,
): Promise<Awaited<ReturnType<Handlers['duty']>>['evidenceKinds']> {
  return Promise.all(
    row.evidence.map(async ({ kind, maxAgeSeconds }) => {
      const logs = log ? [log, parts.platformLog] : [parts.platformLog];
      const newest = await Promise.all(
        logs.map(async (one) => (await newestOf(parts, one, { kinds: [kind], limit: 1 }))[0]?.time ?? 0),
      );
      const newestAt = Math.max(...newest);
      return { kind, ...(maxAgeSeconds === null ? {} : { maxAgeSeconds }), ...(newestAt > 0 ? { newestAt } : {}) };
    }),
  );
}

const breachKinds = ['breach.open', 'breach.notify', 'breach.cure', 'breach.close'];

/** The life of every breach, folded from its records, newest first. */
async function breachesOf<Tx>(parts: ComplianceRestParts<Tx>, agreement: string): Promise<readonly Breach[]> {
  const log = parts.logOf(agreement);
  if (!log) return [];
  const records = await newestOf(parts, log, { kinds: breachKinds, limit: 4_096 });
  const known = new Map<string, Breach>();
  for (const record of records.toReversed()) foldBreach(parts, known, record);
  return [...known.values()].toReversed();
}

function foldBreach<Tx>(parts: ComplianceRestParts<Tx>, known: Map<string, Breach>, record: LedgerRecord): void {
  const opened = bodyOf(record, 'breach.open');
  if (opened) {
    known.set(opened.breach, toBreach(parts, opened, record.time));
    return;
  }
  const later = bodyOf(record, 'breach.notify') ?? bodyOf(record, 'breach.cure') ?? bodyOf(record, 'breach.close');
  const before = later && known.get(later.breach);
  if (before) known.set(before.id, { ...before, ...changeOf(record) });
}

function changeOf({ kind, time: at }: LedgerRecord): Partial<Breach> {
  if (kind === 'breach.notify') return { notifiedAt: at };
  return kind === 'breach.cure' ? { curedAt: at, state: 'cured' } : { closedAt: at, state: 'closed' };
}

function toBreach<Tx>(parts: ComplianceRestParts<Tx>, body: RecordBody<'breach.open'>, openedAt: number): Breach {
  const { breach: id, row, code, owner, deadline } = body;
  const subject = parts.deviceName(body.subject) ?? body.subject;
  const observed = { en: body.observed, zh: body.observedZh ?? body.observed };
  return {
    id,
    row,
    code,
    owner,
    subject,
    observed,
    openedAt,
    state: 'open',
    ...(deadline === undefined ? {} : { deadline }),
  };
}

async function platformEvents<Tx>(
  parts: ComplianceRestParts<Tx>,
  query: { readonly limit?: number; readonly after?: string; readonly kind?: string },
): Promise<Awaited<ReturnType<Handlers['platformEvents']>>> {
  const kinds =
    query.kind === undefined
      ? [
          'session.reject',
          'probe.plaintext.hit',
          'gate.limit',
          'person.signin',
          'policy.publish',
          'platform.start',
          'ledger.conflict',
        ]
      : [query.kind];
  const cursor = query.after !== undefined && /^\d{1,15}$/.test(query.after) ? { before: Number(query.after) } : {};
  const items = await newestOf(parts, parts.platformLog, { kinds, limit: query.limit ?? 50, ...cursor });
  const last = items.at(-1);
  return {
    items: items.map((record) => ({
      index: record.index,
      kind: record.kind,
      at: instant(record.time),
      outcome: parseLeaf(record.leaf).o,
      n: parseLeaf(record.leaf).n,
      body: record.body === undefined ? {} : (JSON.parse(record.body) as Record<string, unknown>),
      log: logNameOf(parts.platformLog.origin),
    })),
    ...(last && items.length === (query.limit ?? 50) ? { next: String(last.index) } : {}),
  };
}
