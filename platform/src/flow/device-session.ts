import type { LadderKind, ProblemCode, UplinkKind } from '@pactgate/protocol';
import { type Denial, downlinksOf, type PermissionTable, type PermitSlot } from '../duties/access/index.ts';
import type { AdmittedIdentity } from '../duties/identity/index.ts';
import type {
  CloseReason,
  ConnectRequest,
  DeviceSession,
  PeerIdentity,
  SessionStats,
  UplinkRoute,
} from './gateway-port.ts';
import type { ChannelRoute, ModelRuntime } from './model-runtime.ts';

/** A permitted route of one session; `data` is set for telemetry. */
export interface SessionRoute extends UplinkRoute {
  readonly kind: UplinkKind;
  readonly name: string;
  readonly slot: number;
  readonly ladder: LadderKind;
  readonly data: ChannelRoute | undefined;
}

/** What a session asks of the gate. */
export interface SessionHost {
  denied(session: LiveSession, denial: Denial, topic: string): void;
  recheck(session: LiveSession): ProblemCode | undefined;
  closed(session: LiveSession, reason: CloseReason, stats: SessionStats): void;
}

/** Names of one admitted connection. */
export interface SessionNames {
  readonly conn: string;
  readonly clientId: string;
  readonly assigned: boolean;
  /** Number of the device in the telemetry store. */
  readonly ref: number;
  readonly expiresAt: number;
}

/** One admitted connection: a mutable object of fixed shape, since every message passes through it. */
export class LiveSession implements DeviceSession {
  readonly party: string;
  readonly device: string;
  readonly clientId: string;
  declare readonly assignedClientId?: string;
  readonly peer: PeerIdentity;
  readonly expiresAt: number;
  readonly conn: string;
  readonly agreement: string;
  readonly pseudonym: string;
  readonly model: string;
  readonly ref: number;
  readonly version5: boolean;
  runtime: ModelRuntime;
  table: PermissionTable;
  slot: PermitSlot;
  epoch = 0;
  level: number;
  /** When it was admitted, epoch milliseconds. */
  readonly openedAt: number;
  /** Last message or connect, epoch milliseconds. */
  heardAt: number;
  /** Publishes of the current minute, by channel, for the rate the manifest agrees. */
  minute = 0;
  readonly perMinute = new Map<string, number>();
  readonly host: SessionHost;
  #routes = new Map<string, SessionRoute>();

  constructor(
    host: SessionHost,
    request: ConnectRequest,
    admitted: AdmittedIdentity,
    given: SessionNames & {
      readonly runtime: ModelRuntime;
      readonly table: PermissionTable;
      readonly slot: PermitSlot;
    },
  ) {
    const { device } = admitted;
    this.host = host;
    this.party = device.party;
    this.device = device.id;
    this.agreement = device.agreement;
    this.pseudonym = device.pseudonym;
    this.model = device.model;
    this.level = device.level;
    this.clientId = given.clientId;
    if (given.assigned) this.assignedClientId = given.clientId;
    this.peer = request.peer;
    this.version5 = request.protocol === 'mqtt5';
    this.expiresAt = given.expiresAt;
    this.conn = given.conn;
    this.ref = given.ref;
    this.openedAt = request.at;
    this.heardAt = request.at;
    this.runtime = given.runtime;
    this.table = given.table;
    this.slot = given.slot;
  }

  /** At levels 2 and 3 a disconnect would cut the lifeline (decisions, fact 10). */
  get denialCloses(): boolean {
    return this.level < 2;
  }

  /** A new table: what was answered before may be different now. */
  replace(runtime: ModelRuntime, table: PermissionTable, slot: PermitSlot): void {
    this.runtime = runtime;
    this.table = table;
    this.slot = slot;
    this.#routes = new Map();
    this.epoch++;
  }

  permitPublish(topic: string): UplinkRoute | ProblemCode {
    const known = this.#routes.get(topic);
    if (known) return known;
    const verdict = this.table.permitPublish(topic);
    if (!verdict.ok) {
      this.host.denied(this, verdict, topic);
      return verdict.code;
    }
    const { kind, ladder } = verdict.row;
    const data = kind === 'telemetry' ? this.runtime.routes.get(verdict.name) : undefined;
    const route: SessionRoute = { kind, ladder, name: verdict.name, slot: this.#routes.size, data };
    // Topics with an id in them are as many as there are ids: only those of telemetry are remembered.
    if (data) this.#routes.set(topic, route);
    return route;
  }

  permitSubscribe(filter: string): true | ProblemCode {
    const answer = this.table.permitSubscribe(filter);
    if (answer.ok) return true;
    this.host.denied(this, answer, filter);
    return answer.code;
  }

  /** No refusal of the device: it asked for nothing, so nothing is recorded against it. */
  permitReceive(topic: string): boolean {
    const [kind] = downlinksOf(topic);
    return kind !== undefined && this.table.permitReceive(kind).ok;
  }

  recheck(): ProblemCode | undefined {
    return this.host.recheck(this);
  }

  closed(reason: CloseReason, stats: SessionStats): void {
    this.host.closed(this, reason, stats);
  }
}
