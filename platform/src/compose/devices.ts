import { CedarEngine } from '../adapters/cedar/engine.ts';
import { nodeProofCrypto } from '../adapters/proof-crypto.ts';
import { nodeSealCrypto } from '../adapters/seal/seal-crypto.ts';
import {
  DecisionSamples,
  DenialBursts,
  PermitCounters,
  type PolicySet,
  TableCompiler,
} from '../duties/access/index.ts';
import { RecentAddresses } from '../duties/channel/index.ts';
import { Keyring, MessageCounters } from '../duties/data/index.ts';
import type { CloneFinding, Device } from '../duties/identity/index.ts';
import { type Commands, makeCommands } from '../flow/command.ts';
import { type Gate, makeGate } from '../flow/connect.ts';
import { makeControl } from '../flow/control.ts';
import type { LiveSession } from '../flow/device-session.ts';
import type { DeliverOutcome, DeliveryResult, DownlinkMessage } from '../flow/gateway-port.ts';
import { makeNotices, type Notices } from '../flow/notice.ts';
import { makePolicies, type Policies } from '../flow/policy.ts';
import type { ModelStore, SessionStore, StateStore, VersionStore } from '../flow/ports.ts';
import { makeRefusals, type Refusals } from '../flow/refusals.ts';
import { makeRuntimes, type Runtimes } from '../flow/runtimes.ts';
import { makeSessionBook, type SessionBook } from '../flow/sessions.ts';
import { makeUplink, type Uplink, type UplinkParts } from '../flow/uplink.ts';
import { hours } from '../kernel/time.ts';
import type { NewRecord } from '../parties/record.ts';
import { commandStore } from '../store/db/commands.ts';
import { StoreError } from '../store/db/errors.ts';
import { modelStore, policyStore } from '../store/db/models.ts';
import type { Tx } from '../store/db/schema.ts';
import { sessionStore } from '../store/db/sessions.ts';
import { stateStore, versionStore } from '../store/db/updates.ts';
import { dataKeys } from '../store/keys/boxes.ts';
import type { Base } from './base.ts';
import type { IdentityPart } from './identity.ts';
import type { LedgerPart } from './ledger.ts';
import { demandDevice, type Terms } from './terms.ts';

/** What devices go through between the socket and the store. */
export interface DevicePart {
  readonly gate: Gate;
  readonly uplink: Uplink;
  readonly commands: Commands;
  readonly notices: Notices;
  readonly policies: Policies;
  readonly runtimes: Runtimes;
  readonly refusals: Refusals;
  readonly book: SessionBook;
  readonly permits: PermitCounters;
  readonly samples: DecisionSamples;
  readonly compiler: TableCompiler;
  readonly counters: MessageCounters;
  readonly addresses: RecentAddresses;
  readonly sessions: SessionStore<Tx>;
  readonly versions: VersionStore<Tx>;
  readonly states: StateStore<Tx>;
  readonly models: ModelStore<Tx>;
  /** The open keys of an agreement; undefined until they were opened. */
  readonly keyring: (agreement: string) => Keyring | undefined;
}

export interface DeviceNeeds {
  readonly ledger: LedgerPart;
  readonly identity: IdentityPart;
  readonly terms: Terms;
  /** Late bound: the engine is made after what it calls. */
  readonly deliver: (
    party: string,
    device: string,
    message: DownlinkMessage,
    onAck: (result: DeliveryResult) => void,
  ) => DeliverOutcome;
  readonly report: Parameters<typeof makeControl<Tx>>[0]['report'];
  readonly cloneFound: (device: Device, finding: CloneFinding, keys: readonly string[]) => void;
  readonly burst: (session: LiveSession, burst: { readonly level: number; readonly record: NewRecord }) => void;
  readonly changedPolicy: (set: PolicySet) => number;
  readonly holding: (on: boolean) => void;
}

const replaySamples = 1_000;

/** Keys of agreements, opened once each. */
function keyrings(base: Base): {
  open(agreement: string): Promise<Keyring>;
  get(agreement: string): Keyring | undefined;
} {
  const vault = dataKeys(base.keys);
  const opened = new Map<string, Keyring>();
  const opening = new Map<string, Promise<Keyring>>();
  return {
    get: (agreement) => opened.get(agreement),
    open: (agreement) => {
      const known = opening.get(agreement);
      if (known) return known;
      const ring = Keyring.open(agreement, vault, nodeSealCrypto, base.clock.now()).then((made) => {
        opened.set(agreement, made);
        return made;
      });
      ring.catch(() => opening.delete(agreement)); // asked again, it may be there
      opening.set(agreement, ring);
      return ring;
    },
  };
}

/** What a device may be told of an error of the store. */
const storeCode: UplinkParts['storeCode'] = (error) =>
  error instanceof StoreError && error.kind === 'disk-full' ? 'store/full' : 'request/unavailable';

/** Opens everything between the gateway and the store. */
// oxlint-disable-next-line max-lines-per-function -- the wiring, in the order of the data path, reads better whole
export async function openDevices(base: Base, needs: DeviceNeeds): Promise<DevicePart> {
  const { clock, random, store, failed, config } = base;
  const { ledger, identity, terms } = needs;
  const { recorder } = ledger;
  const transact = store.transaction.bind(store);
  const record = (records: readonly NewRecord[]): Promise<void> => recorder.record(records);
  const sessions = sessionStore(store.db);
  const rings = keyrings(base);
  const cedarEngine = new CedarEngine();
  const counters = new MessageCounters(clock.now());
  const permits = new PermitCounters(clock.now(), terms.decideWithinMs);
  const samples = new DecisionSamples(replaySamples, randomShares(random));
  const compiler = new TableCompiler(cedarEngine, () => performance.now());
  const refusals = makeRefusals({ store: sessions, recorder, transact, failed });
  const book = makeSessionBook({ store: sessions, recorder, transact, failed });
  const notices = makeNotices({ clock, random, deliver: needs.deliver });
  const policies = makePolicies({
    store: policyStore(store.db),
    engine: cedarEngine,
    recorder,
    transact,
    clock,
    sha256: nodeProofCrypto.sha256,
    changed: needs.changedPolicy,
  });
  await policies.load();
  const runtimes = makeRuntimes({
    telemetry: store.telemetry,
    counters,
    clock,
    keyring: (agreement) => rings.open(agreement),
    partyOf: terms.partyOf,
  });
  const commands = makeCommands({
    store: commandStore(store.db),
    recorder,
    transact,
    random,
    clock,
    bus: base.bus,
    target: async (ref) => demandDevice(identity, ref),
    deliver: needs.deliver,
    failed,
  });
  const versions = versionStore(store.db);
  const states = stateStore(store.db);
  const control = makeControl({ versions, states, commands, recorder, transact, report: needs.report });
  const addresses = new RecentAddresses();
  const bursts = new Map<string, DenialBursts>();
  const gate = makeGate({
    registry: identity.registry,
    compiler,
    policies: () => policies.current(),
    permits,
    samples,
    bursts: (agreement) => {
      const known = bursts.get(agreement) ?? new DenialBursts(terms.bursts(agreement));
      bursts.set(agreement, known);
      return known;
    },
    clones: identity.clones,
    addresses,
    refusals,
    book,
    clock,
    random,
    transport: 'mqtt',
    minTls: terms.minTls,
    maxAge: (agreement) => terms.sessionMaxAge(agreement) ?? hours(config.mqtt.sessionMaxAgeHours),
    connectionsPerDevice: config.mqtt.connectionsPerDevice,
    runtimeOf: (agreement, model) => runtimes.of(agreement, model),
    deviceRef: (party, device) => store.telemetry.ref('device', party, device),
    prove: (admitted) => identity.certificates.prove(admitted),
    record,
    cloneFound: needs.cloneFound,
    burst: needs.burst,
    notice: (session, code, resource) => notices.refusal(session, code, resource),
    failed,
  });
  const uplink = makeUplink({
    telemetry: store.telemetry,
    keyring: (agreement) => rings.get(agreement),
    sealCrypto: nodeSealCrypto,
    samples,
    refusals,
    control,
    notice: (session, code, resource) => notices.refusal(session, code, resource),
    holding: needs.holding,
    failed,
    storeCode,
  });
  const models = modelStore(store.db);
  return {
    gate,
    uplink,
    commands,
    notices,
    policies,
    runtimes,
    refusals,
    book,
    permits,
    samples,
    compiler,
    counters,
    addresses,
    sessions,
    versions,
    states,
    models,
    keyring: (agreement) => rings.get(agreement),
  };
}

/** Draws one call to the system's generator pays for: a new sample costs a draw, and comes with a message. */
const drawsAtOnce = 1_024;

/** Uniform in [0, 1) from the system's generator. */
function randomShares(random: Base['random']): () => number {
  let draws = new Uint32Array(0);
  let next = 0;
  return () => {
    if (next === draws.length) {
      draws = new Uint32Array(random(drawsAtOnce * 4).slice().buffer);
      next = 0;
    }
    return (draws[next++] ?? 0) / 2 ** 32;
  };
}
