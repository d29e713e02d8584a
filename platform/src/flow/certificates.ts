import type { RecordBody } from '@pactgate/protocol';
import {
  type AdmittedIdentity,
  type Certificate,
  type Device,
  type IdentityRegistry,
  type IdentityStore,
  isClean,
  type Prepared,
  type Renewal,
  scanKeys,
  standardTerms,
} from '../duties/identity/index.ts';
import type { PartyId } from '../kernel/ids.ts';
import { type Duration, type Instant, instant } from '../kernel/time.ts';
import type { NewRecord } from '../parties/record.ts';
import { retired } from './certificate-records.ts';
import {
  type CertificateParts,
  type CertificateWork,
  type Completed,
  completed,
  completeFirst,
  completeNext,
  conflict,
  giveWay,
  prove,
} from './certificate-steps.ts';

export type { CertificateParts, Completed } from './certificate-steps.ts';

/** What happens to certificates between the decision and the gate, and in the background (B2.2.1, B2.2.5). */
export interface Certificates {
  /** Fills the registry from the store; call it once, before the listeners open. `grace`: the longest dormancy grace. */
  load(grace: Duration): Promise<{ readonly devices: number; readonly certificates: number }>;
  /** Makes the issuing CA of a party when it has none, and lets the gate trust it. Idempotent. */
  openIssuer(party: PartyId): Promise<void>;
  /** Signs a first certificate: live at once, whatever the device had before is superseded and its sessions are cut. */
  completeFirst(device: Device, certificate: Certificate, prepared: Prepared): Promise<Completed>;
  /** Signs a renewal: a candidate until {@link Certificates.prove}; an earlier candidate gives way. */
  completeNext(renewal: Renewal, certificate: Certificate, prepared: Prepared): Promise<Completed>;
  /** Bytes of the unproven candidate for the same key: a repeated request never makes a second certificate. */
  pending(renewal: Renewal, spki: string): Promise<Uint8Array | undefined>;
  /** A connection with a candidate was admitted: it is live now, the certificate before it is superseded. Idempotent. */
  prove(admitted: AdmittedIdentity): Promise<void>;
  /** Revokes what a device has and blocks the keys. Denied and cut when this resolves; publish the CRL then. */
  revoke(device: Device, reason: string): Promise<{ readonly revoked: number; readonly connectionsCut: number }>;
  /** Voids candidates that nobody proved in time, at most 500 a call, and forgets what has ended. Returns how many. */
  sweep(): Promise<number>;
  /** The daily scan of live keys of an agreement, recorded. */
  scan(agreement: string): Promise<RecordBody<'device.id.scan'>>;
}

const page = 1_000;

export const makeCertificates = <Tx>(given: CertificateParts<Tx>): Certificates =>
  certificatesOf({ ...given, grace: standardTerms.dormancyGrace });

const certificatesOf = <Tx>(parts: CertificateWork<Tx>): Certificates => ({
  load: (grace) => {
    parts.grace = grace;
    return load(parts);
  },
  openIssuer: async (party) => {
    const { keyId } = await parts.authority.openDeviceCa(party);
    parts.registry.trustIssuer(keyId);
  },
  completeFirst: (device, certificate, prepared) => completeFirst(parts, device, certificate, prepared),
  completeNext: (renewal, certificate, prepared) => completeNext(parts, renewal, certificate, prepared),
  pending: async ({ device, previous }, spki) => {
    const open = await parts.store.openCertificates(device.agreement, device.id);
    const found = open.find(
      (one) => one.state === 'candidate' && one.spki === spki && one.previous === previous.serial,
    );
    const inTime = found?.overlapUntil !== undefined && parts.clock.now() < found.overlapUntil;
    return inTime ? parts.store.certificateDer(found.serial) : undefined;
  },
  prove: (admitted) => prove(parts, admitted),
  revoke: (device, reason) => revoke(parts, device, reason),
  sweep: () => sweep(parts),
  scan: (agreement) => scan(parts, agreement),
});

async function load<Tx>({ store, authority, registry, clock, grace }: CertificateWork<Tx>): Promise<{
  devices: number;
  certificates: number;
}> {
  const now = clock.now();
  for (const ca of authority.cas()) if (ca.kind === 'device' && ca.notAfter > now) registry.trustIssuer(ca.keyId);
  const devices = await loadDevices(store, registry);
  return { devices, certificates: await loadCertificates(store, registry, { since: instant(now - grace), now }) };
}

async function loadDevices<Tx>(store: IdentityStore<Tx>, registry: IdentityRegistry): Promise<number> {
  let count = 0;
  let last: Device | undefined;
  do {
    const list = await store.loadDevices(last, page);
    for (const device of list) registry.putDevice(device);
    count += list.length;
    last = list.length === page ? list.at(-1) : undefined;
  } while (last);
  return count;
}

async function loadCertificates<Tx>(
  store: IdentityStore<Tx>,
  registry: IdentityRegistry,
  span: { readonly since: Instant; readonly now: Instant },
): Promise<number> {
  let count = 0;
  let last: Certificate | undefined;
  do {
    const list = await store.loadCertificates(span, last?.serial ?? '', page);
    for (const certificate of list) registry.putCertificate(certificate);
    count += list.length;
    last = list.length === page ? list.at(-1) : undefined;
  } while (last);
  return count;
}

async function revoke<Tx>(
  parts: CertificateWork<Tx>,
  device: Device,
  reason: string,
): Promise<{ revoked: number; connectionsCut: number }> {
  const { store, registry, recorder, clock } = parts;
  const open = await store.openCertificates(device.agreement, device.id);
  const at = clock.now();
  await parts.transact(async (tx) => {
    for (const { serial, state, spki } of open) {
      if (!(await store.moveCertificate(tx, serial, { from: state, to: 'revoked', at })))
        throw conflict('a certificate of the device changed meanwhile');
      await store.retireKey(tx, spki, at, true);
    }
    const revocations = open.flatMap((certificate): NewRecord[] => [
      {
        agreement: device.agreement,
        kind: 'cert.revoke',
        outcome: 'revoked',
        body: { device: device.pseudonym, serial: certificate.serial, reason },
      },
      retired(device, certificate, 'revoked'),
    ]);
    await recorder.recordIn(tx, revocations);
  });
  for (const certificate of open) registry.putCertificate({ ...certificate, state: 'revoked', revokedAt: at });
  const selector = { party: device.party, device: device.id };
  const connectionsCut = open.length === 0 ? 0 : parts.kick(selector, 'channel/certificate-revoked');
  return { revoked: open.length, connectionsCut };
}

async function sweep<Tx>(parts: CertificateWork<Tx>): Promise<number> {
  const { store, registry, recorder, clock } = parts;
  const overdue = await store.unproven(clock.now(), 500);
  let swept = 0;
  for (const candidate of overdue) {
    const device = await store.device(candidate.agreement, candidate.device);
    if (!device) continue;
    const open = await store.openCertificates(device.agreement, device.id);
    const live = new Set(open.filter(({ state }) => state === 'live').map(({ spki }) => spki));
    const done = await completed(device, new Uint8Array(), () =>
      parts.transact(async (tx) => {
        await giveWay(parts, tx, [candidate], live);
        const keyGoes = !live.has(candidate.spki);
        await recorder.recordIn(tx, keyGoes ? [retired(device, candidate, 'not proven in time')] : []);
      }),
    );
    if (!done.ok) continue;
    registry.putCertificate({ ...candidate, state: 'void' });
    parts.kick({ serial: candidate.serial }, 'channel/certificate-superseded');
    swept += 1;
  }
  registry.prune(clock.now(), parts.grace);
  return swept;
}

async function scan<Tx>(
  { store, recorder, clock }: CertificateWork<Tx>,
  agreement: string,
): Promise<RecordBody<'device.id.scan'>> {
  const [devices, keys] = await Promise.all([store.countDevices(agreement), store.liveKeys(agreement)]);
  const body = scanKeys(devices, keys, clock.now());
  await recorder.record([{ agreement, kind: 'device.id.scan', outcome: isClean(body) ? 'clean' : 'finding', body }]);
  return body;
}
