import type { KickSelector } from '../../../flow/gateway-port.ts';
import type { Connection } from './connection.ts';

const fields = ['device', 'party', 'serial', 'spki', 'issuerKeyId'] as const;
type Field = (typeof fields)[number];

/** Admitted connections by everything an order can name; an order costs what it cuts. */
export class SessionIndex {
  readonly all = new Set<Connection>();
  private readonly by: Readonly<Record<Field, Map<string, Set<Connection>>>> = {
    device: new Map(),
    party: new Map(),
    serial: new Map(),
    spki: new Map(),
    issuerKeyId: new Map(),
  };

  add(connection: Connection): void {
    this.all.add(connection);
    for (const field of fields) {
      const key = keyOf(connection, field);
      if (key === undefined) continue;
      const known = this.by[field].get(key);
      if (known) known.add(connection);
      else this.by[field].set(key, new Set([connection]));
    }
  }

  delete(connection: Connection): void {
    if (!this.all.delete(connection)) return;
    for (const field of fields) {
      const key = keyOf(connection, field);
      const set = key === undefined ? undefined : this.by[field].get(key);
      if (key === undefined || set === undefined) continue;
      set.delete(connection);
      if (set.size === 0) this.by[field].delete(key);
    }
  }

  /** Connections of one device of a party. */
  device(party: string, device: string): ReadonlySet<Connection> {
    return this.by.device.get(`${party}/${device}`) ?? none;
  }

  /** Connections that match every field of the selector; none when it has no field. */
  select(selector: KickSelector): Connection[] {
    const smallest = this.smallest(selector);
    return smallest ? [...smallest].filter((connection) => isMatch(connection, selector)) : [];
  }

  private smallest(selector: KickSelector): ReadonlySet<Connection> | undefined {
    const { party, device } = selector;
    if (party !== undefined && device !== undefined) return this.device(party, device);
    for (const field of ['serial', 'spki', 'issuerKeyId', 'party'] as const) {
      const value = selector[field];
      if (value !== undefined) return this.by[field].get(value) ?? none;
    }
    return device === undefined ? undefined : this.all;
  }
}

const none: ReadonlySet<Connection> = new Set();

function keyOf({ device: session }: Connection, field: Field): string | undefined {
  if (session === undefined) return undefined;
  if (field === 'device') return `${session.party}/${session.device}`;
  return field === 'party' ? session.party : session.peer[field];
}

const is = (want: string | undefined, have: string | undefined): boolean => want === undefined || want === have;

function isMatch({ device: session }: Connection, selector: KickSelector): boolean {
  if (session === undefined) return false;
  const { peer } = session;
  return (
    is(selector.party, session.party) &&
    is(selector.device, session.device) &&
    is(selector.serial, peer.serial) &&
    is(selector.spki, peer.spki) &&
    is(selector.issuerKeyId, peer.issuerKeyId)
  );
}
