import type { RecordBody } from '@pactgate/protocol';
import type { Instant } from '../../kernel/time.ts';

/** A live key under the pseudonym of its device. */
export interface ScannedKey {
  readonly device: string;
  readonly spki: string;
  /** Set while a renewal of this device is under way. */
  readonly overlapUntil?: Instant;
}

const maxListed = 256;
const maxSharers = 64;

const groupBy = <T>(list: readonly T[], keyOf: (item: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
};

/**
 * The daily scan of all live keys of an agreement (B2.2.1): keys that several devices hold, devices that hold several
 * keys. Those in a running renewal are listed with its end; the lists stop at 256.
 */
export function scanKeys(devices: number, keys: readonly ScannedKey[], now: Instant): RecordBody<'device.id.scan'> {
  const shared: RecordBody<'device.id.scan'>['shared'] = [];
  for (const [spki, group] of groupBy(keys, (key) => key.spki)) {
    const owners = [...new Set(group.map((key) => key.device))];
    if (owners.length > 1 && shared.length < maxListed) shared.push({ spki, devices: owners.slice(0, maxSharers) });
  }
  const multiple: RecordBody<'device.id.scan'>['multiple'] = [];
  for (const [device, group] of groupBy(keys, (key) => key.device)) {
    const count = new Set(group.map((key) => key.spki)).size;
    if (count < 2 || multiple.length >= maxListed) continue;
    const ends = group.flatMap(({ overlapUntil }) => (overlapUntil === undefined ? [] : [overlapUntil]));
    const running = ends.length > 0 && Math.max(...ends) > now;
    multiple.push({ device, keys: count, ...(running ? { overlapUntil: Math.max(...ends) } : {}) });
  }
  return { devices, liveKeys: new Set(keys.map((key) => key.spki)).size, shared, multiple };
}

/** Nothing that breaks B2.2.1 was found: no shared key, and several keys only during a renewal. */
export const isClean = (scan: RecordBody<'device.id.scan'>): boolean =>
  scan.shared.length === 0 && scan.multiple.every(({ overlapUntil }) => overlapUntil !== undefined);
