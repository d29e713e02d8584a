import { type Static, type TSchema, Type } from 'typebox';
import { Check } from 'typebox/value';
import { body, Count, Hex32, Word } from './records/parts.ts';
import { severities } from './topics.ts';

/**
 * Payloads of control messages, JSON in UTF-8, closed: an unknown member is refused (gateway: uplink). Telemetry is not
 * here, its shape is the manifest's. Both sides parse with these.
 */

/** Longest control message, in octets. */
export const maxControlOctets = 4_096;

const FirmwareVersion = Type.String({ pattern: '^[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}$' });
/** Free members of reports and results; the size of the whole message bounds them. */
const Details = Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), { maxProperties: 64 });

/** `up/version` (clause 2.5): at connect and at every change. */
export const VersionMessage = body({
  v: Type.Literal(1),
  firmware: FirmwareVersion,
  /** SHA-256 of the SBOM of this version. */
  sbom: Type.Optional(Hex32),
});
export type VersionMessage = Static<typeof VersionMessage>;

/** `up/evidence/ports` (row B2.3.2): what the device listens on; empty is an answer too. */
export const PortsMessage = body({
  ports: Type.Array(Type.Integer({ minimum: 1, maximum: 65_535 }), { maxItems: 256 }),
});
export type PortsMessage = Static<typeof PortsMessage>;

/** `up/evidence/selftest` (row B2.6.1): the detectors that were tried and whether all of them fired. */
export const SelftestMessage = body({
  detectors: Type.Array(Word, { maxItems: 32 }),
  passed: Type.Boolean(),
});
export type SelftestMessage = Static<typeof SelftestMessage>;

/** `up/state`: the reported twin as a merge patch (RFC 7396). */
export const StateMessage = Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), { maxProperties: 64 });
export type StateMessage = Static<typeof StateMessage>;

export const reportTypes = [
  'tamper',
  'boot_integrity',
  'debug_port',
  'auth_fail',
  'unexpected_process',
  'config_change',
  'update_fail',
  'network',
  'malware',
  'resource',
  'selftest',
  'overflow',
  'metrics',
  'custom',
] as const;
export type ReportType = (typeof reportTypes)[number];

/** `up/event/{severity}` (row B2.6.2): a device's security report. `severity` equals the word of the topic. */
export const SecurityReport = body({
  v: Type.Literal(1),
  /** ULID; with the device it is the idempotency key. */
  id: Type.String({ pattern: '^[0-7][0-9A-HJKMNP-TV-Z]{25}$' }),
  /** Grows with every start of the device. */
  boot: Count,
  /** From 1 on, gap-free across restarts; the same number with another content is a clone or tampering. */
  seq: Type.Integer({ minimum: 1 }),
  /** When it was detected, by the device's clock (RFC 3339, UTC). */
  t: Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,3})?Z$' }),
  /** Milliseconds since the start of the device: dates the event when its clock is wrong. */
  mono: Count,
  type: Type.Enum([...reportTypes]),
  severity: Type.Enum([...severities]),
  check: Type.Optional(Word),
  fw: Type.Optional(FirmwareVersion),
  /** Equal events within a minute that this report stands for. Absent: 1. */
  count: Type.Optional(Type.Integer({ minimum: 1 })),
  detail: Type.Optional(Details),
  /** Detached JWS over the RFC 8785 form of the rest, by the device's key. */
  sig: Type.Optional(Type.String({ maxLength: 512 })),
});
export type SecurityReport = Static<typeof SecurityReport>;

/** `detail` of a report of type `overflow`: the queue was full and reports of this range were dropped. */
export const OverflowDetail = body({
  fromSeq: Type.Integer({ minimum: 1 }),
  toSeq: Type.Integer({ minimum: 1 }),
});
export type OverflowDetail = Static<typeof OverflowDetail>;

/** `up/cmd/{id}/accepted` and `up/notice/{id}/ack`: the topic says it all; an empty payload means the same. */
export const EmptyMessage = body({});
export type EmptyMessage = Static<typeof EmptyMessage>;

/** `up/cmd/{id}/result` (clause 3.6). */
export const CommandResult = body({ outcome: Type.Enum(['done', 'failed']), result: Type.Optional(Details) });
export type CommandResult = Static<typeof CommandResult>;

/** `dn/cmd/{id}`: what the platform asks for; `id` is the idempotency key, `deadline` in epoch milliseconds. */
export const CommandMessage = body({
  id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }),
  name: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }),
  payload: Type.Unknown(),
  deadline: Count,
});
export type CommandMessage = Static<typeof CommandMessage>;

/**
 * `dn/notice/{id}`. Devices ignore kinds and members they do not know, so that the platform can say more later.
 * `event-receipt`: reports up to `seq` were recorded without a gap, the last at `index` of the ledger. `refusal`: what
 * MQTT 3.1.1 cannot say in an acknowledgement. `advisory`: to be acknowledged on `up/notice/{id}/ack`.
 */
export const NoticeMessage = Type.Object(
  {
    kind: Type.Enum(['event-receipt', 'refusal', 'advisory']),
    seq: Type.Optional(Count),
    index: Type.Optional(Count),
    /** Problem code of a refusal, and the topic it was about. */
    code: Type.Optional(Word),
    topic: Type.Optional(Type.String({ maxLength: 256 })),
    text: Type.Optional(Type.Object({ zh: Type.String({ maxLength: 2_000 }), en: Type.String({ maxLength: 2_000 }) })),
  },
  { additionalProperties: true },
);
export type NoticeMessage = Static<typeof NoticeMessage>;

/** Whether a value is a message of this schema. For devices and other rare readers: no code is generated. */
export const isMessage = <T extends TSchema>(schema: T, value: unknown): value is Static<T> => Check(schema, value);
