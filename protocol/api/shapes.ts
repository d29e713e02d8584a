import { type TObject, type TSchema, Type } from 'typebox';
import { roleNames } from '../roles.ts';

/** Shapes of answers. Times are epoch milliseconds; `closed` objects refuse unknown members on input. */
export const closed = <const P extends Record<string, TSchema>>(properties: P): TObject<P> =>
  Type.Object(properties, { additionalProperties: false });

export const At = Type.Integer({ minimum: 0 });
export const Count = Type.Integer({ minimum: 0 });
export const Text = Type.String({ minLength: 1, maxLength: 200 });
export const Line = Type.String({ maxLength: 2000 });
export const Id = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' });
export const Party = Type.String({ pattern: '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$' });
export const Uuid = Type.String({ pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' });
export const Email = Type.String({ pattern: '^[^\\s@<>"]{1,64}@[^\\s@<>"]{1,190}$' });
export const RoleName = Type.Enum([...roleNames]);
export const BothTexts = closed({ zh: Line, en: Line });
export const Any = Type.Unknown();
export const Json = Type.Record(Type.String(), Type.Unknown());
export const Jwk = closed({ kty: Type.Literal('EC'), crv: Type.Literal('P-256'), x: Text, y: Text });
/** General JSON JWS (RFC 7515 section 7.2.1) over RFC 8785 bytes. */
export const Jws = closed({
  payload: Type.String({ maxLength: 1_400_000 }),
  signatures: Type.Array(closed({ protected: Line, signature: Line }), { minItems: 1, maxItems: 4 }),
});

export const Particulars = closed({
  name: Text,
  representative: Text,
  address: Text,
  register: Type.Union([
    closed({ kind: Type.Literal('uscc'), number: Text }),
    closed({ kind: Type.Literal('other'), registerName: Text, number: Text }),
  ]),
  contactEmail: Email,
});

export const AgreementState = Type.Enum(['draft', 'offered', 'signed-by-one', 'in-force', 'suspended', 'ended']);
export const AgreementSummary = closed({
  id: Uuid,
  party: Party,
  partyName: Text,
  state: AgreementState,
  edition: Text,
  draftedAt: At,
  inForceAt: Type.Optional(At),
  /** SHA-256 of the RFC 8785 bytes of the document, hex; absent while it is a draft. */
  digest: Type.Optional(Text),
  origin: Text,
  logId: Text,
});
export const Signature = closed({ party: Party, name: Text, at: At, thumbprint: Text });
export const StatusName = Type.Enum(['met', 'at-risk', 'breached', 'unknown', 'n/a', 'waived', 'not-implemented']);
export const EvidenceRef = closed({ origin: Text, index: Count });
export const BoardRow = closed({
  row: Text,
  clause: Text,
  owner: Type.Enum(['A', 'B', 'AB']),
  name: BothTexts,
  duty: BothTexts,
  criterion: BothTexts,
  status: StatusName,
  why: Type.Array(BothTexts, { maxItems: 5 }),
  counts: Type.Record(Type.String(), Count),
  judgedAt: Type.Optional(At),
  /** Time of the newest evidence it rests on. */
  evidenceAt: Type.Optional(At),
  grade: Type.Optional(Count),
  evidence: Type.Array(EvidenceRef, { maxItems: 32 }),
  breaches: Count,
});
export const Breach = closed({
  id: Uuid,
  row: Text,
  code: Text,
  owner: Text,
  subject: Text,
  observed: BothTexts,
  openedAt: At,
  deadline: Type.Optional(At),
  curedAt: Type.Optional(At),
  closedAt: Type.Optional(At),
  notifiedAt: Type.Optional(At),
  state: Type.Enum(['open', 'cured', 'closed']),
});

export const ModelSummary = closed({
  model: Id,
  state: Type.Enum(['draft', 'signed', 'active']),
  devices: Count,
  fileVersion: Type.Optional(Count),
  manifestVersion: Type.Optional(Count),
  countersigned: Type.Boolean(),
  supportEnd: Type.Optional(At),
  missing: Type.Array(Text),
});
export const DeviceState = Type.Enum(['registered', 'pending', 'active', 'suspended', 'retired']);
export const DeviceSummary = closed({
  id: Id,
  pseudonym: Text,
  model: Id,
  state: DeviceState,
  level: Count,
  online: Type.Boolean(),
  lastSeen: Type.Optional(At),
  version: Type.Optional(Text),
  versionKnown: Type.Optional(Type.Boolean()),
  certificateUntil: Type.Optional(At),
  refusals24h: Count,
  watched: Type.Boolean(),
});
export const Refusal = closed({
  at: At,
  code: Text,
  title: BothTexts,
  next: BothTexts,
  cause: BothTexts,
  action: Type.Optional(Text),
  resource: Type.Optional(Text),
  policies: Type.Array(Text),
  count: Count,
});
export const Session = closed({
  conn: Text,
  clientId: Text,
  openedAt: At,
  closedAt: Type.Optional(At),
  reason: Type.Optional(Text),
  transport: Text,
  tls: Text,
  suite: Text,
  group: Type.Optional(Text),
  resumed: Type.Boolean(),
  address: Type.Optional(Text),
  received: Count,
  sent: Count,
});
export const Command = closed({
  id: Uuid,
  name: Id,
  state: Type.Enum(['waiting', 'delivered', 'accepted', 'done', 'failed', 'expired']),
  createdAt: At,
  deadline: At,
  deliveredAt: Type.Optional(At),
  finishedAt: Type.Optional(At),
  result: Type.Optional(Any),
  by: Text,
});
export const Incident = closed({
  id: Uuid,
  agreement: Uuid,
  device: Type.Optional(Id),
  type: Text,
  severity: Text,
  state: Type.Enum(['reported', 'confirmed', 'contained', 'closed']),
  openedAt: At,
  confirmedAt: Type.Optional(At),
  containedAt: Type.Optional(At),
  closedAt: Type.Optional(At),
  reports: Count,
  summary: Line,
});
export const LogSummary = closed({
  id: Text,
  origin: Text,
  kind: Type.Enum(['agreement', 'platform', 'master']),
  agreement: Type.Optional(Uuid),
  vkey: Text,
  size: Count,
  published: Count,
  publishedAt: Type.Optional(At),
  cosignedAt: Type.Optional(At),
  witnesses: Type.Array(Text),
  signing: Type.Boolean(),
});
export const LogRecord = closed({
  origin: Text,
  index: Count,
  leaf: Json,
  body: Type.Optional(Json),
  salt: Type.Optional(Text),
  disclosures: Type.Optional(Type.Array(Text)),
  erased: Type.Boolean(),
});
export const Token = closed({
  id: Uuid,
  name: Text,
  role: RoleName,
  party: Party,
  createdAt: At,
  expiresAt: At,
  lastUsedAt: Type.Optional(At),
  /** The platform made it for work of its own, such as the self-test of the ledger. */
  internal: Type.Optional(Type.Literal(true)),
});
export const Person = closed({
  id: Text,
  name: Text,
  email: Text,
  role: RoleName,
  party: Party,
  secondFactor: Type.Boolean(),
  createdAt: At,
});
export const page = <T extends TSchema>(
  item: T,
): TObject<{
  items: ReturnType<typeof Type.Array<T>>;
  next: ReturnType<typeof Type.Optional<ReturnType<typeof Type.String>>>;
}> => closed({ items: Type.Array(item), next: Type.Optional(Type.String()) });
export const PageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  after: Type.Optional(Type.String({ maxLength: 128 })),
};
