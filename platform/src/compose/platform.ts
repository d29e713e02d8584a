import type { PublicJwk } from '@pactgate/proof';
import { nodeHasher, nodeProofCrypto } from '../adapters/proof-crypto.ts';
import { nodeSealCrypto } from '../adapters/seal/seal-crypto.ts';
import { documentSigner } from '../adapters/signers.ts';
import type { People } from '../api/auth/people.ts';
import type { Configuration } from '../config.ts';
import { type Agreements, makeAgreements } from '../flow/agreement.ts';
import { type Compliance, makeCompliance } from '../flow/compliance.ts';
import { type Incidents, makeIncidents } from '../flow/incident.ts';
import type { Isolation } from '../flow/isolate.ts';
import type { Models } from '../flow/model.ts';
import type { CommandStore, IncidentStore, OrderStore } from '../flow/ports.ts';
import { makeReadout, type Readout } from '../flow/readout.ts';
import { makeWitnessing, type Witnessing } from '../flow/witnessing.ts';
import type { PartyId } from '../kernel/ids.ts';
import type { Agreement } from '../parties/agreement.ts';
import type { AgreementStore } from '../parties/ports.ts';
import { agreementStore } from '../store/db/agreement.ts';
import { commandStore } from '../store/db/commands.ts';
import { incidentStore } from '../store/db/incidents.ts';
import { orderStore } from '../store/db/isolation.ts';
import type { Tx } from '../store/db/schema.ts';
import { type Base, openBase } from './base.ts';
import { type DevicePart, openDevices } from './devices.ts';
import { documentKey } from './first-keys.ts';
import { type GatewayPart, openGateway } from './gateway.ts';
import { type IdentityPart, openIdentity } from './identity.ts';
import { type LedgerPart, openLedger } from './ledger.ts';
import { openPeoplePart } from './people.ts';
import { choosePort } from './ports.ts';
import { makeTerms, type Terms } from './terms.ts';
import {
  alarm,
  deliverWaiting,
  enforce,
  evidenceOf,
  forked,
  identityNeeds,
  isolationOf,
  Late,
  makeReactions,
  modelsOf,
  type Reactions,
  recordCosignatures,
  redecideAll,
  renewTrust,
  vkeyOf,
} from './wiring.ts';

/** Everything of the platform but its HTTPS listeners and its jobs. */
export interface Core {
  readonly base: Base;
  readonly ledger: LedgerPart;
  readonly terms: Terms;
  readonly identity: IdentityPart;
  readonly devices: DevicePart;
  readonly gateway: GatewayPart;
  readonly people: People;
  readonly agreements: Agreements;
  readonly models: Models;
  readonly isolation: Isolation;
  readonly incidents: Incidents;
  readonly compliance: Compliance;
  readonly witnessing: Witnessing;
  readonly readout: Readout;
  readonly stores: {
    readonly agreements: AgreementStore<Tx>;
    readonly commands: CommandStore<Tx>;
    readonly incidents: IncidentStore<Tx>;
    readonly orders: OrderStore<Tx>;
  };
  readonly signingKey: PublicJwk;
  readonly ports: { readonly console: number; readonly device: number };
  /** Called when the roots of mutual TLS have grown. */
  readonly trust: { listener: () => void };
  readonly clockSamples: { readonly theirs: number; readonly ours: number }[];
  evidence(agreement: Agreement): Promise<{ readonly bytes: Uint8Array; readonly entries: number }>;
}

const maxClockSamples = 64;

/** Opens the core in the order of the data path: what is recorded first, what devices meet last. */
// oxlint-disable-next-line max-lines-per-function -- the wiring, in the order of the data path, reads better whole
export async function openCore(config: Configuration, dataDirectory: string): Promise<Core> {
  const base = await openBase(config, dataDirectory);
  const ledger = await openLedger(base);
  const terms = makeTerms();
  const agreementsStore = agreementStore(base.store.db);
  const ports = {
    console: await choosePort(config.console.port, config.host),
    device: await choosePort(config.device.port, config.host),
  };
  const gateway = new Late<GatewayPart>();
  const devices = new Late<DevicePart>();
  const reactions = new Late<Reactions>();
  const trust = { listener: (): void => {} };
  const identity = await openIdentity(
    base,
    identityNeeds(base, ledger, terms, { gateway, devices, consolePort: ports.console }),
  );
  const incidentsStore = incidentStore(base.store.db);
  const incidents = makeIncidents({
    store: incidentsStore,
    recorder: ledger.recorder,
    transact: base.store.transaction.bind(base.store),
    crypto: nodeProofCrypto,
    clock: base.clock,
    random: base.random,
    pseudonymOf: (agreement, device) => identity.registry.device(agreement, device)?.pseudonym,
    receipt: (session, seq) => devices.get().notices.receipt(session, seq),
    forked: (session, what) => forked(base, identity, reactions.get(), { session, what }),
  });
  const orders = orderStore(base.store.db);
  const isolation = isolationOf(base, { ledger, identity, gateway, orders });
  reactions.set(makeReactions(base, { ledger, isolation, incidents, identity }));
  devices.set(
    await openDevices(base, {
      ledger,
      identity,
      terms,
      deliver: (party, device, message, onAck) => gateway.get().engine.deliver({ party, device }, message, onAck),
      report: (message, report) => incidents.report(message, report),
      cloneFound: (device, finding, keys) => reactions.get().cloneFound(device, finding, keys),
      burst: (session, burst) => reactions.get().burst(session, burst),
      changedPolicy: () => redecideAll(terms, devices.get()),
      holding: (on) => gateway.get().engine.setHolding(on),
    }),
  );
  gateway.set(
    await openGateway(base, {
      identity,
      devices: devices.get(),
      record: (records) => ledger.recorder.record(records),
      pending: (session) => deliverWaiting(base, devices.get(), session),
    }),
  );
  base.bus.subscribe('ctl.epoch', ({ party, device }) => {
    devices.get().gate.redecide(party, device);
    // What it might not receive until now, it may receive after a release.
    if (device !== undefined) base.bus.publish('dn.ready', { party, device });
  });
  base.bus.subscribe('dn.ready', ({ party, device }) => {
    const agreement = terms.inForceOf(party);
    if (agreement !== undefined) devices.get().commands.deliverWaiting({ agreement, device }).catch(base.failed);
  });
  const signer = await documentSigner(base.keys, documentKey);
  const compliance = makeCompliance({
    store: base.store.ledger,
    clock: base.clock,
    random: base.random,
    record: (records) => ledger.recorder.record(records),
    platformLog: ledger.platformLog,
  });
  ledger.listeners.sequenced = (log, batch) => compliance.sequenced(log, batch);
  const takeIn = (agreement: Agreement): Promise<void> => enforce(agreement, { terms, identity, compliance, ledger });
  const agreements = makeAgreements({
    store: agreementsStore,
    recorder: ledger.recorder,
    transact: base.store.transaction.bind(base.store),
    crypto: nodeProofCrypto,
    random: base.random,
    clock: base.clock,
    signer,
    rootSha256: identity.authority.rootSha256(),
    openLog: async (agreement) => ledger.openAgreementLog(agreement),
    logKeys: (log) => [log, ledger.platformLog.id, ledger.masterLog.id].flatMap((id) => vkeyOf(ledger, id)),
    openIssuer: async (party) => {
      await identity.certificates.openIssuer(party as PartyId);
      await renewTrust(base, { identity, gateway, onTrust: () => trust.listener() });
    },
    publish: async (log) => void (await ledger.ledger.flush(log)),
    changed: (agreement) => terms.set(agreement),
    inForce: async (agreement) => {
      await takeIn(agreement);
      await identity.crls.refresh();
    },
  });
  for (const agreement of await agreementsStore.agreements()) {
    terms.set(agreement);
    if (agreement.state === 'in-force') await takeIn(agreement);
  }
  const people = await openPeoplePart(base, ledger, terms, ports.console);
  const models = modelsOf(base, { ledger, terms, devices: devices.get(), agreements: agreementsStore });
  for (const agreement of terms.agreements())
    for (const row of await devices.get().models.models(agreement.id)) await devices.get().runtimes.load(row);
  const clockSamples: { theirs: number; ours: number }[] = [];
  const witnessing = makeWitnessing({
    store: base.store.ledger,
    agreements: agreementsStore,
    ledger: ledger.ledger,
    recorder: ledger.recorder,
    crypto: nodeProofCrypto,
    hasher: nodeHasher,
    clock: base.clock,
    recordEvery: recordCosignatures(config),
    alarm: (agreement, why) => alarm(incidents, terms, agreement, why),
    clockSeen: (theirs, ours) => {
      clockSamples.push({ theirs, ours });
      if (clockSamples.length > maxClockSamples) clockSamples.shift();
    },
  });
  return {
    base,
    ledger,
    terms,
    identity,
    devices: devices.get(),
    gateway: gateway.get(),
    people,
    agreements,
    models,
    isolation,
    incidents,
    compliance,
    witnessing,
    readout: makeReadout({
      telemetry: base.store.telemetry,
      keyring: devices.get().keyring,
      sealCrypto: nodeSealCrypto,
      runtimeOf: (agreement, model) => devices.get().runtimes.of(agreement, model),
    }),
    stores: { agreements: agreementsStore, commands: commandStore(base.store.db), incidents: incidentsStore, orders },
    signingKey: signer.publicKey,
    ports,
    trust,
    clockSamples,
    evidence: (agreement) => evidenceOf(base, ledger, terms, agreement),
  };
}
