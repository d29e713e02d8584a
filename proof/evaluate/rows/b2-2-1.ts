import type { Device } from '../devices.ts';
import {
  atRisk,
  beginning,
  breached,
  type Lack,
  lackOf,
  met,
  type Outcome,
  refsOf,
  unknownBy,
  type View,
  why,
} from '../finding.ts';
import { isLiveKey } from '../identity.ts';
import type { Rule } from '../rule.ts';
import type { Finding, Seen } from '../types.ts';

type Scan = Seen<'device.id.scan'>;
/** Entries a scan can name; a full list may be cut short, and then the unnamed are not cleared by it. */
const maxNamed = 256;
/** A suspicion lapses after an hour (identity and access: clone verdict). */
const suspicionMs = 3_600_000;

/** Devices by live key, from the bindings alone: whoever has the log sees a shared key without any scan. */
function holdersOf(view: View, devices: readonly Device[]): ReadonlyMap<string, readonly string[]> {
  const holders = new Map<string, string[]>();
  for (const { id, identity } of devices)
    for (const key of identity.keys)
      if (isLiveKey(identity, key, view.at)) holders.set(key.spki, [...(holders.get(key.spki) ?? []), id]);
  return holders;
}

const duplicate = (id: string, reason: Finding['why'], refs: Finding['refs']): Finding =>
  breached(id, reason, { code: 'ID_DUPLICATE', refs });

function judgeClone(view: View, device: Device): Finding | undefined {
  const { conflict, bound } = device.identity;
  if (conflict === undefined || (bound !== undefined && bound.at > conflict.at)) return undefined; // cured by a new key
  const { verdict, heldMs } = conflict.body;
  if (verdict === 'confirmed') {
    const limit = { ms: view.terms.ms('cloneHold') };
    const held =
      heldMs === undefined ? why('id/clone-not-held', { limit }) : why('id/clone', { held: { ms: heldMs }, limit });
    return duplicate(device.id, held, [conflict.ref]);
  }
  return view.at - conflict.at < suspicionMs ? atRisk(device.id, why('id/suspected'), [conflict.ref]) : undefined;
}

function judgeKeys(view: View, device: Device, holders: ReadonlyMap<string, readonly string[]>): Finding | undefined {
  const { identity } = device;
  const live = identity.keys.filter((key) => isLiveKey(identity, key, view.at));
  const refs = identity.bound === undefined ? [] : [identity.bound.ref];
  for (const { spki } of live) {
    const others = holders.get(spki)?.filter((id) => id !== device.id) ?? [];
    if (others.length > 0) return duplicate(device.id, why('id/shared', { spki, other: others[0] ?? '' }), refs);
  }
  const overlap = view.terms.ms('renewalOverlap');
  const long = live.find(({ overlapMs }) => overlapMs !== undefined && overlapMs > overlap);
  if (long !== undefined)
    return duplicate(
      device.id,
      why('id/overlap', { overlap: { ms: long.overlapMs ?? 0 }, limit: { ms: overlap } }),
      refs,
    );
  const current = live.filter(({ overlapUntil }) => overlapUntil === undefined);
  return current.length > 1 ? duplicate(device.id, why('id/two-keys', { keys: current.length }), refs) : undefined;
}

function judgeScan(view: View, device: Device, scan: Scan | undefined): Finding | undefined {
  if (scan === undefined) return undefined;
  const shared = scan.body.shared.find(({ devices }) => devices.includes(device.id));
  if (shared !== undefined) {
    const other = shared.devices.find((id) => id !== device.id) ?? '';
    return duplicate(device.id, why('id/shared', { spki: shared.spki, other }), [scan.ref]);
  }
  const multiple = scan.body.multiple.find((entry) => entry.device === device.id);
  if (multiple === undefined) return undefined;
  const limit = view.terms.ms('renewalOverlap');
  const left = (multiple.overlapUntil ?? 0) - scan.at;
  if (left > 0 && left <= limit) return undefined;
  return duplicate(device.id, why('id/two-keys', { keys: multiple.keys }), [scan.ref]);
}

/** Devices whose key was live when the scan ran: a scan that saw fewer has not looked at all of them. */
const scannable = (scan: Scan, devices: readonly Device[]): number =>
  devices.filter(({ identity }) => identity.keys.some((key) => key.at <= scan.at && isLiveKey(identity, key, scan.at)))
    .length;

function lackOfScan(view: View, scan: Scan | undefined, devices: readonly Device[]): Lack | undefined {
  const lack = lackOf(view, 'device.id.scan', scan, beginning(view));
  if (lack !== undefined || scan === undefined) return lack;
  const expected = scannable(scan, devices);
  const { devices: seen, shared, multiple } = scan.body;
  if (seen < expected) return { kind: 'device.id.scan', since: scan.at, why: why('id/scan-short', { seen, expected }) };
  if (shared.length < maxNamed && multiple.length < maxNamed) return undefined;
  return { kind: 'device.id.scan', since: scan.at, why: why('id/scan-cut', { entries: maxNamed }) };
}

interface Whole {
  readonly holders: ReadonlyMap<string, readonly string[]>;
  readonly lack: Lack | undefined;
}

function judgeDevice(view: View, device: Device, { holders, lack }: Whole): Finding {
  const { id, bornAt, identity } = device;
  const { scan } = view.evaluation.probes;
  const found = judgeClone(view, device) ?? judgeKeys(view, device, holders) ?? judgeScan(view, device, scan);
  if (found?.status === 'breached') return found;
  const gap =
    lackOf(view, 'device.enrol', identity.enrolled, bornAt) ??
    lackOf(view, 'device.key.bind', identity.bound, bornAt) ??
    lack;
  if (gap !== undefined) return unknownBy(id, gap, refsOf(scan));
  return found ?? met(id, why('id/unique'), refsOf(identity.enrolled, identity.bound, scan));
}

/**
 * B2.2.1 Unique device identity: no two devices share a live key, no device has two outside a renewal overlap of at
 * most `renewalOverlap`, and every confirmed clone was held within `cloneHold`; a confirmed clone stays breached until
 * a new key is bound. Judged from key bindings and the daily scan together. Subject: each device in state active or
 * suspended, silent ones too, for a silent device still has its identity.
 */
export const b221: Rule = {
  id: 'B2.2.1',
  reads: ['device.register', 'device.state', 'device.key.retire', 'cert.issue', 'cert.renew', 'cert.revoke'],
  judge: (view): Outcome => {
    const all = [...view.evaluation.devices.byId.values()];
    const devices = all.filter(({ identity }) => identity.state === 'active' || identity.state === 'suspended');
    const holders = holdersOf(view, all);
    const { scan } = view.evaluation.probes;
    const lack = lackOfScan(view, scan, devices);
    return { findings: devices.map((device) => judgeDevice(view, device, { holders, lack })) };
  },
};
