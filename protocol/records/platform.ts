import { Type } from 'typebox';
import { At, body, Count, Hex32, Level, Line, Ms, Pseudonym, Window, Word } from './parts.ts';

const Share = Type.Number({ minimum: 0, maximum: 1 });
const Row = Type.String({ pattern: '^[AB][1-9][0-9]?\\.[1-9][0-9]?\\.[1-9][0-9]?$' });
export const Status = Type.Enum(['met', 'at-risk', 'breached', 'unknown', 'n/a', 'waived']);

/** What the hourly kit of A3.1.1 tries at every listener; a run that leaves one out proves nothing about it. */
export const authnProbeCases = [
  'no-certificate',
  'wrong-ca',
  'expired',
  'revoked',
  'cloned-key',
  'resumed-after-revocation',
] as const;

/** Bodies about the platform's own conduct: probes, ledger, people, agreement, evaluation (clauses 3.1-3.6). */
export const platformRecords = {
  'platform.start': body({ version: Word, config: Hex32, database: Word }),
  'platform.stop': body({ why: Word }),
  'source.start': body({ source: Word, epoch: Count, last: Count }),
  /** `positive`: a good certificate was let in. `case`: one of `authnProbeCases`, others are read as extra cases. */
  'probe.authn.neg': body({
    listener: Word,
    build: Word,
    positive: Type.Boolean(),
    cases: Type.Array(body({ case: Word, refused: Type.Boolean(), logged: Type.Boolean(), response: Line }), {
      minItems: 1,
      maxItems: 32,
    }),
  }),
  'probe.authz.replay': body({ samples: Count, equal: Count, diverged: Type.Array(Line, { maxItems: 32 }) }),
  /**
   * `accepted` and `refused`: versions (`TLSv1.2`) and suites (IANA or OpenSSL names), or both joined by a blank; a scan
   * that refused no version below the floor has not tried a downgrade. `findings`: whatever else is wrong.
   */
  'probe.tls': body({
    listener: Word,
    accepted: Type.Array(Word, { maxItems: 64 }),
    refused: Type.Array(Word, { maxItems: 64 }),
    chainValid: Type.Boolean(),
    notAfter: At,
    plaintext: Type.Boolean(),
    findings: Type.Array(Line, { maxItems: 32 }),
  }),
  /** `permitted`, `forbidden`: what was tried of either kind; `leaks`: forbidden and let through; `blocked`: permitted and refused. */
  'probe.isolation': body({
    level: Level,
    device: Pseudonym,
    permitted: Type.Array(Word, { maxItems: 32 }),
    forbidden: Type.Array(Word, { maxItems: 32 }),
    leaks: Type.Array(Word, { maxItems: 32 }),
    blocked: Type.Array(Word, { maxItems: 32 }),
  }),
  /** `monitor`: `tripwire` is the plaintext listener, up only while it listens on `ports`. */
  'monitor.heartbeat': body({
    monitor: Word,
    up: Type.Boolean(),
    ports: Type.Array(Count, { maxItems: 16 }),
    hits: Count,
  }),
  /** Counters of sources against leaves, and of decisions against operations, in one window. `log`: agreement id, `platform`, `master`, or an origin. */
  'ledger.reconcile': body({
    ...Window,
    sources: Type.Array(body({ source: Word, log: Word, counted: Count, logged: Count }), { maxItems: 64 }),
    authenticated: Count,
    sessionsOpened: Count,
    operations: Count,
    decisions: Count,
  }),
  /** Checkpoints of one log published in the window; `withinShare` of them at most `limitMs` after the growth they cover. */
  'ledger.checkpoint': body({
    origin: Word,
    size: Count,
    ...Window,
    published: Count,
    medianMs: Ms,
    withinShare: Share,
    limitMs: Ms,
  }),
  /** `refused`: A turned the cosignature away; then `cosignedAt` is the time of the attempt. */
  'ledger.cosign': body({ origin: Word, size: Count, witness: Word, cosignedAt: At, refused: Type.Boolean() }),
  'ledger.conflict': body({ origin: Word, size: Count, witness: Word, ours: Word, theirs: Word, why: Line }),
  'ledger.fsck': body({
    scope: Type.Union([Type.Literal('tail'), Type.Literal('full')]),
    logs: Type.Array(body({ origin: Word, size: Count, mismatches: Count, why: Type.Optional(Line) }), {
      maxItems: 256,
    }),
  }),
  'ledger.recover': body({ previous: Word, size: Count, root: Word, why: Line }),
  'log.grow': body({ origin: Word, size: Count, root: Word }),
  'outbox.lag': body({ ...Window, rows: Count, withinShare: Share, limitMs: Ms, maxMs: Ms }),
  /** `offsetMs`: magnitude, without sign. A clock that nothing was compared with has an uncertainty above every limit. */
  'clock.check': body({ method: Word, offsetMs: Ms, uncertaintyMs: Ms }),
  /** `requests`, `answered`: proof requests of anybody since the self-test before. */
  'ledger.proof.selftest': body({
    origin: Word,
    size: Count,
    leaves: Count,
    passed: Type.Boolean(),
    verifier: Word,
    error: Type.Optional(Line),
    requests: Count,
    answered: Count,
  }),
  'evidence.export': body({ requestedAt: At, readyAt: At, by: Word, sha256: Hex32, entries: Count }),
  'evidence.challenge': body({
    challenge: Word,
    state: Type.Union([Type.Literal('open'), Type.Literal('resolved')]),
    claim: Line,
  }),
  'party.create': body({ party: Word }),
  'party.key': body({ party: Word, thumbprint: Word, use: Word }),
  'agreement.draft': body({ agreement: Word, edition: Word }),
  'agreement.offer': body({ agreement: Word, digest: Hex32 }),
  'agreement.sign': body({ agreement: Word, party: Word, digest: Hex32, thumbprint: Word }),
  'agreement.enforce': body({ agreement: Word, digest: Hex32 }),
  'person.invite': body({ role: Word, by: Word }),
  'person.join': body({ person: Word, role: Word }),
  'person.signin': body({ person: Type.Optional(Word), outcome: Word, code: Type.Optional(Word) }),
  'person.remove': body({ person: Word, by: Word }),
  'person.recover': body({ person: Type.Optional(Word), how: Word }),
  'token.create': body({ token: Word, role: Word, by: Word, expires: At }),
  'token.revoke': body({ token: Word, by: Word }),
  'backup.run': body({ sha256: Hex32, bytes: Count, ledgers: Count }),
  /** One judgement of one row; `subjects` lists those that are not met (at most 50, `why` in English, `zh` in Chinese) and `counts` all of them. */
  'eval.result': body({
    row: Row,
    status: Status,
    evaluator: Word,
    at: At,
    counts: Type.Record(Type.String(), Count),
    subjects: Type.Array(body({ subject: Word, status: Status, why: Line, zh: Line }), { maxItems: 50 }),
    evidence: Type.Array(body({ origin: Word, index: Count }), { maxItems: 32 }),
    /** Time of the newest record among `evidence`. */
    evidenceAt: Type.Optional(At),
    upTo: Type.Array(body({ origin: Word, size: Count }), { maxItems: 4 }),
    grade: Level,
  }),
  'breach.open': body({
    breach: Word,
    row: Row,
    code: Word,
    owner: Word,
    subject: Word,
    observed: Line,
    observedZh: Type.Optional(Line),
    deadline: Type.Optional(At),
  }),
  'breach.notify': body({ breach: Word, to: Word, how: Word }),
  'breach.cure': body({ breach: Word, row: Row, subject: Word, how: Word }),
  'breach.close': body({ breach: Word, how: Word }),
  /** Signed by the counterparty of the owner; excuses a subject of a row (absent: the whole row) until it ends. */
  'breach.waive': body({
    row: Row,
    subject: Type.Optional(Word),
    until: At,
    party: Word,
    thumbprint: Word,
    why: Line,
  }),
};
