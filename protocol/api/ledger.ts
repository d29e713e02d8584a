import { Type } from 'typebox';
import type { Route } from './route.ts';
import { Count, closed, LogRecord, LogSummary, PageQuery, page, Text } from './shapes.ts';

const All = ['a.admin', 'a.operator', 'a.security', 'a.auditor', 'b.admin', 'b.engineer'] as const;

/**
 * The ledger. `:log` is the lower-case hex SHA-256 of the origin. Static tiles are served under `/logs/` with the same
 * rights: the master log is public, an agreement's log needs its party's credential, the platform log any agreement in
 * force.
 */
export const ledgerRoutes = {
  logs: {
    method: 'GET',
    path: '/api/v1/logs',
    access: All,
    summary: { zh: '账本', en: 'Logs' },
    response: page(LogSummary),
  },
  checkpoint: {
    method: 'GET',
    path: '/api/v1/logs/:log/checkpoint',
    access: 'public',
    summary: { zh: '检查点', en: 'Checkpoint' },
    response: 'text/plain',
  },
  proof: {
    method: 'GET',
    path: '/api/v1/logs/:log/proof',
    access: 'public',
    summary: { zh: '包含证明', en: 'Inclusion proof' },
    query: closed({ index: Count }),
    response: 'text/plain',
  },
  consistency: {
    method: 'GET',
    path: '/api/v1/logs/:log/consistency',
    access: 'public',
    summary: { zh: '一致性证明', en: 'Consistency proof' },
    query: closed({ old: Count, new: Count }),
    response: closed({ proof: Type.Array(Text) }),
  },
  records: {
    method: 'GET',
    path: '/api/v1/logs/:log/records',
    access: 'public',
    summary: { zh: '账本条目', en: 'Records, newest first' },
    query: closed({ ...PageQuery, kind: Type.Optional(Text), before: Type.Optional(Count) }),
    response: page(LogRecord),
  },
  record: {
    method: 'GET',
    path: '/api/v1/logs/:log/records/:index',
    access: 'public',
    summary: { zh: '一条账本条目', en: 'One record with its body' },
    response: LogRecord,
  },
  cosign: {
    method: 'POST',
    path: '/api/v1/logs/:log/cosignatures',
    access: ['b.admin', 'b.engineer'],
    summary: { zh: '提交联署', en: 'Post a cosignature' },
    body: closed({ size: Count, line: Text, now: Type.Optional(Count) }),
    response: closed({ accepted: Type.Boolean(), recorded: Count }),
  },
  /** A witness saw a checkpoint that ours contradicts: both notes; the signer stops and both parties are told. */
  reportConflict: {
    method: 'POST',
    path: '/api/v1/logs/:log/conflicts',
    access: ['b.admin', 'b.engineer'],
    summary: { zh: '报告账本冲突', en: 'Report a conflict' },
    body: closed({ seen: Type.String({ maxLength: 65536 }), served: Type.String({ maxLength: 65536 }) }),
    response: closed({ recorded: Type.Boolean() }),
  },
} as const satisfies Record<string, Route>;
