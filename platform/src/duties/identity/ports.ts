import type { IsolationLevel } from '@pactgate/protocol';
import type { DeviceId, PartyId } from '../../kernel/ids.ts';
import type { Result } from '../../kernel/result.ts';
import type { Duration, Instant } from '../../kernel/time.ts';

export const deviceStates = ['registered', 'pending', 'active', 'suspended', 'retired'] as const;
export type DeviceState = (typeof deviceStates)[number];
export const cloneStates = ['none', 'suspected', 'confirmed'] as const;
export type CloneMark = (typeof cloneStates)[number];

/** A registered device; its id is unique within the agreement. */
export interface Device {
  readonly agreement: string;
  readonly party: PartyId;
  readonly id: DeviceId;
  /** `d_` and 16 base64url characters, random per registration: the only name that records carry. */
  readonly pseudonym: string;
  readonly model: string;
  readonly state: DeviceState;
  readonly level: IsolationLevel;
  readonly created: Instant;
  /** Absent: never seen. */
  readonly lastSeen?: Instant;
  readonly lastAddress?: string;
  readonly clone: CloneMark;
  /** End of a suspicion; absent for none and for a confirmed clone, which a person ends. */
  readonly cloneUntil?: Instant;
}

/**
 * `issuing`: serial stored, not signed yet; `void`: never completed, or a candidate nobody proved in time;
 * `candidate`: issued by a renewal, waiting for its first connection; then `live` until `superseded` or `revoked`.
 */
export const certificateStates = ['issuing', 'void', 'candidate', 'live', 'superseded', 'revoked'] as const;
export type CertificateState = (typeof certificateStates)[number];

/** What is known of an issued device certificate; the bytes themselves stay in the store. */
export interface Certificate {
  /** 32 lower-case hex characters. */
  readonly serial: string;
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  readonly spki: string;
  /** SHA-256 of the certificate, lower-case hex; absent until it is signed. */
  readonly fingerprint?: string;
  readonly agreement: string;
  readonly party: PartyId;
  readonly device: DeviceId;
  /** Key id of the issuing CA, lower-case hex. */
  readonly issuer: string;
  readonly state: CertificateState;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  readonly created: Instant;
  /** Serial of the certificate it renews; absent for a first one. */
  readonly previous?: string;
  /** A candidate must be proven before this moment. */
  readonly overlapUntil?: Instant;
  readonly revokedAt?: Instant;
}

/** A key belongs to one device for ever, also after it was retired. */
export interface KeyBinding {
  readonly spki: string;
  readonly agreement: string;
  readonly device: DeviceId;
  readonly boundAt: Instant;
  /** Absent: live. */
  readonly retiredAt?: Instant;
  /** Set by revocation: the key may never be enrolled again. */
  readonly blocked: boolean;
}

/** A one-time enrolment code; only its SHA-256 is stored. */
export interface EnrolmentCode {
  readonly hash: string;
  readonly agreement: string;
  readonly party: PartyId;
  readonly device: DeviceId;
  readonly created: Instant;
  readonly expires: Instant;
  readonly usedAt?: Instant;
  /** Serial of the certificate it was used for. */
  readonly usedFor?: string;
}

export type CaKind = 'root' | 'platform' | 'device';

/** {@link Ca.id} of a party's issuing CA. */
export const deviceCaId = (party: PartyId): string => `device-${party}`;

/** A certificate authority of the chain root, platform, one for each device party. */
export interface Ca {
  /** `root`, `platform` or `device-{party}`: the name in CRL addresses. */
  readonly id: string;
  readonly kind: CaKind;
  /** Set for kind `device`. */
  readonly party?: PartyId;
  /** Subject key identifier, lower-case hex. */
  readonly keyId: string;
  /** Name of its private key in the {@link KeyBox}. */
  readonly keyName: string;
  readonly der: Uint8Array;
  readonly notAfter: Instant;
  readonly created: Instant;
}

export interface Crl {
  /** {@link Ca.id}. */
  readonly ca: string;
  readonly number: number;
  readonly der: Uint8Array;
  readonly entries: number;
  readonly thisUpdate: Instant;
  readonly nextUpdate: Instant;
}

export interface RevokedEntry {
  readonly serial: string;
  readonly revokedAt: Instant;
}

/**
 * Private keys by name, PKCS#8 DER, encrypted at rest. `save` resolves after fsync and refuses a name that exists.
 * `load` gives undefined for an unknown name and rejects when a key exists but cannot be opened.
 */
export interface KeyBox {
  load(name: string): Promise<Uint8Array | undefined>;
  save(name: string, pkcs8: Uint8Array): Promise<void>;
}

/** Certificates of the CAs. `add` refuses an id that exists. */
export interface CaStore {
  cas(): Promise<readonly Ca[]>;
  addCa(ca: Ca): Promise<void>;
}

/**
 * Rows of identities. Writes take the caller's transaction, so that the outbox rows that describe them stand or fall
 * with them; `false` means that the state was no longer the expected one and nothing changed: the caller rolls back.
 * Reads see every committed write. Nothing retries inside. Rejections are `StoreError`.
 */
export interface IdentityStore<Tx> extends CaStore {
  /** At most 1,000. Returns the ids that exist already; then the caller rolls back. */
  addDevices(tx: Tx, devices: readonly Device[]): Promise<readonly DeviceId[]>;
  device(agreement: string, id: string): Promise<Device | undefined>;
  /** In order of id. */
  devices(agreement: string, query: DeviceQuery): Promise<readonly Device[]>;
  countDevices(agreement: string): Promise<number>;
  /** Compare-and-swap on state, level and clone mark of `from`; other fields stay. */
  changeDevice(tx: Tx, from: Device, to: DeviceChange): Promise<boolean>;
  /** The level alone, whatever it was: an isolation order decides it in its own transaction. */
  setLevel(tx: Tx, device: DeviceKey, level: IsolationLevel): Promise<void>;
  /** Last seen and address of many devices; a projection, no records. At most 1,000. */
  touch(tx: Tx, seen: readonly Seen[]): Promise<void>;

  /** Adds at most 1,000 codes, one for a device; every unused code of these devices ends. */
  putCodes(tx: Tx, codes: readonly EnrolmentCode[]): Promise<void>;
  code(hash: string): Promise<EnrolmentCode | undefined>;
  /** Uses a code up; with `retry` only when that serial was its last use. */
  useCode(tx: Tx, use: CodeUse): Promise<boolean>;

  keyBinding(spki: string): Promise<KeyBinding | undefined>;
  /** Binds a key, or makes it live again for the same device; `false`: another device has it, or it is blocked. */
  bindKey(tx: Tx, binding: Omit<KeyBinding, 'retiredAt' | 'blocked'>): Promise<boolean>;
  retireKey(tx: Tx, spki: string, at: Instant, blocked: boolean): Promise<void>;
  /** Keys with a live or candidate certificate, for the scan of B2.2.1. */
  liveKeys(agreement: string): Promise<readonly LiveKey[]>;

  addCertificate(tx: Tx, certificate: Certificate): Promise<void>;
  /** From `issuing` to `state`, with the signed bytes. */
  completeCertificate(tx: Tx, serial: string, state: 'candidate' | 'live', issued: Issued): Promise<boolean>;
  /** Compare-and-swap on the state. */
  moveCertificate(tx: Tx, serial: string, move: StateMove): Promise<boolean>;
  certificate(serial: string): Promise<Certificate | undefined>;
  certificateDer(serial: string): Promise<Uint8Array | undefined>;
  /** Newest first, at most 100. */
  certificatesOf(agreement: string, device: string): Promise<readonly Certificate[]>;
  /** Its live and its candidate certificate: at most one of each. */
  openCertificates(agreement: string, device: string): Promise<readonly Certificate[]>;
  /**
   * For the registry, in order of serial after `after`: live and candidate ones that have not ended before `since`, and
   * superseded and revoked ones that have not ended before `now`.
   */
  loadCertificates(
    span: { readonly since: Instant; readonly now: Instant },
    after: string,
    limit: number,
  ): Promise<readonly Certificate[]>;
  /** Candidates whose overlap is over, oldest first. */
  unproven(now: Instant, limit: number): Promise<readonly Certificate[]>;
  /** For the registry: all devices in order of agreement and id. */
  loadDevices(after: DeviceKey | undefined, limit: number): Promise<readonly Device[]>;

  /** Revoked certificates of an issuing CA that have not ended, by serial. */
  revokedOf(issuer: string, now: Instant): Promise<readonly RevokedEntry[]>;
  crl(ca: string): Promise<Crl | undefined>;
  /** `false` unless `crl.number` is greater than the stored one. */
  saveCrl(tx: Tx, crl: Crl): Promise<boolean>;
}

export interface DeviceKey {
  readonly agreement: string;
  readonly id: string;
}
export interface DeviceChange {
  readonly state?: DeviceState;
  readonly level?: IsolationLevel;
  readonly clone?: CloneMark;
  readonly cloneUntil?: Instant | undefined;
}
export interface DeviceQuery {
  /** Ids greater than this one. */
  readonly after?: string;
  /** 1 to 1,000. */
  readonly limit: number;
  readonly model?: string;
  readonly state?: DeviceState;
  /** Part of the id, ASCII case ignored. */
  readonly search?: string;
}
export interface Seen {
  readonly agreement: string;
  readonly id: string;
  readonly at: Instant;
  readonly address: string;
}
export interface CodeUse {
  readonly hash: string;
  readonly at: Instant;
  /** Serial of the certificate it is used for. */
  readonly serial: string;
  /** Serial of an earlier use that never became a certificate. */
  readonly retry?: string;
}
export interface StateMove {
  readonly from: CertificateState;
  readonly to: CertificateState;
  /** Kept as the time of revocation. */
  readonly at: Instant;
}
export interface LiveKey {
  readonly device: string;
  readonly spki: string;
  /** Set on an unproven candidate's key. */
  readonly overlapUntil?: Instant;
}

export type KeyAlgorithm = 'P-256' | 'P-384' | 'Ed25519';

/** A certificate request after its own signature was checked; what it asks for beyond the key is ignored. */
export interface CertificateRequest {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly spkiHash: string;
  readonly key: KeyAlgorithm;
  readonly subject: RequestSubject;
  /** Channel binding in base64 (RFC 7030 3.5), or whatever the client wrote there. */
  readonly challengePassword?: string;
}
export interface RequestSubject {
  readonly cn: readonly string[];
  readonly o: readonly string[];
  /** Attributes of other types. */
  readonly others: number;
}
export type RequestFault = {
  readonly code: 'enrol/csr-invalid' | 'enrol/key-weak' | 'enrol/too-large';
  readonly detail: string;
};

export interface DeviceOrder {
  readonly party: PartyId;
  readonly device: DeviceId;
  readonly spki: Uint8Array;
  readonly at: Instant;
  /** Cut at the end of the issuing CA. */
  readonly life: Duration;
}
/** Built and linted, not signed: only `serial` and dates may be relied on. */
export interface Prepared {
  readonly serial: string;
  readonly issuer: string;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  /** Bytes to be signed. */
  readonly tbs: Uint8Array;
}
export interface Issued {
  readonly der: Uint8Array;
  readonly fingerprint: string;
}

/**
 * Makes certificates and revocation lists. Keys never leave it. Nothing it makes is valid for devices until the store
 * knows it: the gate admits stored certificates only.
 */
export interface CertificateAuthority {
  /** Parses a PKCS#10 request of a hostile peer and checks its signature; never throws for what the bytes are. */
  readRequest(der: Uint8Array): Promise<Result<CertificateRequest, RequestFault>>;
  /** Builds and lints a copy signed by a throwaway key; throws `LintError` on any finding, RangeError without CA. */
  prepare(order: DeviceOrder): Promise<Prepared>;
  sign(prepared: Prepared): Promise<Issued>;
  /** Makes the issuing CA of a party when it has none; idempotent. */
  openDeviceCa(party: PartyId): Promise<Ca>;
  ca(id: string): Ca | undefined;
  cas(): readonly Ca[];
  /** Root first, then platform, then the party's issuing CA when one is named and exists. */
  chain(party?: PartyId): readonly Uint8Array[];
  /** Certs-only PKCS#7 (RFC 8951), DER. */
  bundle(certificates: readonly Uint8Array[]): Uint8Array;
  signCrl(ca: string, list: Omit<Crl, 'ca' | 'der' | 'entries'>, revoked: readonly RevokedEntry[]): Promise<Uint8Array>;
}
