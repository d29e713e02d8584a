import type { IsolationLevel, ProblemCode, Severity, Texts } from '@pactgate/protocol';
import type { Instant } from '../kernel/time.ts';

/** Names a device: agreement and device id, everywhere together. */
export interface DeviceRef {
  readonly agreement: string;
  readonly device: string;
}
/** A page of a list: at most `limit` items (1 to 500) past the opaque `after`. */
export interface PageRequest {
  readonly limit: number;
  readonly after?: string;
}
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

/** One connection of a device, as people see it. */
export interface SessionRow extends DeviceRef {
  readonly conn: string;
  readonly clientId: string;
  readonly openedAt: Instant;
  readonly closedAt?: Instant;
  readonly reason?: string;
  readonly transport: string;
  readonly tls: string;
  readonly suite: string;
  readonly group?: string;
  readonly resumed: boolean;
  readonly address: string;
  readonly received: number;
  readonly sent: number;
}

/** What a device was refused; equal ones of one hour are one row with a count. */
export interface RefusalRow extends DeviceRef {
  readonly code: ProblemCode;
  readonly action: string;
  readonly resource: string;
  readonly policies: readonly string[];
  readonly first: Instant;
  readonly last: Instant;
  readonly count: number;
}

/**
 * Sessions and refusals of devices. Writes are batched by the caller, in its transaction; both lists are bounded by
 * `trim`, which keeps the newest per device.
 */
export interface SessionStore<Tx> {
  open(tx: Tx, sessions: readonly SessionRow[]): Promise<void>;
  close(
    tx: Tx,
    ends: readonly {
      readonly conn: string;
      readonly at: Instant;
      readonly reason: string;
      readonly received: number;
      readonly sent: number;
    }[],
  ): Promise<void>;
  /** Ends what a process that died left open. Answers how many there were. */
  closeStale(tx: Tx, at: Instant): Promise<number>;
  refuse(tx: Tx, refusals: readonly RefusalRow[]): Promise<void>;
  sessions(device: DeviceRef, page: PageRequest): Promise<Page<SessionRow>>;
  refusals(device: DeviceRef, page: PageRequest): Promise<Page<RefusalRow>>;
  /** Refusals by device since a moment, for the list of devices. */
  refusalCounts(agreement: string, since: Instant): Promise<ReadonlyMap<string, number>>;
  trim(tx: Tx, before: Instant): Promise<void>;
}

export interface VersionRow extends DeviceRef {
  readonly at: Instant;
  readonly version: string;
  readonly known: boolean;
}
export interface VersionStore<Tx> {
  put(tx: Tx, row: VersionRow): Promise<void>;
  history(device: DeviceRef, limit: number): Promise<readonly VersionRow[]>;
  newest(agreement: string): Promise<ReadonlyMap<string, VersionRow>>;
}

export type CommandState = 'waiting' | 'delivered' | 'accepted' | 'done' | 'failed' | 'expired';
export interface CommandRow extends DeviceRef {
  readonly id: string;
  readonly name: string;
  /** JSON text. */
  readonly payload: string;
  readonly state: CommandState;
  readonly createdAt: Instant;
  readonly deadline: Instant;
  readonly deliveredAt?: Instant;
  readonly finishedAt?: Instant;
  /** JSON text. */
  readonly result?: string;
  readonly by: string;
}
export interface CommandStore<Tx> {
  add(tx: Tx, command: CommandRow): Promise<void>;
  /** Compare-and-swap on the state; false when the command has moved on. */
  move(tx: Tx, command: CommandRow, to: CommandRow): Promise<boolean>;
  command(id: string): Promise<CommandRow | undefined>;
  /** Commands that wait for this device, oldest first, at most `limit`. */
  waiting(device: DeviceRef, limit: number): Promise<readonly CommandRow[]>;
  commands(device: DeviceRef, page: PageRequest): Promise<Page<CommandRow>>;
  /** Open commands past their deadline. */
  overdue(now: Instant, limit: number): Promise<readonly CommandRow[]>;
}

export type IncidentState = 'reported' | 'confirmed' | 'contained' | 'closed';
export interface IncidentRow {
  readonly id: string;
  readonly agreement: string;
  readonly device?: string;
  readonly type: string;
  readonly severity: Severity;
  readonly state: IncidentState;
  readonly openedAt: Instant;
  readonly confirmedAt?: Instant;
  readonly containedAt?: Instant;
  readonly closedAt?: Instant;
  readonly reports: number;
  readonly summary: string;
}
export interface IncidentEvent {
  readonly incident: string;
  readonly at: Instant;
  readonly kind: string;
  readonly zh: string;
  readonly en: string;
}
export interface SequenceRow {
  readonly boot: number;
  readonly highest: number;
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
}
export interface ReportRow extends DeviceRef {
  readonly report: string;
  readonly seq: number;
  readonly boot: number;
  /** SHA-256 of the report's canonical bytes, hex: the same id or seq with another content is a finding. */
  readonly digest: string;
  readonly received: Instant;
}
export interface IncidentStore<Tx> {
  add(tx: Tx, incident: IncidentRow): Promise<void>;
  /** Compare-and-swap on the state. */
  move(tx: Tx, incident: IncidentRow, to: IncidentRow): Promise<boolean>;
  addEvent(tx: Tx, event: IncidentEvent): Promise<void>;
  incident(id: string): Promise<IncidentRow | undefined>;
  /** Newest incident of this device and type that is not closed. */
  openOf(device: DeviceRef, type: string): Promise<IncidentRow | undefined>;
  incidents(agreement: string, page: PageRequest): Promise<Page<IncidentRow>>;
  events(incident: string): Promise<readonly IncidentEvent[]>;
  report(device: DeviceRef, report: string): Promise<ReportRow | undefined>;
  /** A report of this device by its number. */
  reportOf(device: DeviceRef, seq: number): Promise<ReportRow | undefined>;
  putReport(tx: Tx, report: ReportRow): Promise<void>;
  /** Numbers of a device's reports so far; undefined before its first. */
  sequence(device: DeviceRef): Promise<SequenceRow | undefined>;
  putSequence(tx: Tx, device: DeviceRef, sequence: SequenceRow): Promise<void>;
}

export interface OrderRow extends DeviceRef {
  readonly id: string;
  readonly level: IsolationLevel;
  readonly previous: IsolationLevel;
  readonly reason: string;
  readonly by: string;
  readonly at: Instant;
  readonly until?: Instant;
  readonly endedAt?: Instant;
}
export interface OrderStore<Tx> {
  add(tx: Tx, order: OrderRow): Promise<void>;
  /** Ends every open order of a device. */
  end(tx: Tx, device: DeviceRef, at: Instant): Promise<void>;
  current(device: DeviceRef): Promise<OrderRow | undefined>;
  /** Open orders whose time is over. */
  overdue(now: Instant, limit: number): Promise<readonly OrderRow[]>;
}

export type ModelState = 'draft' | 'signed' | 'active';
/** A device model with the files its party signed. Texts are JSON, verified when they were put. */
export interface ModelRow {
  readonly agreement: string;
  readonly model: string;
  readonly state: ModelState;
  readonly file?: string;
  readonly fileJws?: string;
  /** When the platform took the signed file in: it says no time of its own. */
  readonly fileAt?: Instant;
  readonly manifest?: string;
  readonly manifestJws?: string;
  /** SHA-256 of the manifest's canonical bytes, hex: what A countersigns. */
  readonly manifestDigest?: string;
  readonly countersignedBy?: string;
  readonly countersignedAt?: Instant;
  readonly sbom?: {
    readonly text: string;
    readonly format: string;
    readonly digest: string;
    readonly components: number;
  };
  readonly missing: readonly string[];
  readonly changedAt: Instant;
}
export interface ModelStore<Tx> {
  put(tx: Tx, model: ModelRow): Promise<void>;
  model(agreement: string, model: string): Promise<ModelRow | undefined>;
  /** At most 1,000, by name. */
  models(agreement: string): Promise<readonly ModelRow[]>;
}

/** An access policy as it was published; the newest version is in force. */
export interface PolicyVersion {
  readonly version: number;
  readonly digest: string;
  readonly policies: readonly { readonly id: string; readonly text: string; readonly cause?: Texts }[];
  readonly publishedAt: Instant;
  readonly by: string;
}
export interface PolicyStore<Tx> {
  newest(): Promise<PolicyVersion | undefined>;
  add(tx: Tx, version: PolicyVersion): Promise<void>;
}

/** The newest state a device reported, as JSON text. */
export interface StateRow extends DeviceRef {
  readonly at: Instant;
  readonly state: string;
}
export interface StateStore<Tx> {
  put(tx: Tx, row: StateRow): Promise<void>;
  state(device: DeviceRef): Promise<StateRow | undefined>;
}
