import { createHash, X509Certificate } from 'node:crypto';
import { Problem } from '@pactgate/protocol';
import {
  type Ca,
  type CaKind,
  type CaStore,
  type CertificateAuthority,
  type DeviceOrder,
  deviceCaId,
  type Issued,
  type KeyBox,
  type Prepared,
} from '../../duties/identity/index.ts';
import type { PartyId, RandomBytes } from '../../kernel/ids.ts';
import { type Clock, type Duration, days, type Instant, instant, later, minutes } from '../../kernel/time.ts';
import { addressBytes } from './address.ts';
import { type AltName, build, type CertificateSpec, type NameParts, seal, subjectOf } from './certificate.ts';
import { buildCrl } from './crl.ts';
import { type Curve, type FileKey, fromHex, generateKey, readKey, type Signer, sha256Hex, toHex } from './keys.ts';
import { lint } from './lint.ts';
import { toPem } from './pem.ts';
import { certsOnly } from './pkcs7.ts';
import { oids, type ProfileName } from './profiles.ts';
import { readRequest } from './request.ts';

export interface AuthorityParts {
  readonly store: CaStore;
  readonly keys: KeyBox;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Platform domain: the right-hand part of every device's URI host, such as `pactgate.local`. */
  readonly domain: string;
  /** Address in front of `{ca}/{shard}.crl`, such as `https://localhost:8443/pki/crl/`. */
  readonly crlBase: string;
}

export interface ListenerCertificate {
  /** Certificate and platform CA, PEM. */
  readonly cert: string;
  /** PKCS#8 PEM. Made new each time: devices trust the root, nobody pins a listener. */
  readonly key: string;
  readonly notAfter: Instant;
}

export interface Authority extends CertificateAuthority {
  rootPem(): string;
  /** SHA-256 of the root certificate, lower-case hex. */
  rootSha256(): string;
  /** PEM of every CA: what a mutual-TLS listener trusts. Grows when a party's CA is made. */
  trustPem(): string;
  /** For 90 days; make a new one when 30 are left. At least one name or address. */
  issueListener(names: readonly string[], addresses: readonly string[]): Promise<ListenerCertificate>;
}

const curveOf: Readonly<Record<CaKind, Curve>> = { root: 'P-384', platform: 'P-256', device: 'P-256' };
const lifeOf: Readonly<Record<CaKind, Duration>> = { root: days(3_653), platform: days(1_096), device: days(1_096) };
const profileOf: Readonly<Record<CaKind, ProfileName>> = { root: 'root', platform: 'platform', device: 'issuing' };
const listenerLife = days(90);
/** Certificates are valid a little before they are made: devices' clocks are behind. */
const backdate = minutes(5);

interface LoadedCa {
  readonly row: Ca;
  /** Absent for a root whose key was taken offline. */
  readonly signer: Signer | undefined;
  readonly name: NameParts;
}

/** RFC 7093 method 1: the leftmost 160 bits of SHA-256 over the key's bits; what precedes them is the fixed SPKI head. */
function keyIdOf(spki: Uint8Array): Uint8Array {
  // the BIT STRING ends the SPKI: 65 or 97 octets of a point, 32 of Ed25519
  const bits = spki.length === 91 ? 65 : spki.length === 120 ? 97 : 32;
  return createHash('sha256').update(spki.subarray(-bits)).digest().subarray(0, 20);
}

const floorSecond = (at: number): Date => new Date(Math.floor(at / 1_000) * 1_000);
const nameOf = (kind: CaKind, domain: string, party: string | undefined): NameParts => [
  [oids.organization, party ?? domain.slice(0, 64)],
  [oids.commonName, { root: 'root CA', platform: 'platform CA', device: 'device CA' }[kind]],
];

/** One throwaway key per curve and process: copies signed with it are linted and dropped. */
const throwaway: Readonly<Record<Curve, FileKey>> = { 'P-256': generateKey('P-256'), 'P-384': generateKey('P-384') };

class FileAuthority implements Authority {
  readonly #parts: AuthorityParts;
  readonly #cas = new Map<string, LoadedCa>();
  readonly #opening = new Map<string, Promise<Ca>>();

  constructor(parts: AuthorityParts) {
    this.#parts = parts;
  }

  async load(): Promise<void> {
    for (const row of await this.#parts.store.cas()) await this.#use(row);
    if (!this.#cas.has('root')) await this.#create('root', 'root');
    if (!this.#cas.has('platform')) await this.#create('platform', 'platform');
  }

  readRequest: CertificateAuthority['readRequest'] = (der) => Promise.resolve(readRequest(der));

  async openDeviceCa(party: PartyId): Promise<Ca> {
    const id = deviceCaId(party);
    const known = this.#cas.get(id)?.row;
    if (known) return known;
    // two callers at once share one ceremony
    const running = this.#opening.get(id) ?? this.#create(id, 'device', party).finally(() => this.#opening.delete(id));
    this.#opening.set(id, running);
    return running;
  }

  ca(id: string): Ca | undefined {
    return this.#cas.get(id)?.row;
  }
  cas(): readonly Ca[] {
    return [...this.#cas.values()].map(({ row }) => row);
  }
  chain(party?: PartyId): readonly Uint8Array[] {
    const ids = ['root', 'platform', ...(party === undefined ? [] : [deviceCaId(party)])];
    return ids.flatMap((id) => this.#cas.get(id)?.row.der ?? []);
  }
  bundle(certificates: readonly Uint8Array[]): Uint8Array {
    return certsOnly(certificates);
  }
  rootPem(): string {
    return toPem('CERTIFICATE', this.#need('root').row.der);
  }
  rootSha256(): string {
    return sha256Hex(this.#need('root').row.der);
  }
  trustPem(): string {
    return this.cas()
      .map(({ der }) => toPem('CERTIFICATE', der))
      .join('');
  }

  async prepare(order: DeviceOrder): Promise<Prepared> {
    const ca = this.#need(deviceCaId(order.party));
    const spec: CertificateSpec = {
      ...this.#frame(ca, order.at, order.life),
      profile: 'device',
      subject: [
        [oids.organization, order.party],
        [oids.commonName, order.device],
      ],
      spki: order.spki,
      keyId: keyIdOf(order.spki),
      altNames: [{ uri: `pactgate://${order.party}.${this.#parts.domain}/${order.device}` }],
    };
    const tbs = await this.#checked(spec, this.#signer(ca));
    return {
      serial: toHex(spec.serial),
      issuer: ca.row.keyId,
      notBefore: instant(spec.notBefore.getTime()),
      notAfter: instant(spec.notAfter.getTime()),
      tbs,
    };
  }

  async sign(prepared: Prepared): Promise<Issued> {
    const ca = [...this.#cas.values()].find(({ row }) => row.keyId === prepared.issuer);
    if (!ca) throw new RangeError(`no CA with key id ${prepared.issuer}`);
    const der = await seal(prepared.tbs, this.#signer(ca));
    return { der, fingerprint: sha256Hex(der) };
  }

  async issueListener(names: readonly string[], addresses: readonly string[]): Promise<ListenerCertificate> {
    const ca = this.#need('platform');
    const key = generateKey('P-256');
    const altNames: AltName[] = [
      ...names.map((dns) => ({ dns })),
      ...addresses.map((ip) => ({ ip: addressBytes(ip) })),
    ];
    const spec: CertificateSpec = {
      ...this.#frame(ca, this.#parts.clock.now(), listenerLife),
      profile: 'listener',
      subject: [
        [oids.organization, this.#parts.domain.slice(0, 64)],
        [oids.commonName, (names[0] ?? addresses[0] ?? '').slice(0, 64)],
      ],
      spki: key.spki,
      keyId: keyIdOf(key.spki),
      altNames,
    };
    const der = await seal(await this.#checked(spec, this.#signer(ca)), this.#signer(ca));
    return {
      cert: toPem('CERTIFICATE', der) + toPem('CERTIFICATE', ca.row.der),
      key: toPem('PRIVATE KEY', key.pkcs8),
      notAfter: instant(spec.notAfter.getTime()),
    };
  }

  signCrl: CertificateAuthority['signCrl'] = (id, list, revoked) => {
    const ca = this.#need(id);
    return buildCrl(
      {
        issuer: ca.name,
        authorityKeyId: fromHex(ca.row.keyId),
        number: list.number,
        thisUpdate: new Date(list.thisUpdate),
        nextUpdate: new Date(list.nextUpdate),
        revoked: revoked.map(({ serial, revokedAt }) => ({ serial, at: new Date(revokedAt) })),
      },
      this.#signer(ca),
    );
  };

  /** What every certificate below a CA has: serial, issuer, dates within the CA's, CRL address. */
  #frame(
    ca: LoadedCa,
    at: Instant,
    life: Duration,
  ): Pick<CertificateSpec, 'serial' | 'issuer' | 'notBefore' | 'notAfter' | 'crlUrl'> & { authorityKeyId: Uint8Array } {
    return {
      serial: this.#serial(),
      issuer: ca.name,
      notBefore: floorSecond(Math.max(at - backdate, new X509Certificate(ca.row.der).validFromDate.getTime())),
      notAfter: floorSecond(Math.min(later(at, life), ca.row.notAfter)),
      authorityKeyId: fromHex(ca.row.keyId),
      crlUrl: `${this.#parts.crlBase}${ca.row.id}/0.crl`,
    };
  }

  /** 16 random octets, positive and of full length (RFC 5280 4.1.2.2). */
  #serial(): Uint8Array {
    const serial = Uint8Array.from(this.#parts.random(16));
    serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
    return serial;
  }

  /** Bytes to sign, after a copy signed by a throwaway key passed the linter. */
  async #checked(spec: CertificateSpec, signer: Pick<Signer, 'curve'>): Promise<Uint8Array> {
    const tbs = build(spec, signer);
    lint(await seal(tbs, throwaway[signer.curve]), spec);
    return tbs;
  }

  async #create(id: string, kind: CaKind, party?: PartyId): Promise<Ca> {
    const { keys, store, clock, domain } = this.#parts;
    const at = clock.now();
    const key = generateKey(curveOf[kind]);
    const parent = kind === 'root' ? undefined : this.#need(kind === 'platform' ? 'root' : 'platform');
    const name = nameOf(kind, domain, party);
    const end = floorSecond(later(at, lifeOf[kind])).getTime();
    const frame = parent
      ? this.#frame(parent, at, lifeOf[kind])
      : { serial: this.#serial(), issuer: name, notBefore: floorSecond(at - backdate), notAfter: new Date(end) };
    const spec: CertificateSpec = {
      ...frame,
      profile: profileOf[kind],
      subject: name,
      spki: key.spki,
      keyId: keyIdOf(key.spki),
      ...(party === undefined ? {} : { uriHost: `${party}.${domain}` }),
    };
    const signer = parent ? this.#signer(parent) : key;
    const der = await seal(await this.#checked(spec, signer), signer);
    const row: Ca = {
      id,
      kind,
      ...(party === undefined ? {} : { party }),
      keyId: toHex(spec.keyId),
      keyName: `ca-${id}-${toHex(spec.keyId).slice(0, 8)}`,
      der,
      notAfter: instant(spec.notAfter.getTime()),
      created: at,
    };
    // the key first: a crash between the two leaves a key without certificate, which nobody trusts
    await keys.save(row.keyName, key.pkcs8);
    await store.addCa(row);
    await this.#use(row);
    return row;
  }

  async #use(row: Ca): Promise<void> {
    const pkcs8 = await this.#parts.keys.load(row.keyName);
    // The root's may be kept elsewhere: it signs CAs of the platform alone, which are there.
    if (!pkcs8 && row.kind !== 'root')
      throw new Problem('start/keys-unreadable', `missing: ${row.keyName}, the key of CA ${row.id}`);
    this.#cas.set(row.id, { row, signer: pkcs8 && readKey(pkcs8), name: subjectOf(row.der) });
  }

  #need(id: string): LoadedCa {
    const ca = this.#cas.get(id);
    if (!ca) throw new RangeError(`no CA ${id}`);
    return ca;
  }

  #signer(ca: LoadedCa): Signer {
    if (!ca.signer) throw new RangeError(`the key of CA ${ca.row.id} is offline`);
    return ca.signer;
  }
}

/** Opens the CAs the store knows; makes root and platform CA on the first start. */
export async function openAuthority(parts: AuthorityParts): Promise<Authority> {
  const authority = new FileAuthority(parts);
  await authority.load();
  return authority;
}
