import { Problem } from '@pactgate/protocol';
import type {
  AdmittedIdentity,
  Certificate,
  CertificateAuthority,
  Device,
  DeviceChange,
  IdentityRegistry,
  IdentityStore,
  Issued,
  Prepared,
  Refusal,
  Renewal,
} from '../duties/identity/index.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Clock, Duration } from '../kernel/time.ts';
import type { Transact } from '../kernel/transact.ts';
import { bound, issued, retired, stateRecord } from './certificate-records.ts';
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

/** What an instance of the flow keeps beside its parts. */
export interface CertificateWork<Tx> extends CertificateParts<Tx> {
  /** How long ended certificates matter. */
  grace: Duration;
}

export const conflict = (what: string): Problem => new Problem('request/conflict', what);

/** Ends open certificates inside a transaction: live becomes superseded, a candidate void; other keys are retired. */
export async function giveWay<Tx>(
  { store, clock }: CertificateWork<Tx>,
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
async function bind<Tx>(
  { store, clock }: CertificateWork<Tx>,
  tx: Tx,
  { spki, agreement, device }: Certificate,
): Promise<void> {
  if (!(await store.bindKey(tx, { spki, agreement, device, boundAt: clock.now() })))
    throw new Problem('enrol/key-bound', 'the key of the request is bound to another device');
}

/** Two live or two candidate certificates of a device: the store's unique indexes refused the later one. */
const isDuplicate = (error: unknown): boolean =>
  error instanceof Error && error.name === 'StoreError' && 'kind' in error && error.kind === 'duplicate-key';

/** Expected ways to lose a race become a refusal; anything else is a fault of ours. */
export async function completed(device: Device, der: Uint8Array, work: () => Promise<void>): Promise<Completed> {
  try {
    await work();
    return ok(der);
  } catch (error) {
    if (error instanceof Problem) return err({ code: error.code, detail: error.detail, known: device });
    if (isDuplicate(error)) return err({ code: 'request/conflict', detail: 'renewed meanwhile', known: device });
    throw error;
  }
}

export async function completeFirst<Tx>(
  parts: CertificateWork<Tx>,
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

function putSigned<Tx>(
  { registry }: CertificateWork<Tx>,
  certificate: Certificate,
  state: 'live' | 'candidate',
  { fingerprint }: Issued,
): void {
  registry.putCertificate({ ...certificate, state, fingerprint });
}

export async function completeNext<Tx>(
  parts: CertificateWork<Tx>,
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

export async function prove<Tx>(parts: CertificateWork<Tx>, { device, certificate }: AdmittedIdentity): Promise<void> {
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
