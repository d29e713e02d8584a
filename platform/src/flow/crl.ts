import type { Ca, CertificateAuthority, Crl, IdentityStore } from '../duties/identity/index.ts';
import { type Clock, days, hours, later, minutes } from '../kernel/time.ts';
import type { Transact } from '../kernel/transact.ts';
import type { Recorder } from './recorder.ts';

export interface CrlParts<Tx> {
  readonly store: IdentityStore<Tx>;
  readonly authority: CertificateAuthority;
  readonly recorder: Recorder<Tx>;
  readonly transact: Transact<Tx>;
  readonly clock: Clock;
  /** Agreement in force of a party, whose log records its lists; undefined: the platform log. */
  readonly agreementOf: (party: string) => string | undefined;
}

/** Lists are signed anew this often, besides at every revocation. */
export const crlEvery = minutes(30);
const validFor = hours(24);
/** The root is meant to go offline: its list, which changes only with a platform CA, must outlast that. */
const rootValidFor = days(90);

/** Revocation lists of all CAs (B2.2.5): one shard each, unexpired certificates only. */
export interface Crls {
  /**
   * Loads what was signed before and signs what is missing or older than {@link crlEvery}. Call it every minute, and
   * when an agreement comes into force: before, its CA has issued nothing, and its log is not there to record a list.
   */
  refresh(): Promise<void>;
  /** Signs a new list at once; concurrent calls for one CA are served by one more list. */
  publish(ca: string): Promise<Crl>;
  /** Newest list of a CA, DER, by its id (`root`, `platform`, `device-{party}`); undefined for an unknown one. */
  current(ca: string): Uint8Array | undefined;
}

class CrlPublisher<Tx> implements Crls {
  readonly #parts: CrlParts<Tx>;
  readonly #newest = new Map<string, Crl>();
  readonly #running = new Map<string, { readonly now: Promise<Crl>; next?: Promise<Crl> }>();

  constructor(parts: CrlParts<Tx>) {
    this.#parts = parts;
  }

  async refresh(): Promise<void> {
    const { authority, clock, agreementOf } = this.#parts;
    for (const { id, party } of authority.cas()) {
      const known = await this.#known(id);
      if (!known && party !== undefined && agreementOf(party) === undefined) continue;
      if (!known || clock.now() >= later(known.thisUpdate, crlEvery)) await this.publish(id);
    }
  }

  current(ca: string): Uint8Array | undefined {
    return this.#newest.get(ca)?.der;
  }

  /** A list that is being made may have read the store before the caller's change: then one more follows. */
  publish(ca: string): Promise<Crl> {
    const running = this.#running.get(ca);
    if (running) {
      running.next ??= running.now.then(
        () => this.publish(ca),
        () => this.publish(ca),
      );
      return running.next;
    }
    const now = this.#make(ca).finally(() => this.#running.delete(ca));
    this.#running.set(ca, { now });
    return now;
  }

  async #known(id: string): Promise<Crl | undefined> {
    const known = this.#newest.get(id) ?? (await this.#parts.store.crl(id));
    if (known) this.#newest.set(id, known);
    return known;
  }

  async #make(id: string): Promise<Crl> {
    const { store, authority, clock, recorder, transact, agreementOf } = this.#parts;
    const ca = authority.ca(id);
    if (!ca) throw new RangeError(`no CA ${id}`);
    const thisUpdate = clock.now();
    const revoked = ca.kind === 'device' ? await store.revokedOf(ca.keyId, thisUpdate) : [];
    const list = {
      number: ((await this.#known(id))?.number ?? 0) + 1,
      thisUpdate,
      nextUpdate: later(thisUpdate, ca.kind === 'root' ? rootValidFor : validFor),
    };
    const crl: Crl = { ca: id, ...list, der: await authority.signCrl(id, list, revoked), entries: revoked.length };
    const agreement = agreementFor(ca, agreementOf);
    await transact(async (tx) => {
      if (!(await store.saveCrl(tx, crl))) throw new RangeError(`CRL ${list.number} of ${id} exists`);
      await recorder.recordIn(tx, [
        {
          ...(agreement === undefined ? {} : { agreement }),
          kind: 'crl.publish',
          outcome: 'published',
          body: { issuer: id, ...list, entries: crl.entries },
        },
      ]);
    });
    this.#newest.set(id, crl);
    return crl;
  }
}

const agreementFor = (ca: Ca, agreementOf: (party: string) => string | undefined): string | undefined =>
  ca.party === undefined ? undefined : agreementOf(ca.party);

export const makeCrls = <Tx>(parts: CrlParts<Tx>): Crls => new CrlPublisher(parts);
