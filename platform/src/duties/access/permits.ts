import type { RecordBody } from '@pactgate/protocol';
import type { Instant } from '../../kernel/time.ts';
import type { PolicySet } from './ports.ts';

/** Permitted operations of one device since the last flush. A session holds it and counts with `count++`. */
export interface PermitSlot {
  readonly agreement: string;
  readonly digest: string;
  readonly device: string;
  count: number;
  /** Sessions that hold it. */
  holders: number;
}

/** Devices of one record: a body stays small enough to be read. */
export const maxDevicesPerRecord = 500;
/** Policy ids of one record. */
const maxIds = 32;

interface Group {
  readonly agreement: string;
  readonly digest: string;
  readonly slots: Map<string, PermitSlot>;
  readonly policies: Set<string>;
  timed: number;
  within: number;
  readonly limitMs: number;
}

export interface PermitRecord {
  readonly agreement: string;
  /** Operations that the record covers. */
  readonly n: number;
  readonly body: RecordBody<'authz.decide'>;
}

/**
 * Counts permits per device and policy digest, to be recorded as aggregates of at most five minutes (A3.1.3): each
 * decision is thereby covered by exactly one record that names its policies. Memory: one slot per device with a
 * session or with permits since the last flush.
 */
export class PermitCounters {
  readonly #groups = new Map<string, Group>();
  readonly #limitOf: (agreement: string) => number;
  #from: Instant;

  /** @param limitOf time for a decision under an agreement, in milliseconds (`decideWithin`) */
  constructor(start: Instant, limitOf: (agreement: string) => number) {
    this.#from = start;
    this.#limitOf = limitOf;
  }

  #group(agreement: string, digest: string): Group {
    const key = `${agreement} ${digest}`;
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const made: Group = {
      agreement,
      digest,
      slots: new Map(),
      policies: new Set(),
      timed: 0,
      within: 0,
      limitMs: this.#limitOf(agreement),
    };
    this.#groups.set(key, made);
    return made;
  }

  /** The counter of a device under a policy set; call {@link close} when the session ends or its table changes. */
  open(agreement: string, set: Pick<PolicySet, 'digest'>, device: string): PermitSlot {
    const group = this.#group(agreement, set.digest);
    const slot = group.slots.get(device) ?? { agreement, digest: set.digest, device, count: 0, holders: 0 };
    group.slots.set(device, slot);
    slot.holders++;
    return slot;
  }

  close(slot: PermitSlot): void {
    slot.holders--;
  }

  /** Notes which policies permitted, once per table: `connect` and the templates it uses. */
  permitted(slot: PermitSlot, policies: readonly string[]): void {
    const group = this.#group(slot.agreement, slot.digest);
    for (const id of policies) if (group.policies.size < maxIds) group.policies.add(id);
  }

  /** Notes how long decisions took: those that asked the engine (`Compiled.times`), and lookups that were timed. */
  timed(slot: PermitSlot, times: readonly number[]): void {
    const group = this.#group(slot.agreement, slot.digest);
    group.timed += times.length;
    for (const ms of times) if (ms <= group.limitMs) group.within++;
  }

  /** Records of the window that ends now, at most 500 devices each, and a fresh start. */
  flush(now: Instant): readonly PermitRecord[] {
    const from = this.#from;
    this.#from = now;
    const records: PermitRecord[] = [];
    for (const [key, group] of this.#groups) {
      const made = this.#records(group, from, now);
      records.push(...made);
      if (group.slots.size === 0) this.#groups.delete(key);
      // Times without a permit wait for the next record.
      if (made.length === 0) continue;
      group.timed = 0;
      group.within = 0;
    }
    return records;
  }

  #records(group: Group, from: Instant, to: Instant): readonly PermitRecord[] {
    const counted = [...group.slots.values()]
      .filter(({ count }) => count > 0)
      .map((slot) => [slot.device, slot.count] as const);
    for (const [device, slot] of group.slots) {
      slot.count = 0;
      if (slot.holders <= 0) group.slots.delete(device);
    }
    const records: PermitRecord[] = [];
    for (let i = 0; i < counted.length; i += maxDevicesPerRecord) {
      const part = counted.slice(i, i + maxDevicesPerRecord);
      records.push({
        agreement: group.agreement,
        n: part.reduce((sum, [, count]) => sum + count, 0),
        body: {
          policy: group.digest,
          policies: [...group.policies].toSorted(),
          from,
          to,
          devices: Object.fromEntries(part),
          // Times are counted once, in the first record of the window.
          ...(i === 0 ? { timed: group.timed, within: group.within, limitMs: group.limitMs } : {}),
        },
      });
    }
    return records;
  }
}
