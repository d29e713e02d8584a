import { isOwnDownlinkFilter, type ProblemCode, parseUplinkTopic } from '@pactgate/protocol';
import type {
  Admission,
  AdmissionPort,
  CloseReason,
  ConnectRequest,
  DeviceSession,
  DownlinkPort,
  GatewayRecords,
  GatewayRefusal,
  PeerIdentity,
  SessionStats,
  SourceBan,
  UplinkMessage,
  UplinkPort,
  UplinkRoute,
  UplinkWaiter,
} from '../../flow/gateway-port.ts';

/** Fakes of the gateway's ports: they admit who has a certificate and keep everything in memory. */

export class FakeSession implements DeviceSession {
  readonly party = 'acme';
  readonly device: string;
  readonly clientId: string;
  readonly assignedClientId?: string;
  readonly peer: PeerIdentity;
  expiresAt = Number.MAX_SAFE_INTEGER;
  epoch = 1;
  denialCloses = true;
  /** Topics and filters denied although they are the device's own. */
  readonly denied = new Map<string, ProblemCode>();
  /** What came about while it was admitted. */
  late: ProblemCode | undefined = undefined;
  ended: { readonly reason: CloseReason; readonly stats: SessionStats } | undefined = undefined;
  private readonly routes = new Map<string, UplinkRoute>();

  constructor(request: ConnectRequest, assigned: string | undefined) {
    this.device = request.peer.subjectCn ?? 'unknown';
    this.clientId = assigned ?? request.clientId;
    this.peer = request.peer;
    if (assigned !== undefined) this.assignedClientId = assigned;
  }

  permitPublish(topic: string): UplinkRoute | ProblemCode {
    const denial = this.denied.get(topic);
    if (denial !== undefined) return denial;
    const known = this.routes.get(topic);
    if (known) return known;
    const parsed = parseUplinkTopic(topic);
    if (parsed === undefined) return topic.startsWith('v1/me/up/') ? 'access/topic-unknown' : 'access/topic-foreign';
    const route = { kind: parsed.row.kind, name: parsed.name ?? '', slot: this.routes.size };
    this.routes.set(topic, route);
    return route;
  }

  permitSubscribe(filter: string): true | ProblemCode {
    return this.denied.get(filter) ?? (isOwnDownlinkFilter(filter) ? true : 'access/topic-foreign');
  }

  permitReceive(topic: string): boolean {
    return !this.denied.has(topic);
  }

  recheck(): ProblemCode | undefined {
    return this.late;
  }

  closed(reason: CloseReason, stats: SessionStats): void {
    this.ended = { reason, stats };
  }
}

export class FakeAdmission implements AdmissionPort {
  readonly sessions: FakeSession[] = [];
  readonly requests: ConnectRequest[] = [];
  /** Answer instead of an admission. */
  refuse: ProblemCode | undefined = undefined;
  /** What to wait for before answering. */
  gate: Promise<unknown> = Promise.resolve();
  /** What comes about of each session while it is admitted. */
  late: ProblemCode | undefined = undefined;

  async connect(request: ConnectRequest): Promise<Admission> {
    this.requests.push(request);
    await this.gate;
    if (this.refuse !== undefined) return { ok: false, code: this.refuse };
    const device = request.peer.subjectCn ?? '';
    const isOwn = request.clientId === '' || request.clientId === device || request.clientId.startsWith(`${device}:`);
    if (!isOwn) return { ok: false, code: 'access/client-id' };
    const assigned = request.clientId === '' ? `${device}:${this.sessions.length}` : undefined;
    const session = new FakeSession(request, assigned);
    session.late = this.late;
    this.sessions.push(session);
    return { ok: true, session };
  }
}

export interface Stored {
  readonly topic: string;
  readonly payload: string;
  readonly qos: number;
  readonly device: string;
}

/** Acknowledges in the next tick, or when told to. */
export class FakeUplink implements UplinkPort {
  readonly stored: Stored[] = [];
  /** Refuses payloads that hold the key. */
  readonly refusals = new Map<string, ProblemCode>();
  manual = false;
  private waiting: { readonly waiter: UplinkWaiter; readonly packetId: number }[] = [];

  submit(message: UplinkMessage, waiter: UplinkWaiter): ProblemCode | undefined {
    const payload = message.text();
    for (const [text, code] of this.refusals) if (payload.includes(text)) return code;
    this.stored.push({ topic: message.topic, payload, qos: message.qos, device: message.session.device });
    if (message.qos === 0) return undefined;
    if (this.waiting.length === 0 && !this.manual) setImmediate(() => this.commit());
    this.waiting.push({ waiter, packetId: message.packetId });
    return undefined;
  }

  /** Acknowledges all that wait, in the reverse order if asked: the engine must not care. */
  commit(isReversed = false): void {
    const { waiting } = this;
    this.waiting = [];
    for (const { waiter, packetId } of isReversed ? waiting.toReversed() : waiting) waiter.acknowledge(packetId);
  }
}

export class FakeDownlink implements DownlinkPort {
  readonly woken: DeviceSession[] = [];
  onPending: ((session: DeviceSession) => void) | undefined = undefined;

  pending(session: DeviceSession): void {
    this.woken.push(session);
    this.onPending?.(session);
  }
}

export class FakeRecords implements GatewayRecords {
  readonly refusals: GatewayRefusal[] = [];
  readonly bans: SourceBan[] = [];

  refused(refusal: GatewayRefusal): void {
    this.refusals.push(refusal);
  }

  banned(ban: SourceBan): void {
    this.bans.push(ban);
  }
}
