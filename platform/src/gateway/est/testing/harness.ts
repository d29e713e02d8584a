import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ProblemCode } from '@pactgate/protocol';
import fastify, { type FastifyInstance } from 'fastify';
import { type Authority, csrAttributes, openAuthority } from '../../../adapters/x509/index.ts';
import { clockAt, memoryKeys, random } from '../../../adapters/x509/testing/fakes.ts';
import { type Device, IdentityRegistry, type IdentityStore, standardTerms } from '../../../duties/identity/index.ts';
import { type Certificates, makeCertificates } from '../../../flow/certificates.ts';
import { type Crls, makeCrls } from '../../../flow/crl.ts';
import { type EnrolFlow, type EnrolRefusal, makeEnrolFlow } from '../../../flow/enrol.ts';
import type { KickSelector } from '../../../flow/gateway-port.ts';
import { makeRecorder } from '../../../flow/recorder.ts';
import { makeRegistration, type Registration } from '../../../flow/register.ts';
import type { PartyId } from '../../../kernel/ids.ts';
import type { Clock, Instant } from '../../../kernel/time.ts';
import { identityStore } from '../../../store/db/identity.ts';
import type { Tx } from '../../../store/db/schema.ts';
import { openStore, type Store } from '../../../store/open.ts';
import { CertificateCache, peerOf } from '../../peer.ts';
import { deviceTlsOptions } from '../../tls.ts';
import { addEst } from '../plugin.ts';

const run = promisify(execFile);
export const acme = 'acme' as PartyId;
export const agreement = 'ag-1';
export const model = 'pump';

/** EST behind real TLS over a real SQLite store. */
export interface Bench {
  readonly dir: string;
  readonly clock: Clock & { at: Instant };
  readonly store: Store;
  readonly identities: IdentityStore<Tx>;
  readonly authority: Authority;
  readonly registry: IdentityRegistry;
  readonly certificates: Certificates;
  readonly registration: Registration;
  readonly crls: Crls;
  readonly app: FastifyInstance;
  readonly port: number;
  readonly refusals: EnrolRefusal[];
  readonly kicks: { readonly selector: KickSelector; readonly code: ProblemCode }[];
  /** What tests switch. */
  readonly world: { modelActive: boolean };
  /** The registry as a new process would fill it. */
  reload(): Promise<IdentityRegistry>;
  close(): Promise<void>;
}

const addresses = { domain: 'pactgate.local', crlBase: 'https://localhost:8443/pki/crl/' };
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const terms = (): typeof standardTerms => standardTerms;
const modelExists = (_agreement: string, name: string): Promise<boolean> => Promise.resolve(name === model);

/** Opens everything with the clock at `at`: CAs and listener certificate are of that moment. */
export async function openBench(at: Instant): Promise<Bench> {
  const dir = mkdtempSync(path.join(tmpdir(), 'est-'));
  const clock = clockAt(at);
  const store = await openStore({ kind: 'sqlite', dir, now: at });
  const identities = identityStore(store.db);
  const recorder = await openRecorder(store, clock);
  const authority = await openAuthority({ store: identities, keys: memoryKeys(), clock, random, ...addresses });
  const registry = new IdentityRegistry();
  const kicks: Bench['kicks'] = [];
  const refusals: EnrolRefusal[] = [];
  const world = { modelActive: true };
  const transact: Store['transaction'] = (work) => store.transaction(work);
  const common = { store: identities, authority, registry, recorder, transact, clock };
  const certificates = makeCertificates({ ...common, kick: (selector, code) => kicks.push({ selector, code }) });
  await certificates.load(standardTerms.dormancyGrace);
  await certificates.openIssuer(acme);
  registry.setParty(acme, { agreement });
  const flow = makeEnrolFlow({
    ...common,
    certificates,
    sha256,
    terms,
    isModelActive: () => Promise.resolve(world.modelActive),
    refused: (refusal) => void refusals.push(refusal),
  });
  const app = await serve(authority, flow);
  writeFileSync(path.join(dir, 'root.pem'), authority.rootPem());
  return {
    dir,
    clock,
    store,
    identities,
    authority,
    registry,
    certificates,
    app,
    refusals,
    kicks,
    world,
    registration: makeRegistration({ ...common, random, sha256, terms, modelExists }),
    crls: makeCrls({ ...common, agreementOf: () => agreement }),
    port: (app.server.address() as AddressInfo).port,
    reload: async () => {
      const fresh = new IdentityRegistry();
      await makeCertificates({ ...common, registry: fresh, kick: () => 0 }).load(standardTerms.dormancyGrace);
      fresh.setParty(acme, { agreement });
      return fresh;
    },
    close: async () => {
      await app.close();
      await store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function serve(authority: Authority, flow: EnrolFlow): Promise<FastifyInstance> {
  const { key, cert } = await authority.issueListener(['localhost'], ['127.0.0.1', '::1']);
  const app: FastifyInstance = fastify({ https: deviceTlsOptions({ key, cert, ca: [authority.trustPem()] }) });
  const cache = new CertificateCache();
  await addEst(app, { flow, csrAttributes: csrAttributes(), peerOf: (socket) => peerOf(socket, 'est', cache) });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app;
}

async function openRecorder(store: Store, clock: Clock): Promise<ReturnType<typeof makeRecorder<Tx>>> {
  const log = { vkey: 'k', created: clock.now() };
  await store.ledger.addLog({ ...log, id: 'log-1', origin: 'o/1', kind: 'agreement', agreement });
  await store.ledger.addLog({ ...log, id: 'log-p', origin: 'o/p', kind: 'platform' });
  return makeRecorder<Tx>({
    store: store.ledger,
    crypto: { sha256 },
    random,
    clock,
    source: 'test',
    logOf: (record) => (record.agreement === agreement ? 'log-1' : 'log-p'),
    queued: () => {},
    numbered: () => {},
  });
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: string;
  readonly body: string;
}
/** A device's files. */
export interface Enrolled {
  readonly id: string;
  readonly key: string;
  readonly cert: string;
}

export const openssl = async (...args: string[]): Promise<string> => (await run('openssl', args)).stdout;
export const base64Of = (file: string): string => readFileSync(file).toString('base64');
export const serialOf = async (cert: string): Promise<string> =>
  (await openssl('x509', '-in', cert, '-noout', '-serial')).trim().slice('serial='.length).toLowerCase();
/** Arguments of curl that post a file as a request. */
export const post = (file: string, ...args: string[]): string[] => [
  '-H',
  'Content-Type: application/pkcs10',
  '--data-binary',
  `@${file}`,
  ...args,
];
/** Arguments of curl that show a certificate. */
export const as = ({ key, cert }: Enrolled): string[] => ['--key', key, '--cert', cert];

/** The device's side: curl and openssl, files in the bench's directory. */
export class DeviceTools {
  readonly #bench: Bench;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  file(name: string): string {
    return path.join(this.#bench.dir, name);
  }
  put(name: string, content: string | Uint8Array): string {
    writeFileSync(this.file(name), content);
    return this.file(name);
  }

  /** One request by curl; `operation` below the prefix. */
  async curl(operation: string, ...args: string[]): Promise<Answer> {
    const { port } = this.#bench;
    const name = randomBytes(6).toString('hex');
    const body = this.put(`${name}.body`, '');
    const head = this.put(`${name}.head`, '');
    const common = ['-s', '-S', '--cacert', this.file('root.pem'), '--resolve', `localhost:${port}:127.0.0.1`];
    const out = ['-o', body, '-D', head, '-w', '%{http_code} %{content_type}'];
    const address = `https://localhost:${port}/.well-known/est${operation}`;
    const { stdout } = await run('curl', [...common, ...out, ...args, address]);
    const [status = '', ...type] = stdout.split(' ');
    return {
      status: Number(status),
      type: type.join(' '),
      headers: readFileSync(head, 'utf8'),
      body: readFileSync(body, 'utf8'),
    };
  }

  /** A new key and a request for it; `subject` and key arguments as openssl wants them. */
  async csr(name: string, subject: string, ...algorithm: string[]): Promise<{ key: string; der: string }> {
    const key = this.file(`${name}.key`);
    const der = this.file(`${name}.csr`);
    const make = algorithm.length > 0 ? algorithm : ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
    const out = ['-keyout', key, '-subj', subject, '-outform', 'DER', '-out', der];
    await openssl('req', '-new', ...make, '-nodes', ...out);
    return { key, der };
  }
  /** A request for a key that exists. */
  async csrOf(name: string, subject: string, key: string): Promise<string> {
    const der = this.file(`${name}.csr`);
    await openssl('req', '-new', '-key', key, '-subj', subject, '-outform', 'DER', '-out', der);
    return der;
  }

  /** Certificates of an answer, PEM file. */
  async pemOf({ body }: Answer, name: string): Promise<string> {
    const p7 = this.put(`${name}.p7`, Buffer.from(body, 'base64'));
    return this.put(`${name}.pem`, await openssl('pkcs7', '-inform', 'DER', '-in', p7, '-print_certs'));
  }

  /** Registers a device and returns its one-time code. */
  async register(id: string): Promise<string> {
    const [made] = await this.#bench.registration.registerDevices({ agreement, party: acme }, [{ id, model }]);
    return made?.code ?? '';
  }
  /** Registers and enrols a device. */
  async enrol(id: string): Promise<Enrolled> {
    const code = await this.register(id);
    const { key, der } = await this.csr(id, `/CN=${id}`);
    const answer = await this.curl('/simpleenroll', '-u', `${id}:${code}`, ...post(der));
    assert.equal(answer.status, 200, answer.body);
    return { id, key, cert: await this.pemOf(answer, id) };
  }
  async device(id: string): Promise<Device> {
    const found = await this.#bench.identities.device(agreement, id);
    assert.ok(found);
    return found;
  }
  /** Bodies of one kind in a log, oldest first, among the newest thousand that were recorded. */
  async records(log: 'log-1' | 'log-p', kind: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const rows = await this.#bench.store.ledger.takeOutbox(log, 1_000);
    return rows.filter((row) => row.kind === kind).map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  }
}

/** An answer is this refusal, told as EST does. */
export function assertRefused(answer: Answer, status: number, code: ProblemCode): void {
  assert.equal(answer.status, status, answer.body);
  assert.equal(answer.type, 'text/plain; charset=utf-8');
  assert.ok(answer.body.startsWith(`${code}: `), answer.body);
}
