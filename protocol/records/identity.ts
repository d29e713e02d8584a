import { Type } from 'typebox';
import { At, body, Code, Count, Hex32, Level, Line, Model, Ms, Pseudonym, Serial, Word } from './parts.ts';

/** Bodies about who a device is: registration, enrolment, keys, certificates, sessions (clauses 2.2, 2.3, 3.1). */
export const identityRecords = {
  'device.register': body({ device: Pseudonym, model: Model }),
  'device.state': body({
    device: Pseudonym,
    state: Type.Enum(['registered', 'pending', 'active', 'suspended', 'retired']),
    why: Line,
  }),
  /** `pop`: the request's signature by its own key was verified; `approved`: the claim (code, order) was valid. */
  'device.enrol': body({
    device: Pseudonym,
    model: Model,
    spki: Hex32,
    via: Word,
    pop: Type.Boolean(),
    approved: Type.Boolean(),
  }),
  'device.key.bind': body({
    device: Pseudonym,
    spki: Hex32,
    serial: Serial,
    supersedes: Type.Optional(Hex32),
    overlapUntil: Type.Optional(At),
  }),
  'device.key.retire': body({ device: Pseudonym, spki: Hex32, serial: Serial, why: Line }),
  'device.id.scan': body({
    devices: Count,
    liveKeys: Count,
    shared: Type.Array(body({ spki: Hex32, devices: Type.Array(Pseudonym, { maxItems: 64 }) }), { maxItems: 256 }),
    multiple: Type.Array(body({ device: Pseudonym, keys: Count, overlapUntil: Type.Optional(At) }), { maxItems: 256 }),
  }),
  'device.id.conflict': body({
    device: Pseudonym,
    verdict: Type.Union([Type.Literal('suspected'), Type.Literal('confirmed')]),
    keys: Type.Array(Hex32, { maxItems: 8 }),
    heldMs: Type.Optional(Ms),
    why: Line,
  }),
  'cert.issue': body({ device: Pseudonym, serial: Serial, spki: Hex32, issuer: Word, notBefore: At, notAfter: At }),
  /** `leftShare`: share of the old certificate's life that was left when it was renewed; 0 after its end. */
  'cert.renew': body({
    device: Pseudonym,
    serial: Serial,
    previous: Serial,
    leftShare: Type.Number({ minimum: 0, maximum: 1 }),
    notAfter: At,
  }),
  'cert.revoke': body({ device: Pseudonym, serial: Serial, reason: Line }),
  /** The list of a party's issuing CA stands in its agreement's log, all others in the platform log. */
  'crl.publish': body({ issuer: Word, number: Count, entries: Count, thisUpdate: At, nextUpdate: At }),
  /** `conn` names the connection in its `session.close`. `authenticated`: chain, own check and possession were proven. */
  'session.open': body({
    device: Pseudonym,
    conn: Word,
    transport: Word,
    listener: Word,
    serial: Serial,
    spki: Hex32,
    tls: Word,
    suite: Word,
    group: Type.Optional(Word),
    resumed: Type.Boolean(),
    authenticated: Type.Boolean(),
    notAfter: At,
  }),
  'session.close': body({
    device: Pseudonym,
    conn: Word,
    serial: Serial,
    reason: Code,
    durationMs: Ms,
    received: Count,
    sent: Count,
  }),
  'session.reject': body({
    device: Type.Optional(Pseudonym),
    code: Code,
    stage: Word,
    listener: Word,
    transport: Word,
    spki: Type.Optional(Hex32),
    serial: Type.Optional(Serial),
    tls: Type.Optional(Word),
    suite: Type.Optional(Word),
  }),
  'gate.limit': body({ device: Type.Optional(Pseudonym), listener: Word, code: Code, count: Count, from: At, to: At }),
  /** Order to cut is measured from the commit of the order to the last closed socket. */
  'device.isolate': body({
    device: Pseudonym,
    order: Word,
    level: Level,
    previous: Level,
    reason: Line,
    by: Word,
    until: Type.Optional(At),
  }),
  'device.isolate.effect': body({
    device: Pseudonym,
    order: Word,
    level: Level,
    connectionsCut: Count,
    commitToCutMs: Ms,
  }),
};
