import { Problem, type RecordBody } from '@pactgate/protocol';
import {
  type AdmittedIdentity,
  type Certificate,
  type CertificateAuthority,
  type Device,
  type DeviceChange,
  type IdentityRegistry,
  type IdentityStore,
  type Issued,
  isClean,
  type Prepared,
  type Refusal,
  type Renewal,
  scanKeys,
} from '../duties/identity/index.ts';
import type { PartyId } from '../kernel/ids.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { type Clock, type Duration, days, type Instant, instant } from '../kernel/time.ts';
import type { Transact } from '../kernel/transact.ts';
import type { NewRecord } from '../parties/record.ts';
import type { GatewayControl } from './gateway-port.ts';
import type { Recorder } from './recorder.ts';

export interface CertificateParts<Tx> {
  readonly store: IdentityStore<Tx>;
  readonly authority: CertificateAuthority;
  readonly registry: IdentityRegistry;
  readonly recorder: Recorder<Tx>;
  readonly transact: Transact<Tx>;
  readonly clock: Clock;
  /** Cuts live connections, synchronously; answers how many. */
  readonly kick: GatewayControl['kick'];
  /** A confirmed clone enrolled with a new key: its isolation may end. */
  readonly cured?: (device: Device) => void;
}

/** A refusal to a peer that proved to be this device. */
export type Completed = Result<Uint8Array, Refusal & { readonly known: Device }>;

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
  /** Voids candidates that nobody proved in time; at most 500 a call. Returns how many. */
  sweep(): Promise<number>;
  /** The daily scan of live keys of an agreement, recorded. */
  scan(agreement: string): Promise<RecordBody<'device.id.scan'>>;
}

type Parts<Tx> = CertificateParts<Tx>;
const page = 1_000;

export const makeCertificates = <Tx>(parts: Parts<Tx>): Certificates => ({
  load: (grace) => load(parts, grace),
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

async function load<Tx>(
  { store, authority, registry, clock }: Parts<Tx>,
  grace: Duration,
): Promise<{ devices: number; certificates: number }> {
  const now = clock.now();
  for (const ca of authority.cas()) if (ca.kind === 'device' && ca.notAfter > now) registry.trustIssuer(ca.keyId);
  const devices = await loadDevices(store, registry);
  return { devices, certificates: await loadCertificates(store, registry, instant(now - grace)) };
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
  since: Instant,
): Promise<number> {
  let count = 0;
  let last: Certificate | undefined;
  do {
    const list = await store.loadCertificates(since, last?.serial ?? '', page);
    for (const certificate of list) registry.putCertificate(certificate);
    count += list.length;
    last = list.length === page ? list.at(-1) : undefined;
  } while (last);
  return count;
}

const issued = (device: Device, certificate: Certificate): NewRecord => ({
  agreement: device.agreement,
  kind: 'cert.issue',
  outcome: 'issued',
  body: {
    device: device.pseudonym,
    serial: certificate.serial,
    spki: certificate.spki,
    issuer: certificate.issuer,
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
  },
});
const retired = (device: Device, { spki, serial }: Certificate, why: string): NewRecord => ({
  agreement: device.agreement,
  kind: 'device.key.retire',
  outcome: 'retired',
  body: { device: device.pseudonym, spki, serial, why },
});
const bound = (
  device: Device,
  { spki, serial }: Certificate,
  over: { readonly supersedes?: string | undefined; readonly overlapUntil?: Instant },
): NewRecord => ({
  agreement: device.agreement,
  kind: 'device.key.bind',
  outcome: 'bound',
  body: {
    device: device.pseudonym,
    spki,
    serial,
    ...(over.supersedes === undefined ? {} : { supersedes: over.supersedes }),
    ...(over.overlapUntil === undefined ? {} : { overlapUntil: over.overlapUntil }),
  },
});

const conflict = (what: string): Problem => new Problem('request/conflict', what);

/** Ends open certificates inside a transaction: live becomes superseded, a candidate void; other keys are retired. */
async function giveWay<Tx>(
  { store, clock }: Parts<Tx>,
  tx: Tx,
  olds: readonly Certificate[],
  keeps: ReadonlySet<string>,
): Promise<readonly Certificate[]> {
  const at = clock.now();
  const ended: Certificate[] = [];
  for (const old of olds) {
    const to = old.state === 'live' ? 'superseded' : 'void';
    if (!(await store.moveCertificate(tx, old.serial, { from: old.state, to, at })))
      throw conflict('a certificate of the device changed meanwhile');
    if (!keeps.has(old.spki)) await store.retireKey(tx, old.spki, at, false);
    ended.push({ ...old, state: to });
  }
  return ended;
}

/** Binds the key of a completed certificate; `enrol/key-bound` when another device was first. */
async function bind<Tx>({ store, clock }: Parts<Tx>, tx: Tx, { spki, agreement, device }: Certificate): Promise<void> {
  if (!(await store.bindKey(tx, { spki, agreement, device, boundAt: clock.now() })))
    throw new Problem('enrol/key-bound', 'the key of the request is bound to another device');
}

/** Expected ways to lose a race become a refusal; anything else is a fault of ours. */
async function completed(device: Device, der: Uint8Array, work: () => Promise<void>): Promise<Completed> {
  try {
    await work();
    return ok(der);
  } catch (error) {
    if (error instanceof Problem) return err({ code: error.code, detail: error.detail, known: device });
    throw error;
  }
}

async function completeFirst<Tx>(
  parts: Parts<Tx>,
  device: Device,
  certificate: Certificate,
  prepared: Prepared,
): Promise<Completed> {
  const { store, registry, recorder } = parts;
  const signed = await parts.authority.sign(prepared);
  const olds = await store.openCertificates(device.agreement, device.id);
  const others = olds.filter(({ spki }) => spki !== certificate.spki);
  const cured = device.clone === 'confirmed';
  const change: DeviceChange = cured ? { state: 'active', clone: 'none', cloneUntil: undefined } : { state: 'active' };
  let ended: readonly Certificate[] = [];
  return completed(device, signed.der, async () => {
    await parts.transact(async (tx) => {
      ended = await giveWay(parts, tx, olds, new Set([certificate.spki]));
      if (!(await store.completeCertificate(tx, certificate.serial, 'live', signed)))
        throw conflict('the request was answered meanwhile');
      await bind(parts, tx, certificate);
      if (!(await store.changeDevice(tx, device, change))) throw conflict('the device changed meanwhile');
      await recorder.recordIn(tx, [
        ...others.map((old) => retired(device, old, 'enrolled anew')),
        bound(device, certificate, { supersedes: others.find(({ state }) => state === 'live')?.spki }),
        issued(device, certificate),
        ...stateRecord(device),
      ]);
    });
    for (const old of ended) registry.putCertificate(old);
    registry.putDevice(activated(device));
    putSigned(parts, certificate, 'live', signed);
    for (const { serial } of ended) parts.kick({ serial }, 'channel/certificate-superseded');
    if (cured) parts.cured?.(device);
  });
}

/** The device after its enrolment: active, and a confirmed clone is over with the new key. */
function activated(device: Device): Device {
  if (device.clone !== 'confirmed') return { ...device, state: 'active' };
  const { cloneUntil: _, ...rest } = device;
  return { ...rest, state: 'active', clone: 'none' };
}

const stateRecord = (device: Device): NewRecord[] =>
  device.state === 'active'
    ? []
    : [
        {
          agreement: device.agreement,
          kind: 'device.state',
          outcome: 'active',
          body: { device: device.pseudonym, state: 'active', why: 'enrolled' },
        },
      ];

function putSigned<Tx>(
  { registry }: Parts<Tx>,
  certificate: Certificate,
  state: 'live' | 'candidate',
  { fingerprint }: Issued,
): void {
  registry.putCertificate({ ...certificate, state, fingerprint });
}

async function completeNext<Tx>(
  parts: Parts<Tx>,
  renewal: Renewal,
  certificate: Certificate,
  prepared: Prepared,
): Promise<Completed> {
  const { store, registry, recorder, clock } = parts;
  const { device, previous, kind, leftShare, overlapUntil } = renewal;
  const signed = await parts.authority.sign(prepared);
  const open = await store.openCertificates(device.agreement, device.id);
  const olds = open.filter(({ state }) => state === 'candidate');
  const keeps = new Set([certificate.spki, previous.spki]);
  const body = { device: device.pseudonym, serial: certificate.serial, previous: previous.serial, leftShare };
  let ended: readonly Certificate[] = [];
  return completed(device, signed.der, async () => {
    await parts.transact(async (tx) => {
      const still = { from: 'live', to: 'live', at: clock.now() } as const;
      if (!(await store.moveCertificate(tx, previous.serial, still)))
        throw new Problem('channel/certificate-superseded', 'the certificate changed meanwhile');
      ended = await giveWay(parts, tx, olds, keeps);
      if (!(await store.completeCertificate(tx, certificate.serial, 'candidate', signed)))
        throw conflict('the request was answered meanwhile');
      if (kind === 'rekey') await bind(parts, tx, certificate);
      await recorder.recordIn(tx, [
        ...olds.filter(({ spki }) => !keeps.has(spki)).map((old) => retired(device, old, 'renewed again unproven')),
        ...(kind === 'rekey' ? [bound(device, certificate, { supersedes: previous.spki, overlapUntil })] : []),
        issued(device, certificate),
        {
          agreement: device.agreement,
          kind: 'cert.renew',
          outcome: kind,
          body: { ...body, notAfter: certificate.notAfter },
        },
      ]);
    });
    for (const old of ended) registry.putCertificate(old);
    putSigned(parts, certificate, 'candidate', signed);
  });
}

async function prove<Tx>(parts: Parts<Tx>, { device, certificate }: AdmittedIdentity): Promise<void> {
  const { store, registry, recorder, clock } = parts;
  const open = await store.openCertificates(device.agreement, device.id);
  const olds = open.filter(({ state }) => state === 'live');
  const others = olds.filter(({ spki }) => spki !== certificate.spki);
  let ended: readonly Certificate[] = [];
  const done = await completed(device, new Uint8Array(), () =>
    parts.transact(async (tx) => {
      ended = await giveWay(parts, tx, olds, new Set([certificate.spki]));
      const move = { from: 'candidate', to: 'live', at: clock.now() } as const;
      if (!(await store.moveCertificate(tx, certificate.serial, move))) throw conflict('proven already');
      await recorder.recordIn(
        tx,
        others.map((old) => retired(device, old, 'renewed')),
      );
    }),
  );
  // somebody else's connection was first: what it changed is in the registry by now
  if (!done.ok) return;
  for (const old of ended) registry.putCertificate(old);
  registry.putCertificate({ ...certificate, state: 'live' });
  for (const { serial } of ended) parts.kick({ serial }, 'channel/certificate-superseded');
}

async function revoke<Tx>(
  parts: Parts<Tx>,
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

async function sweep<Tx>(parts: Parts<Tx>): Promise<number> {
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
  registry.prune(instant(clock.now() - days(3_650)));
  return swept;
}

async function scan<Tx>(
  { store, recorder, clock }: Parts<Tx>,
  agreement: string,
): Promise<RecordBody<'device.id.scan'>> {
  const [devices, keys] = await Promise.all([store.countDevices(agreement), store.liveKeys(agreement)]);
  const body = scanKeys(devices, keys, clock.now());
  await recorder.record([{ agreement, kind: 'device.id.scan', outcome: isClean(body) ? 'clean' : 'finding', body }]);
  return body;
}
