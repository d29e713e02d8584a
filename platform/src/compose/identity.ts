import { nodeProofCrypto } from '../adapters/proof-crypto.ts';
import { type Authority, openAuthority } from '../adapters/x509/index.ts';
import { CloneWatch, IdentityRegistry, type IdentityStore, type IdentityTerms } from '../duties/identity/index.ts';
import { type Certificates, makeCertificates } from '../flow/certificates.ts';
import { type Crls, makeCrls } from '../flow/crl.ts';
import { type EnrolFlow, type EnrolRefusal, makeEnrolFlow } from '../flow/enrol.ts';
import type { GatewayControl } from '../flow/gateway-port.ts';
import type { Recorder } from '../flow/recorder.ts';
import { makeRegistration, type Registration } from '../flow/register.ts';
import { days, hours } from '../kernel/time.ts';
import { identityStore } from '../store/db/identity.ts';
import type { Tx } from '../store/db/schema.ts';
import { caKeys } from '../store/keys/boxes.ts';
import type { Base } from './base.ts';

export interface IdentityPart {
  readonly store: IdentityStore<Tx>;
  readonly authority: Authority;
  readonly registry: IdentityRegistry;
  readonly clones: CloneWatch;
  readonly certificates: Certificates;
  readonly enrol: EnrolFlow;
  readonly registration: Registration;
  readonly crls: Crls;
  readonly terms: IdentityTerms;
}

export interface IdentityNeeds {
  readonly recorder: Recorder<Tx>;
  readonly crlBase: string;
  readonly kick: GatewayControl['kick'];
  readonly isModelActive: (agreement: string, model: string) => Promise<boolean>;
  readonly modelExists: (agreement: string, model: string) => Promise<boolean>;
  readonly refused: (refusal: EnrolRefusal) => void;
  readonly agreementOf: (party: string) => string | undefined;
}

/** Certificates, registry, enrolment: who a device is. */
export async function openIdentity(base: Base, needs: IdentityNeeds): Promise<IdentityPart> {
  const { clock, random, config, store: database } = base;
  const { recorder } = needs;
  const store = identityStore(database.db);
  const transact = database.transaction.bind(database);
  const sha256 = nodeProofCrypto.sha256;
  const terms: IdentityTerms = {
    certificateLife: days(config.certificates.deviceDays),
    renewalOverlap: hours(24),
    dormancyGrace: days(config.certificates.dormancyDays),
    codeLife: hours(config.certificates.codeHours),
  };
  const termsOf = (): IdentityTerms => terms;
  const authority = await openAuthority({
    store,
    keys: caKeys(base.keys),
    clock,
    random,
    domain: config.domain,
    crlBase: needs.crlBase,
  });
  const registry = new IdentityRegistry();
  const certificates = makeCertificates({ store, authority, registry, recorder, transact, clock, kick: needs.kick });
  await certificates.load(terms.dormancyGrace);
  const crls = makeCrls({ store, authority, recorder, transact, clock, agreementOf: needs.agreementOf });
  const enrol = makeEnrolFlow({
    store,
    authority,
    registry,
    certificates,
    recorder,
    transact,
    clock,
    sha256,
    terms: termsOf,
    isModelActive: needs.isModelActive,
    refused: needs.refused,
  });
  const registration = makeRegistration({
    store,
    registry,
    recorder,
    transact,
    clock,
    random,
    sha256,
    terms: termsOf,
    modelExists: needs.modelExists,
  });
  return { store, authority, registry, clones: new CloneWatch(), certificates, enrol, registration, crls, terms };
}
