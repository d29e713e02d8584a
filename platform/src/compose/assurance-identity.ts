import { Problem } from '@pactgate/protocol';
import type { Guise } from '../adapters/probes/est.ts';
import { enrol } from '../adapters/probes/est.ts';
import type { Place } from '../adapters/probes/https.ts';
import { type Credentials, makeKey, makeStranger, type ProbeKey, toCredentials } from '../adapters/probes/material.ts';
import { nodeProofCrypto } from '../adapters/proof-crypto.ts';
import { type LinkSource, modelPolicy, sourceOf } from '../duties/access/index.ts';
import type { Device } from '../duties/identity/index.ts';
import { newCertificate } from '../flow/enrol-parts.ts';
import type { ModelRow } from '../flow/ports.ts';
import type { PartyId } from '../kernel/ids.ts';
import { instant, minutes, seconds } from '../kernel/time.ts';
import { ownHost, type Work } from './assurance-parts.ts';

/**
 * The devices of the platform's own probes. They belong to an internal tenant: party and agreement are both
 * `platform`, which no document, person or API knows, so their records stand in the platform log and count for no
 * device party. Nobody outside can be one of them: codes are used up by the process that made them within the same
 * call, keys stay in its memory, and the permit holds only where the process itself connects from.
 */
export const probeTenant = { agreement: 'platform', party: 'platform' as PartyId, model: 'probe' } as const;
export const probeChannel = 'probe';

const modelRow = (at: number): ModelRow => ({
  agreement: probeTenant.agreement,
  model: probeTenant.model,
  state: 'active',
  manifest: JSON.stringify({
    v: 'pactgate/manifest/1',
    agreement: probeTenant.agreement,
    party: probeTenant.party,
    model: probeTenant.model,
    version: 1,
    validFrom: '2026-01-01T00:00:00Z',
    reviewBy: '2999-12-31',
    purposes: { probe: { zh: '平台自检', en: 'self-test of the platform', basis: 'security' } },
    channels: { [probeChannel]: { media: 'json', maxBytes: 256, maxPerMinute: 600 } },
    fields: [
      {
        channel: probeChannel,
        path: '/probe',
        type: 'integer',
        class: 'public',
        personal: false,
        purpose: ['probe'],
        retention: 'P1D',
      },
    ],
  }),
  missing: [],
  changedAt: instant(at),
});

/** Devices by what they are for. */
export type ProbeDevice = 'probe-good' | 'probe-doomed' | 'probe-expired' | 'probe-isolated';
const devices: readonly ProbeDevice[] = ['probe-good', 'probe-doomed', 'probe-expired', 'probe-isolated'];

/** A certificate is made anew when less than this is left of it. */
const renewBefore = minutes(60);

export interface ProbeIdentity {
  /** Where devices enrol and come in. */
  readonly est: Place;
  device(name: ProbeDevice): Device;
  /** A live certificate, enrolled over EST; kept until it nears its end. */
  guise(name: ProbeDevice): Promise<Guise & { readonly key: ProbeKey }>;
  /** The same, enrolled anew with a fresh key. */
  fresh(name: ProbeDevice): Promise<Guise & { readonly key: ProbeKey }>;
  /** A certificate that the registry holds as live and whose time is over. */
  expired(): Promise<Guise>;
  /** A certificate of the right CA for somebody else's key; it is in no registry. */
  cloned(key: ProbeKey): Promise<Credentials>;
  /** A device's certificate from a CA that nobody trusts. */
  stranger(): Promise<Credentials>;
  revoke(name: ProbeDevice): Promise<void>;
  /** The permit of the probes' model, if somebody published a policy without it. */
  permit(): Promise<void>;
}

/** Opens the internal tenant: CA, model, permit, devices. Idempotent; nothing can come in before {@link ProbeIdentity.guise}. */
export async function openProbeIdentity(work: Work): Promise<ProbeIdentity> {
  const { base, parts } = work;
  const { identity } = parts;
  await identity.certificates.openIssuer(probeTenant.party);
  identity.registry.setParty(probeTenant.party, { agreement: probeTenant.agreement });
  await openModel(work);
  await permit(work);
  await registerAll(work);
  const est: Place = {
    host: ownHost(base),
    port: parts.ports.device,
    roots: [identity.authority.rootPem()],
  };
  const kept = new Map<ProbeDevice, Guise & { readonly key: ProbeKey }>();
  const fresh = async (name: ProbeDevice): Promise<Guise & { readonly key: ProbeKey }> => {
    await release(work, name);
    const { code } = await identity.registration.newCode(deviceOf(work, name));
    const made = await enrol(est, { party: probeTenant.party, device: name, code }, issuersOf(work));
    kept.set(name, made);
    return made;
  };
  let past: Guise | undefined;
  return {
    est,
    device: (name) => deviceOf(work, name),
    guise: async (name) => {
      const known = kept.get(name);
      const left = (known?.credentials.notAfter ?? 0) - base.clock.now();
      return known !== undefined && left > renewBefore ? known : fresh(name);
    },
    fresh,
    expired: async () => {
      past ??= await makeExpired(work);
      return past;
    },
    cloned: (key) => makeCloned(work, key),
    stranger: () =>
      makeStranger(
        `O=${probeTenant.party}, CN=probe-good`,
        `pactgate://${probeTenant.party}.${base.config.domain}/probe-good`,
        base.clock.now(),
      ),
    revoke: async (name) => {
      await identity.certificates.revoke(deviceOf(work, name), 'probe');
      kept.delete(name);
    },
    permit: () => permit(work),
  };
}

function deviceOf({ parts }: Work, name: ProbeDevice): Device {
  const device = parts.identity.registry.device(probeTenant.agreement, name);
  if (!device) throw new Problem('device/unknown', name);
  return device;
}

async function openModel({ base, parts }: Work): Promise<void> {
  const { models, runtimes } = parts.devices;
  const known = await models.model(probeTenant.agreement, probeTenant.model);
  const row = modelRow(base.clock.now());
  if (known?.manifest !== row.manifest) await base.store.transaction((tx) => models.put(tx, row));
  await runtimes.load(row);
}

/** Kind of source that the process's own connections come from. */
function ownSource(base: Work['base']): LinkSource {
  const source = sourceOf(ownHost(base));
  return source === 'unknown' ? 'loopback' : source;
}

async function permit({ base, parts }: Work): Promise<void> {
  const { policies } = parts.devices;
  const own = modelPolicy({ ...probeTenant, sources: [ownSource(base)] });
  const current = policies.current().policies;
  if (current.some(({ id }) => id === own.id)) return;
  await policies.publish([...current, own], 'assurance');
}

async function registerAll({ parts }: Work): Promise<void> {
  const { registry, registration } = parts.identity;
  const missing = devices.filter((id) => !registry.device(probeTenant.agreement, id));
  if (missing.length === 0) return;
  // The codes of this call are forgotten: each enrolment makes its own.
  await registration.registerDevices(
    probeTenant,
    missing.map((id) => ({ id, model: probeTenant.model })),
  );
}

/** A probe that died between order and release left its device isolated. */
async function release(work: Work, name: ProbeDevice): Promise<void> {
  if (deviceOf(work, name).level === 0) return;
  const ref = { agreement: probeTenant.agreement, device: name };
  await work.parts.isolation.order(ref, { level: 0, reason: 'probe', by: 'assurance' });
}

/** Issuing CA and platform CA, as a client sends them behind its own certificate. */
function issuersOf({ parts }: Pick<Work, 'parts'>): readonly Uint8Array[] {
  const [, ...below] = parts.identity.authority.chain(probeTenant.party);
  return below.toReversed();
}

/** Issued with a past date through the ordinary flow: only its end speaks against it. */
async function makeExpired(work: Work): Promise<Guise> {
  const { base, parts } = work;
  const { identity } = parts;
  const name = 'probe-expired';
  const device = deviceOf(work, name);
  const key = await makeKey();
  const prepared = await identity.authority.prepare({
    party: probeTenant.party,
    device: device.id,
    spki: key.spki,
    at: instant(base.clock.now() - seconds(200)),
    life: seconds(100),
  });
  const credentials = (der: Uint8Array): Credentials => toCredentials(key, [der, ...issuersOf(work)]);
  const spki = Buffer.from(nodeProofCrypto.sha256(key.spki)).toString('hex');
  const certificate = newCertificate(device, prepared, spki, base.clock);
  await base.store.transaction((tx) => identity.store.addCertificate(tx, certificate));
  const done = await identity.certificates.completeFirst(device, certificate, prepared);
  if (!done.ok) throw new Problem(done.error.code, done.error.detail);
  return { device: name, credentials: credentials(done.value) };
}

const cloneLife = minutes(10);

async function makeCloned({ base, parts }: Work, key: ProbeKey): Promise<Credentials> {
  const { authority } = parts.identity;
  const device = parts.identity.registry.device(probeTenant.agreement, 'probe-isolated');
  if (!device) throw new Problem('device/unknown', 'probe-isolated');
  const at = base.clock.now();
  const prepared = await authority.prepare({
    party: probeTenant.party,
    device: device.id,
    spki: key.spki,
    at,
    life: cloneLife,
  });
  // Signed and shown, never registered: what the store did not issue admits nobody, whatever chain it has.
  const { der } = await authority.sign(prepared);
  return toCredentials(key, [der, ...issuersOf({ parts })]);
}
