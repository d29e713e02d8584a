import { Type } from 'typebox';
import { At, body, Code, Count, Hex32, Line, Model, Ms, Pseudonym, Window, Word } from './parts.ts';

const Severity = Type.Enum(['info', 'low', 'medium', 'high', 'critical']);

/** Bodies about what devices do and send: decisions, data, versions, reports, commands (clauses 2.1-2.6, 3.1, 3.6). */
export const conductRecords = {
  /** `signer` here and in `schema.publish`: RFC 7638 thumbprint of the key of party B whose signature was verified. */
  'model.profile.sign': body({
    model: Model,
    version: Count,
    digest: Hex32,
    signer: Word,
    supportEnd: At,
    missing: Type.Array(Word, { maxItems: 16 }),
  }),
  'sbom.ingest': body({ model: Model, format: Word, digest: Hex32, components: Count, parsed: Type.Boolean() }),
  'model.activate': body({ model: Model, by: Word }),
  'schema.publish': body({
    model: Model,
    version: Count,
    digest: Hex32,
    fields: Count,
    untagged: Type.Array(Word, { maxItems: 256 }),
    reviewBy: At,
    signer: Word,
  }),
  'schema.countersign': body({ model: Model, version: Count, digest: Hex32, by: Word }),
  /** Every field of one message counts once; paths are those of the device, at most 64 distinct per model and day, then `other`. */
  'msg.validate': body({
    model: Model,
    ...Window,
    messages: Count,
    withUndeclared: Count,
    mistyped: Count,
    storedUndeclared: Count,
    sealed: Count,
    undeclared: Type.Array(body({ path: Line, count: Count }), { maxItems: 65 }),
  }),
  'msg.refuse': body({ device: Pseudonym, code: Code, channel: Type.Optional(Word), protocol: Word }),
  /**
   * A denial has outcome `deny` and covers one operation. Permits are aggregated (outcome `permit`, `n` operations):
   * `devices` counts them per device; `within` of `timed` decisions took at most `limitMs`.
   * `foreign`: the resource belongs to another party.
   */
  'authz.decide': body({
    policy: Hex32,
    policies: Type.Array(Word, { maxItems: 32 }),
    device: Type.Optional(Pseudonym),
    action: Type.Optional(Word),
    resource: Type.Optional(Line),
    code: Type.Optional(Code),
    foreign: Type.Optional(Type.Boolean()),
    from: Type.Optional(At),
    to: Type.Optional(At),
    devices: Type.Optional(Type.Record(Type.String(), Count)),
    timed: Type.Optional(Count),
    within: Type.Optional(Count),
    limitMs: Type.Optional(Ms),
  }),
  'authz.deny.burst': body({ device: Pseudonym, count: Count, ...Window, action: Word }),
  'policy.publish': body({ digest: Hex32, version: Count, policies: Type.Array(Word, { maxItems: 256 }), by: Word }),
  'version.report': body({
    device: Pseudonym,
    model: Model,
    version: Word,
    known: Type.Boolean(),
    sbom: Type.Optional(Hex32),
  }),
  'device.ports.report': body({
    device: Pseudonym,
    ports: Type.Array(Type.Integer({ minimum: 1, maximum: 65535 }), { maxItems: 256 }),
  }),
  'incident.selftest': body({
    device: Pseudonym,
    detectors: Type.Array(Word, { maxItems: 32 }),
    passed: Type.Boolean(),
  }),
  /** `delayMs`: detection to receipt by the device's clock, corrected by its offset at connect; `reconnectMs`: since its last connect. */
  'incident.report': body({
    device: Pseudonym,
    report: Word,
    type: Word,
    severity: Severity,
    seq: Count,
    boot: Count,
    detectedAt: At,
    receivedAt: At,
    delayMs: Ms,
    reconnectMs: Ms,
    valid: Type.Boolean(),
    missing: Type.Optional(body({ from: Count, to: Count })),
    explains: Type.Optional(body({ from: Count, to: Count })),
  }),
  'incident.open': body({ incident: Word, device: Type.Optional(Pseudonym), type: Word, severity: Severity }),
  'incident.confirm': body({ incident: Word, severity: Severity, by: Word }),
  'incident.contain': body({ incident: Word, how: Line, by: Word }),
  'incident.close': body({ incident: Word, by: Word, why: Line }),
  'command.send': body({ device: Pseudonym, command: Word, name: Word, deadline: At, by: Word }),
  'command.deliver': body({ device: Pseudonym, command: Word }),
  'command.result': body({ device: Pseudonym, command: Word, outcome: Word }),
  'probe.plaintext.hit': body({
    device: Type.Optional(Pseudonym),
    port: Count,
    protocol: Word,
    attributed: Type.Boolean(),
  }),
  'data.export': body({
    by: Word,
    role: Word,
    device: Type.Optional(Pseudonym),
    format: Word,
    rows: Count,
    fields: Count,
    masked: Count,
    sha256: Hex32,
  }),
  'data.read': body({ by: Word, role: Word, device: Pseudonym, rows: Count, masked: Count }),
};
