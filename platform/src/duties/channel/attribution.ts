import { type Duration, hours, type Instant } from '../../kernel/time.ts';

/** A device that was seen at an address. */
export interface SeenDevice {
  readonly party: string;
  readonly agreement: string;
  readonly device: string;
  readonly at: Instant;
}
/** Whose attempt it was; `device` only when the address had been of this one device. */
export interface Attribution {
  readonly party: string;
  readonly agreement: string;
  readonly device?: string;
}

/** How far back an address speaks for its devices (decisions, fact 12). */
export const attributionWindow: Duration = hours(24);

/**
 * Attributes a plaintext attempt from an address (B2.3.2): to a party when all devices seen there in the last 24 h were
 * of this party alone, and to the device when it was only one. Undefined: nobody's, it goes to the platform log.
 */
export function attribute(seen: Iterable<SeenDevice>, now: Instant): Attribution | undefined {
  const recent = [...seen].filter(({ at }) => now - at < attributionWindow);
  const [first] = recent;
  if (!first || recent.some(({ agreement }) => agreement !== first.agreement)) return undefined;
  const { party, agreement, device } = first;
  return recent.every((one) => one.device === device) ? { party, agreement, device } : { party, agreement };
}

/**
 * Addresses of devices of the last day, bounded: the address seen longest ago is forgotten first, and an address with
 * more than 64 devices is somebody's gateway, of which the newest 64 count.
 */
export class RecentAddresses {
  readonly #byAddress = new Map<string, Map<string, SeenDevice>>();
  readonly #most: number;

  constructor(most = 50_000) {
    this.#most = most;
  }

  note(address: string, seen: SeenDevice): void {
    const devices = this.#byAddress.get(address) ?? new Map<string, SeenDevice>();
    this.#byAddress.delete(address);
    this.#byAddress.set(address, devices);
    const key = `${seen.agreement}/${seen.device}`;
    devices.delete(key);
    devices.set(key, seen);
    dropOldest(devices, 64);
    dropOldest(this.#byAddress, this.#most);
  }

  attribute(address: string, now: Instant): Attribution | undefined {
    return attribute(this.#byAddress.get(address)?.values() ?? [], now);
  }
}

/** Maps keep insertion order: their first key is the oldest. */
function dropOldest(map: Map<string, unknown>, most: number): void {
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
