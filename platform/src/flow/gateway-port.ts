import type { ProblemCode, UplinkKind } from '@pactgate/protocol';

/**
 * Contracts between the gateway's transports (which import them) and the flow (which implements the ports). Pure types.
 *
 * Who records a refusal: whoever finds it. What {@link AdmissionPort}, {@link DeviceSession} and {@link UplinkPort}
 * refuse, they record; what the transport finds by itself (TLS, malformed bytes, rates, time limits) it hands to
 * {@link GatewayRecords} exactly once.
 */

/** What TLS showed of the peer. Everything here was proven by the handshake except `address` and `port`. */
export interface PeerIdentity {
  /**
   * The chain verified against the listener's roots at the full handshake. A resumed session repeats the old answer:
   * revocation, dates and the issuer are for the own check of {@link AdmissionPort} (decisions, fact 1).
   */
  readonly authorized: boolean;
  /** OpenSSL's name of the failure; absent when authorized. */
  readonly authorizationError?: string;
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex: with `serial` the look-up key of the identity. */
  readonly spki: string;
  /** Lower-case hex without leading zero octets beyond DER's. */
  readonly serial: string;
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string;
  /** Last CN of the subject; for people only, never for look-up. */
  readonly subjectCn?: string;
  readonly sanUris: readonly string[];
  /** Authority key identifier, lower-case hex. */
  readonly issuerKeyId?: string;
  /** Epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly tls: 'TLSv1.2' | 'TLSv1.3';
  /** IANA or OpenSSL name of the cipher suite. */
  readonly suite: string;
  /** Key agreement group: `X25519MLKEM768`, `X25519`, `P-256` ...; absent when the session does not tell. */
  readonly group?: string;
  readonly resumed: boolean;
  /** Source address as the socket gives it, IPv4-mapped addresses written as IPv4. */
  readonly address: string;
  readonly port: number;
  /** Name of the listener, e.g. `mqtts`. */
  readonly listener: string;
}

export interface ConnectRequest {
  readonly peer: PeerIdentity;
  readonly protocol: 'mqtt3.1.1' | 'mqtt5';
  /** As sent; empty asks for an assigned one. */
  readonly clientId: string;
  readonly username?: string;
  /** Topic of the will; the engine asks `permitPublish` for it too, before CONNACK and again when it publishes it. */
  readonly willTopic?: string;
  /** Seconds, as requested. */
  readonly keepAlive: number;
  readonly cleanStart: boolean;
  /** When CONNECT was complete, epoch milliseconds. */
  readonly at: number;
}

export type Admission =
  | { readonly ok: true; readonly session: DeviceSession }
  | { readonly ok: false; readonly code: ProblemCode };

export interface AdmissionPort {
  /**
   * Own certificate check (resumed sessions too), registry, isolation, policy, permission table; records
   * `session.open` or `session.reject`. The gateway waits `admissionMs` at most (default 5 s) and answers 0x88 then; an
   * admission that arrives later gets `session.closed('gate/busy', ...)` at once. Must not throw; a rejection is
   * answered as `internal`.
   */
  connect(request: ConnectRequest): Promise<Admission>;
}

/** Why a connection ended: `client` by DISCONNECT, `network` without, else what the gateway or an order decided. */
export type CloseReason = 'client' | 'network' | 'takeover' | 'shutdown' | ProblemCode;

export interface SessionStats {
  readonly durationMs: number;
  /** Application messages received, refused ones included. */
  readonly received: number;
  readonly refused: number;
  /** Application messages sent. */
  readonly sent: number;
}

/** Handle of one channel of one session, made by the flow and given back to it with each message. */
export interface UplinkRoute {
  readonly kind: UplinkKind;
  /** Variable level of the topic: channel, severity or id; empty where the topic has none. */
  readonly name: string;
  /** The flow's own number; the gateway never reads it. */
  readonly slot: number;
}

/** One admitted connection. Made by the flow, called by one transport, synchronously. */
export interface DeviceSession {
  readonly party: string;
  readonly device: string;
  /** The client id in force: as sent, or the assigned one. */
  readonly clientId: string;
  /** Set when the client sent an empty id. */
  readonly assignedClientId?: string;
  readonly peer: PeerIdentity;
  /** Epoch milliseconds at which the connection must authenticate again (0xA0). */
  readonly expiresAt: number;
  /**
   * Changes whenever an earlier answer of `permitPublish` or `permitSubscribe` may be different now: the gateway keeps
   * the route of the last topic and re-asks for subscriptions only then.
   */
  readonly epoch: number;
  /**
   * MQTT 3.1.1 only: a denied publish closes the connection (true) or is acknowledged and dropped (false; isolation
   * levels 2 and 3, where a disconnect would cut the lifeline).
   */
  readonly denialCloses: boolean;
  /** Decides a publish topic; one Map lookup. Called again for a will when it is published. */
  permitPublish(topic: string): UplinkRoute | ProblemCode;
  permitSubscribe(filter: string): true | ProblemCode;
  /** Whether a message of this topic may go to the device now: asked at each delivery, whatever it subscribed to. */
  permitReceive(topic: string): boolean;
  /**
   * Why the device may not stay after all: what was ordered or revoked while it was being admitted, when a kick could
   * not find it yet. Asked once, in the turn in which the transport makes it findable.
   */
  recheck(): ProblemCode | undefined;
  /** Called exactly once. */
  closed(reason: CloseReason, stats: SessionStats): void;
}

/** One publish. The object is reused: read it during the call only, copy what must live longer. */
export interface UplinkMessage {
  readonly session: DeviceSession;
  readonly route: UplinkRoute;
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
  /** 0 with QoS 0. */
  readonly packetId: number;
  /** Epoch milliseconds, of the chunk the packet came in. */
  readonly receivedAt: number;
  /** Octets of the payload. */
  readonly size: number;
  /** The payload as a view of the receive buffer; made on demand. */
  readonly payload: Uint8Array;
  /** The payload read as UTF-8, ill-formed sequences as U+FFFD; cheaper than decoding `payload`. */
  text(): string;
}

/** Who waits for the durable write of a message: the connection it came from. */
export interface UplinkWaiter {
  /**
   * Outcome of a QoS 1 or 2 message: `code` absent = stored durably. Call it for every message of a batch in one tick:
   * the acknowledgements of one connection then leave as one write. Any order (the engine restores the standard's).
   * Calls for a connection that is gone are ignored. Never called for QoS 0.
   */
  acknowledge(packetId: number, code?: ProblemCode): void;
}

export interface UplinkPort {
  /**
   * Hands a message to the group commit, synchronously. Returns a code when it is refused at once (the waiter is then
   * not called), `undefined` when the waiter will be. Durability: `acknowledge` without code only after the write is
   * durable; a failed write acknowledges with `store/full` or `request/unavailable`, or never.
   */
  submit(message: UplinkMessage, waiter: UplinkWaiter): ProblemCode | undefined;
}

/** A message for a device. */
export interface DownlinkMessage {
  /** Below `v1/me/`, e.g. `dn/cmd/{id}`. */
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  /** Epoch milliseconds after which it must not be sent any more; the client sees the seconds left. */
  readonly expiresAt?: number;
  /** Full topic, e.g. `v1/me/up/cmd/{id}/result`. */
  readonly responseTopic?: string;
  readonly correlation?: Uint8Array;
}

/** `busy`: the client's window and our queue of 16 are full, wait for `pending`. `sent` with QoS 1 promises one `onAck`. */
export type DeliverOutcome = 'sent' | 'offline' | 'unsubscribed' | 'busy' | 'expired';

/** `acknowledged` by PUBACK, `refused` by a reason code >= 0x80 (v5), `lost` when the connection went first. */
export type DeliveryResult = 'acknowledged' | 'refused' | 'lost';

export interface DownlinkPort {
  /** The session can take messages: it subscribed to its downlink, resumed, or has room again. Must not throw. */
  pending(session: DeviceSession): void;
}

/** Fields that are present must all match; without any field nothing matches. */
export interface KickSelector {
  readonly party?: string;
  readonly device?: string;
  readonly serial?: string;
  readonly spki?: string;
  readonly issuerKeyId?: string;
}

export interface SessionSnapshot {
  readonly session: DeviceSession;
  readonly protocol: 'mqtt3.1.1' | 'mqtt5';
  readonly connectedAt: number;
  readonly lastSeen: number;
  readonly received: number;
  readonly sent: number;
  readonly subscriptions: readonly string[];
}

/** What the platform asks of a transport. */
export interface GatewayControl {
  /** Sends to every subscribed connection of the device; `onAck` is called once, with the first outcome that counts. */
  deliver(
    target: { readonly party: string; readonly device: string },
    message: DownlinkMessage,
    onAck: (result: DeliveryResult) => void,
  ): DeliverOutcome;
  /**
   * Cuts every matching connection before it returns, by index; `code` gives the DISCONNECT reason. Returns how many.
   * Put the subject on the deny set first: a client reconnects at once.
   */
  kick(selector: KickSelector, code: ProblemCode): number;
  sessions(): SessionSnapshot[];
}

/** A refusal the transport found by itself. */
export interface GatewayRefusal {
  readonly code: ProblemCode;
  readonly stage: 'accept' | 'tls' | 'connect' | 'session';
  /** Plain cause in English; no payload, no secret. */
  readonly detail: string;
  readonly listener: string;
  readonly transport: 'mqtt' | 'https';
  readonly address: string;
  /** Absent before or without a certificate. */
  readonly peer?: PeerIdentity;
  /** Absent before admission. */
  readonly session?: DeviceSession;
  /** MQTT reason or return code sent; absent when the connection was just closed. */
  readonly reasonCode?: number;
  /** Events this stands for: 1, or more where a flood is summed up. */
  readonly count: number;
  readonly at: number;
}

export interface SourceBan {
  readonly kind: 'address' | 'key';
  /** Address prefix (`192.0.2.0/24`, `2001:db8::/64`) or SPKI. */
  readonly value: string;
  readonly until: number;
  readonly failures: number;
  readonly at: number;
}

/** Receives what transports notice; must not throw and must not block. */
export interface GatewayRecords {
  refused(refusal: GatewayRefusal): void;
  banned(ban: SourceBan): void;
}

/** A plaintext attempt (B2.3.2): nothing was answered. */
export interface TripwireHit {
  readonly port: number;
  readonly address: string;
  readonly protocol: 'mqtt' | 'http' | 'coap' | 'tls' | 'silent' | 'other';
  readonly at: number;
}

export interface TripwirePort {
  record(hit: TripwireHit): void;
  /** Every minute while the listeners listen: silence on `hit` is then evidence. */
  heartbeat(ports: readonly number[], at: number): void;
}
