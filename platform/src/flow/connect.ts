import type { ProblemCode } from '@pactgate/protocol';
import {
  type Compiled,
  channelLevel,
  type DecisionSamples,
  type Denial,
  type DenialBursts,
  type Link,
  type PermitCounters,
  type PolicySet,
  sourceOf,
  type TableCompiler,
} from '../duties/access/index.ts';
import { judgeChannel, type MinTls, type RecentAddresses } from '../duties/channel/index.ts';
import {
  type AdmittedIdentity,
  type CloneWatch,
  type Device,
  type IdentityRegistry,
  prefixOf,
} from '../duties/identity/index.ts';
import { type RandomBytes, uuidv7 } from '../kernel/ids.ts';
import { type Clock, type Duration, type Instant, instant, later } from '../kernel/time.ts';
import type { NewRecord } from '../parties/record.ts';
import { LiveSession, type SessionHost } from './device-session.ts';
import { closeRecord, denyRecord, openRecord, rejectRecord, type Stage } from './gate-records.ts';
import type {
  Admission,
  AdmissionPort,
  CloseReason,
  ConnectRequest,
  PeerIdentity,
  SessionStats,
} from './gateway-port.ts';
import type { ModelRuntime } from './model-runtime.ts';
import type { Refusals } from './refusals.ts';
import type { SessionBook } from './sessions.ts';

export interface ConnectParts {
  readonly registry: IdentityRegistry;
  readonly compiler: TableCompiler;
  readonly policies: () => PolicySet;
  readonly permits: PermitCounters;
  readonly samples: DecisionSamples;
  readonly bursts: (agreement: string) => DenialBursts;
  readonly clones: CloneWatch;
  readonly addresses: RecentAddresses;
  readonly refusals: Refusals;
  readonly book: SessionBook;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly transport: string;
  readonly minTls: (agreement: string) => MinTls;
  readonly maxAge: (agreement: string) => Duration;
  readonly connectionsPerDevice: number;
  readonly runtimeOf: (agreement: string, model: string) => ModelRuntime;
  /** Number of a device in the telemetry store. */
  readonly deviceRef: (party: string, device: string) => Promise<number>;
  /** A candidate certificate was used: it is live from now on. */
  readonly prove: (admitted: AdmittedIdentity) => Promise<void>;
  readonly record: (records: readonly NewRecord[]) => Promise<void>;
  /** A verdict on a clone, or denials that demand a level: acted upon elsewhere, without waiting. */
  readonly cloneFound: (
    device: Device,
    finding: { readonly verdict: 'suspected' | 'confirmed'; readonly why: string },
    keys: readonly string[],
  ) => void;
  readonly burst: (session: LiveSession, burst: { readonly level: number; readonly record: NewRecord }) => void;
  /** A known device was refused something: what it may be told on `dn/notice`. */
  readonly notice: (session: LiveSession, code: ProblemCode, resource: string) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Counters of the gate, for the reconciliation of B2.2.4 and A3.1.3. At any moment every authentication has become a
 * session, was turned away for another reason, or is still on its way: `authenticated` is the sum of the other three.
 */
export interface GateCounters {
  authenticated: number;
  opened: number;
  /** Authenticated, then refused or failed: client id, policy, store. */
  turnedAway: number;
  /** Authenticated, not decided yet. */
  settling: number;
  /** Connects that the policy permitted: operations, like publishes. */
  connects: number;
  /** Operations that were denied. */
  denied: number;
}

export interface Gate extends AdmissionPort {
  /** Decides the live sessions of a party, or of one device, again. Answers how many. */
  redecide(party: string, device?: string): number;
  live(agreement: string, device: string): readonly LiveSession[];
  sessions(): Iterable<LiveSession>;
  readonly counters: GateCounters;
  /** Devices heard since the last call, with their address: for the registry's projection. */
  takeHeard(): readonly {
    readonly agreement: string;
    readonly id: string;
    readonly at: Instant;
    readonly address: string;
  }[];
}

interface State {
  readonly parts: ConnectParts;
  readonly byDevice: Map<string, Map<string, LiveSession>>;
  readonly heard: Map<string, { agreement: string; id: string; at: Instant; address: string }>;
  readonly counters: GateCounters;
  readonly host: SessionHost;
}

const keyOf = (agreement: string, device: string): string => `${agreement}/${device}`;

/** The gate: who comes in, as whom, with which table. A named list of stages, each a refusal with its reason. */
export function makeGate(parts: ConnectParts): Gate {
  const state: State = {
    parts,
    byDevice: new Map(),
    heard: new Map(),
    counters: { authenticated: 0, opened: 0, turnedAway: 0, settling: 0, connects: 0, denied: 0 },
    host: {
      denied: (session, denial, topic) => denied(state, session, denial, topic),
      recheck: ({ peer }) => {
        const admitted = parts.registry.admit(peer, parts.clock.now());
        return admitted.ok ? undefined : admitted.error;
      },
      closed: (session, reason, stats) => closed(state, session, reason, stats),
    },
  };
  return {
    connect: (request) => connect(state, request),
    redecide: (party, device) => redecide(state, party, device),
    live: (agreement, device) => [...(state.byDevice.get(keyOf(agreement, device))?.values() ?? [])],
    sessions: () => allOf(state),
    counters: state.counters,
    takeHeard: () => {
      for (const session of allOf(state)) hear(state, session);
      const taken = [...state.heard.values()];
      state.heard.clear();
      return taken;
    },
  };
}

function* allOf(state: State): Generator<LiveSession> {
  for (const sessions of state.byDevice.values()) yield* sessions.values();
}

function hear(state: State, session: LiveSession): void {
  const at = instant(session.heardAt);
  const { agreement, device, peer } = session;
  state.heard.set(keyOf(agreement, device), { agreement, id: device, at, address: peer.address });
}

async function refuse(state: State, request: ConnectRequest, refusal: Stage): Promise<Admission> {
  await reject(state, request, refusal);
  return { ok: false, code: refusal.code };
}

async function connect(state: State, request: ConnectRequest): Promise<Admission> {
  const { counters } = state;
  const identity = authenticate(state.parts, request.peer);
  if (!identity.ok) return refuse(state, request, identity);
  counters.authenticated++;
  counters.settling++;
  let isOpen = false;
  try {
    const admission = await enter(state, request, identity.admitted);
    isOpen = admission.ok;
    return admission;
  } finally {
    // In one step, so that no window's border falls between the two counts.
    counters.settling--;
    if (isOpen) counters.opened++;
    else counters.turnedAway++;
  }
}

/** What follows a proven identity: name, policy, table, session. */
async function enter(state: State, request: ConnectRequest, admitted: AdmittedIdentity): Promise<Admission> {
  const { parts } = state;
  const refused = (refusal: Stage): Promise<Admission> => refuse(state, request, refusal);
  const { device } = admitted;
  const named = nameSession(state, request, device);
  if (!named.ok) return refused(named);
  const runtime = parts.runtimeOf(device.agreement, device.model);
  const { table, times } = tableFor(parts, device, request.peer, runtime);
  if (!table.connect.ok) return refused({ ok: false, code: table.connect.code, stage: 'policy', device });
  if (admitted.proves) await parts.prove(admitted);
  const ref = await parts.deviceRef(device.party, device.id);
  const now = parts.clock.now();
  const age = later(now, jittered(parts, device.agreement));
  const slot = parts.permits.open(device.agreement, parts.policies(), device.pseudonym);
  parts.permits.permitted(slot, table.connect.policies);
  parts.permits.timed(slot, times);
  slot.count++;
  state.counters.connects++;
  const session = new LiveSession(state.host, request, admitted, {
    conn: uuidv7(now, parts.random),
    clientId: named.clientId,
    assigned: request.clientId === '',
    ref,
    expiresAt: Math.min(age, admitted.certificate.notAfter),
    runtime,
    table,
    slot,
  });
  watchTakeover(state, session, device);
  await open(state, session, admitted);
  return { ok: true, session };
}

/** Sessions end a little before their greatest age, not all at once. */
function jittered(parts: ConnectParts, agreement: string): Duration {
  const age = parts.maxAge(agreement);
  const [byte = 0] = parts.random(1);
  return (age * (1 - (byte / 256) * 0.08)) as Duration;
}

type Authenticated = { readonly ok: true; readonly admitted: AdmittedIdentity } | Stage;

/** The own check of the certificate, resumed sessions too, then of the channel it came over (B2.2.4, B2.3.1). */
function authenticate(parts: ConnectParts, peer: PeerIdentity): Authenticated {
  if (peer.spki === '') return { ok: false, code: 'channel/certificate-missing', stage: 'certificate' };
  const admitted = parts.registry.admit(peer, parts.clock.now());
  if (!admitted.ok) {
    const record = parts.registry.record(peer.serial);
    // The refusal is the device's own only if it proved possession of the key it is known by.
    const known = record?.certificate.spki === peer.spki ? record.device : undefined;
    return { ok: false, code: admitted.error, stage: 'certificate', ...(known ? { device: known } : {}) };
  }
  const { device } = admitted.value;
  const weak = judgeChannel(peer.tls, peer.suite, parts.minTls(device.agreement));
  if (weak !== undefined) return { ok: false, code: weak, stage: 'channel', device };
  return { ok: true, admitted: admitted.value };
}

const suffix = /^[A-Za-z0-9_-]{1,64}$/;

/** The client id must belong to the certificate: `{device}` or `{device}:{suffix}`; empty is assigned (B2.2.6). */
function nameSession(
  state: State,
  request: ConnectRequest,
  device: Device,
): { readonly ok: true; readonly clientId: string } | Stage {
  const { clientId } = request;
  const own = clientId === '' || clientId === device.id;
  const suffixed = clientId.startsWith(`${device.id}:`) && suffix.test(clientId.slice(device.id.length + 1));
  if (!own && !suffixed) return { ok: false, code: 'access/client-id', stage: 'client-id', device };
  const name = clientId === '' ? `${device.id}:${short(state.parts.random)}` : clientId;
  const others = state.byDevice.get(keyOf(device.agreement, device.id));
  const more = others !== undefined && !others.has(name) && others.size >= state.parts.connectionsPerDevice;
  return more ? { ok: false, code: 'gate/connections', stage: 'client-id', device } : { ok: true, clientId: name };
}

const short = (random: RandomBytes): string => Array.from(random(6), (b) => b.toString(36).padStart(2, '0')).join('');

/** The table of a device on a link under the policies in force (A3.1.3). */
function tableFor(parts: ConnectParts, device: Device, peer: PeerIdentity, runtime: ModelRuntime): Compiled {
  const link: Link = {
    channel: channelLevel(peer.tls, peer.group),
    pqc: channelLevel(peer.tls, peer.group) === 3,
    source: sourceOf(peer.address),
    ip: peer.address,
    protocol: parts.transport,
  };
  const attributes = {
    device: device.id,
    party: device.party,
    model: `${device.party}/${device.model}`,
    groups: [],
    state: device.state,
    isolation: device.level,
    riskBand: device.clone === 'none' ? 0 : 1,
    keyLevel: 0,
    attestTier: 0,
    attestFresh: false,
    firmwareOk: true,
  };
  return parts.compiler.compileTable({ device: attributes, link, channels: runtime.channels }, parts.policies());
}

/** A connection that takes over a live client id is told to the clone rules (B2.2.1). */
function watchTakeover(state: State, session: LiveSession, device: Device): void {
  const old = state.byDevice.get(keyOf(session.agreement, session.device))?.get(session.clientId);
  if (!old) return;
  const finding = state.parts.clones.observe(keyOf(session.agreement, session.device), {
    kind: 'takeover',
    clientId: session.clientId,
    from: prefixOf(old.peer.address),
    to: prefixOf(session.peer.address),
    heardAt: instant(old.heardAt),
    at: state.parts.clock.now(),
  });
  if (finding) state.parts.cloneFound(device, finding, [...new Set([old.peer.spki, session.peer.spki])]);
}

/** Takes the session in: durable, record included, before it is answered. */
async function open(state: State, session: LiveSession, admitted: AdmittedIdentity): Promise<void> {
  const { peer, agreement, device, conn, clientId } = session;
  const { parts } = state;
  const at = parts.clock.now();
  const row = {
    agreement,
    device,
    conn,
    clientId,
    openedAt: at,
    transport: parts.transport,
    tls: peer.tls,
    suite: peer.suite,
    resumed: peer.resumed,
    address: peer.address,
    received: 0,
    sent: 0,
    ...(peer.group === undefined ? {} : { group: peer.group }),
  };
  await parts.book.open(row, [openRecord(session, admitted, parts.transport)]);
  const key = keyOf(agreement, device);
  const sessions = state.byDevice.get(key) ?? new Map<string, LiveSession>();
  sessions.set(clientId, session);
  state.byDevice.set(key, sessions);
  parts.addresses.note(peer.address, { party: session.party, agreement, device, at });
  hear(state, session);
}

function closed(state: State, session: LiveSession, reason: CloseReason, stats: SessionStats): void {
  const { agreement, device, conn, clientId } = session;
  const key = keyOf(agreement, device);
  const sessions = state.byDevice.get(key);
  if (sessions?.get(clientId) === session) sessions.delete(clientId);
  if (sessions?.size === 0) state.byDevice.delete(key);
  state.parts.permits.close(session.slot);
  hear(state, session);
  const at = state.parts.clock.now();
  state.parts.book.close(
    { conn, at, reason, received: stats.received, sent: stats.sent },
    closeRecord(session, reason, stats),
  );
}

/** Records a refused connection: on the device's page when it proved who it is, else in the platform log. */
async function reject(state: State, request: ConnectRequest, refusal: Stage): Promise<void> {
  const { parts } = state;
  const { code, stage, device } = refusal;
  const record = rejectRecord(request.peer, refusal, parts.transport);
  if (!device) {
    await parts.record([record]);
    return;
  }
  const { agreement, id } = device;
  parts.refusals.add({
    agreement,
    device: id,
    code,
    action: 'connect',
    resource: stage,
    policies: [],
    at: parts.clock.now(),
    record,
  });
  await parts.refusals.flush();
}

/** A denied operation: one record, the device's page, the burst rules, a notice where MQTT 3.1.1 cannot say it. */
function denied(state: State, session: LiveSession, denial: Denial, topic: string): void {
  const { parts } = state;
  state.counters.denied++;
  const at = parts.clock.now();
  const { agreement, device, pseudonym } = session;
  // A filter is no topic: what a publish to the same words would be told is another decision.
  if (denial.action === 'publish') parts.samples.offer(session.table, topic, false);
  parts.refusals.add({
    agreement,
    device,
    code: denial.code,
    action: denial.action,
    resource: denial.resource,
    policies: denial.policies,
    at,
    record: denyRecord(session, denial, topic),
  });
  const burst = parts.bursts(agreement).deny(pseudonym, denial.action, at);
  if (burst)
    parts.burst(session, {
      level: burst.level,
      record: { agreement, kind: 'authz.deny.burst', outcome: 'burst', body: burst.body },
    });
  if (!session.version5) parts.notice(session, denial.code, denial.resource);
}

function redecide(state: State, party: string, device: string | undefined): number {
  const { parts } = state;
  let count = 0;
  for (const session of allOf(state)) {
    if (session.party !== party || (device !== undefined && session.device !== device)) continue;
    const known = parts.registry.device(session.agreement, session.device);
    if (!known) continue;
    const runtime = parts.runtimeOf(session.agreement, known.model);
    const { table } = tableFor(parts, known, session.peer, runtime);
    parts.permits.close(session.slot);
    session.level = known.level;
    session.replace(runtime, table, parts.permits.open(session.agreement, parts.policies(), session.pseudonym));
    count++;
  }
  return count;
}
