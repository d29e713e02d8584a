import { X509Certificate } from 'node:crypto';
import { isProblemCode, Problem, type ProblemCode } from '@pactgate/protocol';
import { fingerprintOf, readCertificates } from './certificates.ts';
import { type HttpsAnswer, httpsRequest, type TlsOptions } from './https.ts';

/** The platform as a device reaches it for certificates (EST, RFC 7030). */
export interface EstServer {
  readonly host: string;
  /** Default of the platform: 8444. */
  readonly port: number;
  /** Label of the path: the device party. */
  readonly party: string;
  /** Name the server's certificate must have; absent: the host. */
  readonly servername?: string;
  /** Own address to connect from, on a device with several networks; absent: the system chooses. */
  readonly localAddress?: string;
}

/** How the platform's root is known before anything is fetched: itself, or its SHA-256 compared out of band. */
export type RootTrust = { readonly pem: string } | { readonly sha256: string };

const timeout = 30_000;

const pathOf = ({ party }: EstServer, operation: string): string =>
  `/.well-known/est/${encodeURIComponent(party)}/${operation}`;

const codeOfStatus: Readonly<Record<number, ProblemCode>> = {
  400: 'enrol/csr-invalid',
  401: 'enrol/code-invalid',
  403: 'enrol/renewal-refused',
  404: 'enrol/not-found',
  413: 'enrol/too-large',
  415: 'enrol/type',
  429: 'gate/busy',
  503: 'gate/busy',
};

/** The refusal in an answer: errors are `text/plain`, first line `code: cause`; without one the status decides. */
function refusal({ status, body }: HttpsAnswer): Problem {
  const [line = ''] = body.subarray(0, 1_024).toString('utf8').trim().split(/\r?\n/, 1);
  const at = line.indexOf(': ');
  const code = at < 0 ? line : line.slice(0, at);
  if (isProblemCode(code)) return new Problem(code, at < 0 ? '' : line.slice(at + 2));
  return new Problem(codeOfStatus[status] ?? 'internal', line || `HTTP ${status}`);
}

const tlsFor = ({ servername, localAddress }: EstServer, rest: TlsOptions): TlsOptions => ({
  ...(servername === undefined ? {} : { servername }),
  ...(localAddress === undefined ? {} : { localAddress }),
  ...rest,
});

async function fetchCaCerts(server: EstServer, tls: TlsOptions): Promise<readonly X509Certificate[]> {
  const { host, port } = server;
  const path = pathOf(server, 'cacerts');
  const answer = await httpsRequest({ method: 'GET', host, port, path, tls: tlsFor(server, tls), timeout });
  if (answer.status !== 200) throw refusal(answer);
  return readCertificates(answer.body.toString('latin1'));
}

/**
 * The platform's CA certificates, and among them its root.
 *
 * With a fingerprint alone the first fetch trusts nothing: the root is picked by its SHA-256 from whatever answers, and
 * every later connection trusts only that root (RFC 7030 section 4.1.1).
 *
 * @throws Problem `channel/certificate-unknown` when no certificate has the fingerprint: another platform, or somebody
 *   between
 */
export async function fetchTrust(
  server: EstServer,
  trust: RootTrust,
): Promise<{ readonly rootPem: string; readonly known: readonly X509Certificate[] }> {
  if ('pem' in trust) {
    const known = await fetchCaCerts(server, { ca: trust.pem });
    return { rootPem: new X509Certificate(trust.pem).toString(), known };
  }
  const unproven = await fetchCaCerts(server, { verify: false });
  const root = unproven.find((certificate) => fingerprintOf(certificate) === trust.sha256);
  if (root === undefined)
    throw new Problem('channel/certificate-unknown', `no root with SHA-256 ${trust.sha256} at ${server.host}`);
  return { rootPem: root.toString(), known: await fetchCaCerts(server, { ca: root.toString() }) };
}

/** What came of a request: the certificate, or the time to ask again with the same request (202). */
export type Enrolment =
  | { readonly certificate: X509Certificate }
  /** Seconds. */
  | { readonly retryAfter: number };

function readEnrolment(answer: HttpsAnswer): Enrolment {
  if (answer.status === 202) {
    const seconds = Number(answer.headers['retry-after']);
    return { retryAfter: Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 86_400) : 60 };
  }
  if (answer.status !== 200) throw refusal(answer);
  const [certificate, ...more] = readCertificates(answer.body.toString('latin1'));
  if (certificate === undefined || more.length > 0)
    throw new Problem('internal', 'the answer holds not exactly one certificate');
  return { certificate };
}

/** Proof that the device may have a certificate: its one-time code, or its current certificate with key. */
export type EnrolmentProof =
  | { readonly code: string; readonly device: string }
  | { readonly cert: string; readonly key: string };

/** `simpleenroll` with a code, `simplereenroll` with a certificate (RFC 7030 sections 4.2.1, 4.2.2). */
export async function sendRequest(
  server: EstServer,
  rootPem: string,
  request: string,
  proof: EnrolmentProof,
): Promise<Enrolment> {
  const { host, port } = server;
  const headers = { 'content-type': 'application/pkcs10', 'content-transfer-encoding': 'base64' };
  const first = 'code' in proof;
  const basic = first ? Buffer.from(`${proof.device}:${proof.code}`, 'utf8').toString('base64') : '';
  const answer = await httpsRequest({
    method: 'POST',
    host,
    port,
    path: pathOf(server, first ? 'simpleenroll' : 'simplereenroll'),
    headers: first ? { ...headers, authorization: `Basic ${basic}` } : headers,
    body: request,
    tls: tlsFor(server, { ca: rootPem, ...(first ? {} : { cert: proof.cert, key: proof.key }) }),
    timeout,
  });
  return readEnrolment(answer);
}
