import { agreedPolicy } from '@pactgate/proof';
import { type IsolationLevel, Problem } from '@pactgate/protocol';
import { nodeProofCrypto } from '../adapters/proof-crypto.ts';
import type { Configuration } from '../config.ts';
import type { CloneFinding, Device } from '../duties/identity/index.ts';
import type { Compliance } from '../flow/compliance.ts';
import type { LiveSession } from '../flow/device-session.ts';
import { exportEvidence } from '../flow/evidence.ts';
import type { Incidents } from '../flow/incident.ts';
import { type Isolation, makeIsolation } from '../flow/isolate.ts';
import { type Models, makeModels } from '../flow/model.ts';
import type { DeviceRef, OrderStore } from '../flow/ports.ts';
import type { PartyId } from '../kernel/ids.ts';
import { type Duration, seconds } from '../kernel/time.ts';
import type { LogEntry } from '../ledger/index.ts';
import type { Agreement } from '../parties/agreement.ts';
import type { AgreementStore } from '../parties/ports.ts';
import type { NewRecord } from '../parties/record.ts';
import type { Tx } from '../store/db/schema.ts';
import type { Base } from './base.ts';
import type { DevicePart } from './devices.ts';
import { type GatewayPart, hostNames, listenerCertificate } from './gateway.ts';
import type { IdentityNeeds, IdentityPart } from './identity.ts';
import type { LedgerPart } from './ledger.ts';
import { demandDevice, type Terms } from './terms.ts';

/** Something that is made later than what needs it; asked before, it is a bug. */
export class Late<T> {
  #value: T | undefined;
  set(value: T): void {
    this.#value = value;
  }
  get(): T {
    if (this.#value === undefined) throw new Error('asked before it was made');
    return this.#value;
  }
}

export const vkeyOf = ({ reader }: LedgerPart, log: string): readonly string[] =>
  reader.logs().flatMap(({ id, vkey }) => (id === log ? [vkey] : []));

/** What identity asks of the rest. */
export function identityNeeds(
  base: Base,
  ledger: LedgerPart,
  terms: Terms,
  late: { readonly gateway: Late<GatewayPart>; readonly devices: Late<DevicePart>; readonly consolePort: number },
): IdentityNeeds {
  const [host = 'localhost'] = hostNames(base).names;
  const modelOf = async (agreement: string, model: string) => late.devices.get().models.model(agreement, model);
  return {
    recorder: ledger.recorder,
    crlBase: `https://${host}:${late.consolePort}/pki/crl/`,
    kick: (selector, code) => late.gateway.get().engine.kick(selector, code),
    isModelActive: async (agreement, model) => (await modelOf(agreement, model))?.state === 'active',
    modelExists: async (agreement, model) => (await modelOf(agreement, model)) !== undefined,
    refused: ({ agreement, device, code, action, address }) => {
      if (agreement === undefined || device === undefined) return;
      // Its record was written by the flow of enrolment; the page of the device shows it too.
      base.store
        .transaction((tx) =>
          late.devices.get().sessions.refuse(tx, [
            {
              agreement,
              device,
              code,
              action,
              resource: address,
              policies: [],
              first: base.clock.now(),
              last: base.clock.now(),
              count: 1,
            },
          ]),
        )
        .catch(base.failed);
    },
    agreementOf: terms.inForceOf,
  };
}

/** Isolation orders: registry and store together, then the gate and the sockets. */
export function isolationOf(
  base: Base,
  parts: {
    readonly ledger: LedgerPart;
    readonly identity: IdentityPart;
    readonly gateway: Late<GatewayPart>;
    readonly orders: OrderStore<Tx>;
  },
): Isolation {
  const { ledger, identity, gateway, orders } = parts;
  return makeIsolation({
    orders,
    recorder: ledger.recorder,
    transact: base.store.transaction.bind(base.store),
    random: base.random,
    clock: base.clock,
    bus: base.bus,
    subject: async (ref) => {
      const { party, pseudonym, level } = demandDevice(identity, ref);
      return { ...ref, party, pseudonym, level };
    },
    setLevel: async (tx, ref, level) => {
      const device = demandDevice(identity, ref);
      if (!(await identity.store.changeDevice(tx, device, { level })))
        throw new Problem('request/conflict', `device ${ref.device} was changed meanwhile`);
    },
    levelSet: (ref, level) => {
      const device = identity.registry.device(ref.agreement, ref.device);
      if (device) identity.registry.putDevice({ ...device, level });
    },
    cut: ({ party, device }) => gateway.get().engine.kick({ party, device }, 'device/isolated'),
    publish: (agreement) => ledger.publish(agreement),
  });
}

/** What the platform does by itself when rules fire: never beyond watching on a suspicion (decisions, fact 10). */
export interface Reactions {
  cloneFound(device: Device, finding: CloneFinding, keys: readonly string[]): void;
  burst(session: LiveSession, burst: { readonly level: number; readonly record: NewRecord }): void;
}

/** Attempts of a rule to place its order. */
const ruleTries = 5;

/** Orders a level unless it is reached; looks again when somebody else's order came between: a rule must not lose to it. */
async function raiseTo(
  level: IsolationLevel,
  device: { readonly current: () => number; readonly order: () => Promise<unknown> },
): Promise<void> {
  for (let tries = 1; device.current() < level; tries++)
    try {
      await device.order();
    } catch (error) {
      // The order is in force; its record waits with all others until the ledger is put right.
      if (error instanceof Problem && error.code === 'ledger/not-signing') return;
      const isLost = error instanceof Problem && error.code === 'request/conflict';
      if (!isLost || tries >= ruleTries) throw error;
    }
}

/** Runs work on one device one after another: a confirmed clone must not race the suspicion before it. */
function turns(failed: (error: unknown) => void): (ref: DeviceRef, work: () => Promise<void>) => void {
  const tails = new Map<string, Promise<void>>();
  return ({ agreement, device }, work) => {
    const key = `${agreement}/${device}`;
    const done = (tails.get(key) ?? Promise.resolve())
      .then(work)
      .catch(failed)
      .finally(() => {
        if (tails.get(key) === done) tails.delete(key);
      });
    tails.set(key, done);
  };
}

export function makeReactions(
  base: Base,
  parts: {
    readonly ledger: LedgerPart;
    readonly isolation: Isolation;
    readonly incidents: Incidents;
    readonly identity: IdentityPart;
  },
): Reactions {
  const { ledger, isolation, incidents, identity } = parts;
  const raise = (ref: DeviceRef, level: IsolationLevel, reason: string): Promise<void> =>
    raiseTo(level, {
      current: () => identity.registry.device(ref.agreement, ref.device)?.level ?? 0,
      order: () => isolation.order(ref, { level, reason, by: 'rule' }),
    });
  const inTurn = turns(base.failed);
  return {
    cloneFound: (device, finding, keys) => {
      const started = base.clock.now();
      const ref = { agreement: device.agreement, device: device.id };
      const confirmed = finding.verdict === 'confirmed';
      const act = async (): Promise<void> => {
        // The mark comes first: it stops renewal at once, while an order waits for its record to be published.
        await markClone(base, identity, device, finding);
        await raise(ref, confirmed ? 4 : 1, `clone ${finding.verdict}: ${finding.why}`);
        const heldMs = confirmed ? { heldMs: base.clock.now() - started } : {};
        await ledger.recorder.record([
          {
            agreement: device.agreement,
            kind: 'device.id.conflict',
            outcome: finding.verdict,
            body: { device: device.pseudonym, verdict: finding.verdict, keys: [...keys], why: finding.why, ...heldMs },
          },
        ]);
        if (confirmed) await incidents.open({ ...ref, type: 'clone', severity: 'high', summary: finding.why });
      };
      inTurn(ref, act);
    },
    burst: (session, { level, record }) => {
      const ref = { agreement: session.agreement, device: session.device };
      const act = async (): Promise<void> => {
        await ledger.recorder.record([record]);
        if (level === 1 || level === 2 || level === 3) await raise(ref, level, 'denied operations within an hour');
      };
      inTurn(ref, act);
    },
  };
}

async function markClone(base: Base, identity: IdentityPart, device: Device, finding: CloneFinding): Promise<void> {
  const current = identity.registry.device(device.agreement, device.id);
  if (!current) return;
  const until = finding.until === undefined ? {} : { cloneUntil: finding.until };
  await base.store.transaction(async (tx) => {
    await identity.store.changeDevice(tx, current, { clone: finding.verdict, ...until });
  });
  identity.registry.putDevice({ ...current, clone: finding.verdict, ...until });
}

/** Two histories of one identity in its own reports: the clone rules judge it. */
export function forked(
  base: Base,
  identity: IdentityPart,
  reactions: Reactions,
  event: { readonly session: LiveSession; readonly what: 'sequence' | 'boot' },
): void {
  const { agreement, device: id, peer } = event.session;
  const finding = identity.clones.observe(`${agreement}/${id}`, {
    kind: 'fork',
    what: event.what,
    at: base.clock.now(),
  });
  const device = identity.registry.device(agreement, id);
  if (finding && device) reactions.cloneFound(device, finding, [peer.spki]);
}

export const redecideAll = (terms: Terms, { gate }: DevicePart): number =>
  terms.agreements().reduce((sum, { party }) => sum + gate.redecide(party), 0);

/** A session can take messages: what waits for its device goes out. */
export function deliverWaiting(base: Base, { commands }: DevicePart, { agreement, device }: LiveSession): void {
  commands.deliverWaiting({ agreement, device }).catch(base.failed);
}

/** New issuing CAs are trusted by every mutual-TLS listener from the next handshake on. */
export async function renewTrust(
  base: Base,
  {
    identity,
    gateway,
    onTrust,
  }: { readonly identity: IdentityPart; readonly gateway: Late<GatewayPart>; readonly onTrust: () => void },
): Promise<void> {
  const own = await listenerCertificate(base, identity);
  gateway.get().listener.renew({ ...own, ca: [identity.authority.trustPem()] });
  onTrust();
}

/** An agreement came into force, now or before this start: its party may come in, its rows are judged. */
export async function enforce(
  agreement: Agreement,
  parts: {
    readonly terms: Terms;
    readonly identity: IdentityPart;
    readonly compliance: Compliance;
    readonly ledger: LedgerPart;
  },
): Promise<void> {
  const { terms, identity, compliance, ledger } = parts;
  terms.set(agreement);
  identity.registry.setParty(agreement.party, { agreement: agreement.id });
  await identity.certificates.openIssuer(agreement.party as PartyId); // checked when the party was registered
  const document = terms.document(agreement.id);
  const log = ledger.agreementLog(agreement.id);
  if (!document || !log) throw new Error(`agreement ${agreement.id} is in force without document or log`);
  await compliance.open({ id: agreement.id, party: agreement.party, document }, log);
}

export function modelsOf(
  base: Base,
  parts: {
    readonly ledger: LedgerPart;
    readonly terms: Terms;
    readonly devices: DevicePart;
    readonly agreements: AgreementStore<Tx>;
  },
): Models {
  const { ledger, terms, devices, agreements } = parts;
  return makeModels({
    store: devices.models,
    recorder: ledger.recorder,
    transact: base.store.transaction.bind(base.store),
    crypto: nodeProofCrypto,
    clock: base.clock,
    overrides: terms.overrides,
    keyOf: async (party) => {
      const keys = await agreements.keys(party);
      const own = keys.find(({ use }) => use === 'sign');
      return own?.use === 'sign' ? own.jwk : undefined;
    },
    changed: async (row) => {
      await devices.runtimes.load(row);
      devices.gate.redecide(terms.partyOf(row.agreement));
    },
    activated: (party, model, by) => devices.policies.permitModel(party, model, by),
  });
}

/** Cosignatures of one log are recorded at most this often: each record grows the platform log. */
export const recordCosignatures = ({ evaluation }: Configuration): Duration =>
  seconds(Math.max(1, evaluation.collectSeconds));

/** The ledger itself is in question: an incident of highest severity for every agreement it concerns. */
export async function alarm(
  incidents: Incidents,
  terms: Terms,
  agreement: string | undefined,
  why: string,
): Promise<void> {
  const concerned =
    agreement === undefined ? terms.agreements().filter(({ state }) => state === 'in-force') : [{ id: agreement }];
  for (const { id } of concerned)
    await incidents.open({ agreement: id, type: 'ledger', severity: 'critical', summary: why.slice(0, 500) });
}

/** The bundle of an agreement: its own log and the platform's. */
export async function evidenceOf(
  base: Base,
  ledger: LedgerPart,
  terms: Terms,
  agreement: Agreement,
): Promise<{ readonly bytes: Uint8Array; readonly entries: number }> {
  const own = ledger.agreementLog(agreement.id);
  const logs: LogEntry[] = own ? [own, ledger.platformLog] : [ledger.platformLog];
  const document = terms.document(agreement.id);
  const witness = document?.anchors.witness;
  return exportEvidence(
    {
      store: base.store.ledger,
      crypto: nodeProofCrypto,
      reader: ledger.reader,
      policyOf: () => agreedPolicy(nodeProofCrypto, document?.anchors ?? { logs: [] }),
      ...(witness === undefined ? {} : { witness }),
    },
    agreement,
    logs,
  );
}
