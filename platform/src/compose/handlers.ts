import { nodeProofCrypto } from '../adapters/proof-crypto.ts';
import type { Handlers } from '../api/context.ts';
import { agreementHandlers, demandAgreement, summaryOf } from '../api/rest/agreement.ts';
import { complianceHandlers } from '../api/rest/compliance.ts';
import { controlHandlers } from '../api/rest/control.ts';
import { dataHandlers } from '../api/rest/data.ts';
import { demandDeviceOf, deviceHandlers } from '../api/rest/devices.ts';
import { incidentHandlers } from '../api/rest/incidents.ts';
import { ledgerHandlers } from '../api/rest/ledger.ts';
import { modelHandlers } from '../api/rest/models.ts';
import { inviteParty, peopleHandlers } from '../api/rest/people.ts';
import type { Device } from '../duties/identity/index.ts';
import { logIdOf } from '../flow/logs.ts';
import type { PartyId } from '../kernel/ids.ts';
import { hostNames } from './gateway.ts';
import type { Core } from './platform.ts';

/** Addresses of the listeners, known once they listen. */
export interface Addresses {
  readonly consolePort: number;
  readonly devicePort: number;
  readonly mqttPort: number;
  readonly host: string;
}

const logId = (origin: string): string => logIdOf(nodeProofCrypto, origin);

/** Joins every handler of the route table; a route without one does not compile. */
// oxlint-disable-next-line max-lines-per-function -- the wiring, in the order of the data path, reads better whole
export function makeHandlers(core: Core, addresses: Addresses, version: string): Handlers {
  const { base, ledger, identity, devices, terms, stores, people } = core;
  const deviceOf = (agreement: string, device: string): Device => demandDeviceOf(identity.registry, agreement, device);
  const agreementParts = {
    flow: core.agreements,
    store: stores.agreements,
    crypto: nodeProofCrypto,
    signingKey: core.signingKey,
    logOf: ({ id }: { readonly id: string }) => {
      const origin = ledger.agreementLog(id)?.origin ?? '';
      return { origin, logId: logId(origin) };
    },
    countDevices: (agreement: string) => identity.store.countDevices(agreement),
  };
  return {
    ...peopleHandlers({
      people,
      about: () => about(core, addresses, version),
      partyName: async (party) => (await stores.agreements.party(party))?.particulars.name,
      joinParty: async ({ party, key, witnessKey }) =>
        summaryOf(agreementParts, await core.agreements.join(party, { key, witnessKey })),
    }),
    ...agreementHandlers(agreementParts),
    inviteParty: inviteParty(
      people,
      () => identity.authority.rootSha256(),
      async (party) => (await stores.agreements.party(party)) !== undefined,
    ),
    ...complianceHandlers({
      compliance: core.compliance,
      reader: ledger.reader,
      store: base.store.ledger,
      agreementOf: (id) => demandAgreement(stores.agreements, id),
      documentOf: (id) => (terms.inForce(id) ? terms.document(id) : undefined),
      logOf: (id) => ledger.agreementLog(id),
      platformLog: ledger.platformLog,
      deviceName: (pseudonym) => nameOf(core, pseudonym),
      exportEvidence: (agreement) => core.evidence(agreement),
      record: (records) => ledger.recorder.record(records),
      publish: (agreement) => ledger.publish(agreement),
      crypto: nodeProofCrypto,
      clock: base.clock,
      random: base.random,
    }),
    ...deviceHandlers({
      identity: identity.store,
      registry: identity.registry,
      registration: identity.registration,
      sessions: devices.sessions,
      versions: devices.versions,
      orders: stores.orders,
      readout: core.readout,
      runtimeOf: (agreement, model) => devices.runtimes.of(agreement, model),
      live: (agreement, device) => devices.gate.live(agreement, device),
      liveSessions: () => devices.gate.sessions(),
      policies: () => devices.policies.current(),
      partyOf: (agreement) => terms.partyOf(agreement) as PartyId, // checked when the party was registered
      sheet: {
        rootPem: () => identity.authority.rootPem(),
        rootSha256: () => identity.authority.rootSha256(),
        host: addresses.host,
        mqttPort: addresses.mqttPort,
        devicePort: addresses.devicePort,
      },
      clock: base.clock,
    }),
    ...dataHandlers({
      readout: core.readout,
      deviceOf,
      record: (records) => ledger.recorder.record(records),
      crypto: nodeProofCrypto,
      clock: base.clock,
    }),
    ...controlHandlers({
      commands: devices.commands,
      store: stores.commands,
      isolation: core.isolation,
      certificates: identity.certificates,
      deviceOf,
      revoked: async ({ party }) => {
        core.gateway.listener.rotateTickets();
        await identity.crls.publish(`device-${party}`);
      },
      clock: base.clock,
    }),
    ...incidentHandlers({ flow: core.incidents, store: stores.incidents }),
    ...modelHandlers({
      flow: core.models,
      store: devices.models,
      policies: devices.policies,
      registry: identity.registry,
      partyOf: terms.partyOf,
      inForce: terms.inForce,
    }),
    ...ledgerHandlers({
      reader: ledger.reader,
      store: base.store.ledger,
      witnessing: core.witnessing,
      idOf: ({ origin }) => logId(origin),
      inForce: terms.inForce,
      stateOf: ({ id }) => ledger.ledger.states().find(({ log }) => log.id === id),
    }),
  };
}

/** The id people know a device by; pseudonyms are all that records carry. */
function nameOf({ identity }: Core, pseudonym: string): string | undefined {
  if (!pseudonym.startsWith('d_')) return undefined;
  for (const device of identity.registry.devices()) if (device.pseudonym === pseudonym) return device.id;
  return undefined;
}

type About = Parameters<typeof peopleHandlers>[0]['about'];

function about({ base, identity, ledger }: Core, addresses: Addresses, version: string): Awaited<ReturnType<About>> {
  const [publicHost = 'localhost'] = base.config.publicHost.split(',');
  return {
    name: base.config.name,
    version,
    domain: base.config.domain,
    rootSha256: identity.authority.rootSha256(),
    rootPem: identity.authority.rootPem(),
    publicHost: publicHost.trim(),
    mqttPort: addresses.mqttPort,
    devicePort: addresses.devicePort,
    consolePort: addresses.consolePort,
    masterOrigin: ledger.masterLog.origin,
  };
}

/** Host that devices and people reach the platform by. */
export const publicHostOf = (core: Core): string => hostNames(core.base).names[0] ?? 'localhost';
