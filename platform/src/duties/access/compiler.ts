import type { AccessRequest, DeviceAttributes, Link, PolicyAnswer, PolicyEngine, PolicySet } from './ports.ts';
import { PermissionTable, type TableSubject } from './table.ts';

/** Tables and decisions kept at once; the one used longest ago goes first. */
const maxTables = 4_096;
const maxDecisions = 16_384;
/** A set that reads addresses sees something that changes without an epoch: its tables are good for a minute. */
const addressTableLife = 60_000;

/** A table with what the session needs to know of its making. */
export interface Compiled {
  readonly table: PermissionTable;
  /** Milliseconds of each decision that the engine made for it; none when everything was known. */
  readonly times: readonly number[];
  /** Milliseconds for which the table holds; absent: until something it rests on changes. */
  readonly lifeMs?: number;
}

/** Map that forgets what was used longest ago. */
class Recent<V> {
  readonly #map = new Map<string, V>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string): V | undefined {
    const value = this.#map.get(key);
    if (value === undefined) return undefined;
    this.#map.delete(key);
    this.#map.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#map.set(key, value);
    if (this.#map.size <= this.#most) return;
    const [oldest] = this.#map.keys();
    if (oldest !== undefined) this.#map.delete(oldest);
  }

  get size(): number {
    return this.#map.size;
  }
}

/** What the engine is shown: names that no policy of the set reads are replaced, so that the cache is exact. */
function visible(set: PolicySet, subject: TableSubject): { readonly device: DeviceAttributes; readonly link: Link } {
  const { ip, ...link } = subject.link;
  return {
    device: { ...subject.device, device: set.namesDevice ? subject.device.device : '*' },
    link: set.readsAddress && ip !== undefined ? { ...link, ip } : link,
  };
}

/** Values in a fixed order: object members come as the caller wrote them. */
function vectorOf(device: DeviceAttributes, link: Link): readonly (string | number | boolean | readonly string[])[] {
  return [
    device.device,
    device.party,
    device.model,
    device.groups.toSorted(),
    device.state,
    device.isolation,
    device.riskBand,
    device.keyLevel,
    device.attestTier,
    device.attestFresh,
    device.firmwareOk,
    link.channel,
    link.pqc,
    link.source,
    link.ip ?? '',
    link.protocol,
  ];
}

/**
 * Compiles permission tables and shares them: the key is the policy digest and everything the engine sees, so 60,000
 * devices that look the same cost one table. A change of any attribute, or of the set, is another key: nothing has to
 * be invalidated, and no decision outlives what it rests on.
 */
export class TableCompiler {
  readonly #engine: PolicyEngine;
  readonly #monotonic: () => number;
  readonly #tables = new Recent<PermissionTable>(maxTables);
  readonly #decisions = new Recent<PolicyAnswer>(maxDecisions);

  /** @param monotonic milliseconds of a clock that never goes back, to time decisions by (A3.1.3 `decideWithin`) */
  constructor(engine: PolicyEngine, monotonic: () => number) {
    this.#engine = engine;
    this.#monotonic = monotonic;
  }

  /** The table of a session under a policy set. */
  compileTable(subject: TableSubject, set: PolicySet): Compiled {
    const seen = visible(set, subject);
    const vector = JSON.stringify([set.digest, ...vectorOf(seen.device, seen.link)]);
    const channels = subject.channels?.map(({ name, grade }) => `${name}:${grade}`).toSorted();
    const key = `${vector} ${channels?.join(' ') ?? 'none'}`;
    const life = set.readsAddress ? { lifeMs: addressTableLife } : {};
    const known = this.#tables.get(key);
    if (known !== undefined) return { table: known, times: [], ...life };

    const times: number[] = [];
    const own: TableSubject = { ...seen, channels: subject.channels };
    const table = new PermissionTable(set.digest, own, (action, resource) => {
      const shown = set.namesResource ? resource : { ...resource, id: '*' };
      const { id, kind, dataClass } = shown;
      const name = `${vector} ${action} ${kind} ${dataClass} ${id}`;
      const before = this.#decisions.get(name);
      if (before !== undefined) return before;
      const start = this.#monotonic();
      const answer = this.#engine.decide(set, { ...seen, action, resource: shown });
      times.push(this.#monotonic() - start);
      this.#decisions.set(name, answer);
      return answer;
    });
    this.#tables.set(key, table);
    return { table, times, ...life };
  }

  /** Decides a request again, past every cache: for replay. */
  decideAnew(set: PolicySet, request: AccessRequest): PolicyAnswer {
    const { device, link } = visible(set, { ...request, channels: undefined });
    const resource = set.namesResource ? request.resource : { ...request.resource, id: '*' };
    return this.#engine.decide(set, { device, action: request.action, resource, link });
  }

  /** Tables and decisions held now, for metrics. */
  get held(): { readonly tables: number; readonly decisions: number } {
    return { tables: this.#tables.size, decisions: this.#decisions.size };
  }
}
