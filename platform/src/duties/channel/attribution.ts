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

/** Devices behind one address that are remembered one by one. */
const maxDevices = 64;

interface Place {
  readonly devices: Map<string, SeenDevice>;
  /** Last sight of any device of an agreement: a crowd of one party must not push the other party out of memory. */
  readonly agreements: Map<string, Instant>;
}

/** Addresses of devices of the last day, bounded: the address seen longest ago is forgotten first. */
export class RecentAddresses {
  readonly #places = new Map<string, Place>();
  readonly #most: number;

  constructor(most = 50_000) {
    this.#most = most;
  }

  note(address: string, seen: SeenDevice): void {
    const place = this.#places.get(address) ?? { devices: new Map(), agreements: new Map() };
    this.#places.delete(address);
    this.#places.set(address, place);
    const key = `${seen.agreement}/${seen.device}`;
    place.devices.delete(key);
    place.devices.set(key, seen);
    place.agreements.set(seen.agreement, seen.at);
    dropOldest(place.devices, maxDevices);
    dropOldest(this.#places, this.#most);
  }

  attribute(address: string, now: Instant): Attribution | undefined {
    const place = this.#places.get(address);
    if (!place) return undefined;
    const recent = [...place.agreements.values()].filter((at) => now - at < attributionWindow);
    return recent.length > 1 ? undefined : attribute(place.devices.values(), now);
  }
}

/** Maps keep insertion order: their first key is the oldest. */
function dropOldest(map: Map<string, unknown>, most: number): void {
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}
