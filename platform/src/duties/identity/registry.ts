import type { ProblemCode } from '@pactgate/protocol';
import { err, type Result } from '../../kernel/result.ts';
import { type Duration, type Instant, later } from '../../kernel/time.ts';
import {
  type AdmittedIdentity,
  type IdentityRecord,
  judgeCertificate,
  type PartyState,
  type PeerFacts,
} from './admit.ts';
import type { Certificate, Device } from './ports.ts';

const keyOf = (agreement: string, device: string): string => `${agreement}/${device}`;

/**
 * What the gate needs of every identity, in memory, so that admission asks no database.
 *
 * It is filled from the store at the start and told of every change after its commit. Default deny: what is not here
 * does not exist, so a lost update can only refuse too much; a denial is put here when its order commits. One process
 * writes it, between awaits: readers never see half a change. About 0.5 KB for a device with one certificate.
 */
export class IdentityRegistry {
  readonly #certificates = new Map<string, Certificate>();
  readonly #devices = new Map<string, Device>();
  readonly #parties = new Map<string, PartyState>();
  readonly #issuers = new Set<string>();
  readonly #denied = new Set<string>();

  /** Replaces what was known of this serial; `issuing` and `void` are forgotten, they admit nobody. */
  putCertificate(certificate: Certificate): void {
    const { serial, state } = certificate;
    if (state === 'issuing' || state === 'void') this.#certificates.delete(serial);
    else this.#certificates.set(serial, certificate);
  }
  putDevice(device: Device): void {
    this.#devices.set(keyOf(device.agreement, device.id), device);
  }
  /** State of a party: admits only under the agreement in force. */
  setParty(party: string, state: PartyState): void {
    this.#parties.set(party, state);
  }
  /** Key id of a CA whose certificates count. */
  trustIssuer(keyId: string): void {
    this.#issuers.add(keyId);
  }
  distrustIssuer(keyId: string): void {
    this.#issuers.delete(keyId);
  }
  /** Refuses a serial or a key before anything else is looked at, until {@link IdentityRegistry.allow}. */
  deny(serialOrSpki: string): void {
    this.#denied.add(serialOrSpki);
  }
  allow(serialOrSpki: string): void {
    this.#denied.delete(serialOrSpki);
  }

  party(party: string): PartyState {
    return this.#parties.get(party) ?? {};
  }
  device(agreement: string, id: string): Device | undefined {
    return this.#devices.get(keyOf(agreement, id));
  }
  devices(): Iterable<Device> {
    return this.#devices.values();
  }
  certificates(): Iterable<Certificate> {
    return this.#certificates.values();
  }
  record(serial: string): IdentityRecord | undefined {
    const certificate = this.#certificates.get(serial);
    if (!certificate) return undefined;
    const device = this.device(certificate.agreement, certificate.device);
    return {
      certificate,
      ...(device ? { device } : {}),
      party: this.party(certificate.party),
      issuerTrusted: this.#issuers.has(certificate.issuer),
    };
  }

  /** The own check of a connection (B2.2.4, A3.1.1); see {@link judgeCertificate}. */
  admit(peer: PeerFacts, now: Instant): Result<AdmittedIdentity, ProblemCode> {
    if (this.#denied.has(peer.serial) || this.#denied.has(peer.spki)) return err('channel/certificate-revoked');
    return judgeCertificate(peer, this.record(peer.serial), now);
  }

  /**
   * Drops what can admit nobody any more: superseded and revoked certificates that have ended, and any that ended before
   * the dormancy grace. Returns how many.
   */
  prune(now: Instant, grace: Duration): number {
    let dropped = 0;
    for (const [serial, { notAfter, state }] of this.#certificates) {
      const kept = state === 'live' || state === 'candidate' ? later(notAfter, grace) : notAfter;
      if (kept <= now && this.#certificates.delete(serial)) dropped += 1;
    }
    return dropped;
  }
}
