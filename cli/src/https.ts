import { X509Certificate } from 'node:crypto';
import { Agent, type RequestOptions, request } from 'node:https';
import { fingerprintOf } from '@pactgate/device';
import { Failure } from './failure.ts';
import { both } from './language.ts';

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The only trust, PEM; absent only where the answer is checked against a fingerprint. */
  readonly ca?: string;
  readonly agent?: Agent;
  /** Milliseconds. */
  readonly timeout: number;
  /** Most octets of an answer. */
  readonly most: number;
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly type: string;
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

const certificateFaults = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME|ISSUER/;

function asFailure(cause: Error & { readonly code?: string }, url: URL): Failure {
  const code = cause.code ?? '';
  const place = url.host;
  if (certificateFaults.test(code))
    return new Failure(
      'refused',
      both(
        `${place} 的证书不是由所固定的根证书签发（${code}）`,
        `the certificate of ${place} does not come from the pinned root (${code})`,
      ),
      both(
        '请勿继续：核对地址与根指纹，可能有人介入连接。',
        'Do not go on: compare address and fingerprint; somebody may be in between.',
      ),
      { cause },
    );
  const why = cause.name === 'TimeoutError' ? 'timeout' : code || cause.message;
  return new Failure(
    'unavailable',
    both(`无法连接 ${place}（${why}）`, `cannot reach ${place} (${why})`),
    both('请检查地址、网络以及平台是否在运行。', 'Check the address, the network, and whether the platform runs.'),
    { cause },
  );
}

/** One HTTPS request. `Failure` of kind unavailable or, where the certificate is wrong, refused. */
export function fetchBounded(wanted: HttpRequest): Promise<HttpAnswer> {
  const { method, url, headers, body, ca, agent, timeout, most, signal } = wanted;
  const signals = [AbortSignal.timeout(timeout), ...(signal === undefined ? [] : [signal])];
  const options: RequestOptions = {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
    minVersion: 'TLSv1.2',
    rejectUnauthorized: ca !== undefined,
    signal: AbortSignal.any(signals),
    ...(ca === undefined ? {} : { ca }),
    ...(agent === undefined ? {} : { agent }),
  };
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => {
      // An abort by timeout shows as AbortError; its reason says which signal it was.
      const reason: unknown = signals[0]?.aborted === true ? signals[0].reason : cause;
      reject(cause instanceof Failure ? cause : asFailure(reason instanceof Error ? reason : cause, url));
    };
    const outgoing = request(url, options, (incoming) => {
      const parts: Buffer[] = [];
      let size = 0;
      incoming.on('error', fail);
      incoming.on('data', (part: Buffer) => {
        size += part.length;
        if (size > most)
          outgoing.destroy(
            new Failure(
              'refused',
              both(`${url.host} 的回答超过 ${most} 字节`, `the answer of ${url.host} is longer than ${most} octets`),
            ),
          );
        else parts.push(part);
      });
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          type: incoming.headers['content-type'] ?? '',
          cookies: incoming.headers['set-cookie'] ?? [],
          body: Buffer.concat(parts),
        }),
      );
    });
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}

/**
 * The platform's root certificate, picked by its fingerprint: the one request that trusts nothing before it is
 * answered. Whatever else the answer says must be asked again over the root.
 */
export async function fetchRoot(server: URL, sha256: string): Promise<string> {
  const url = new URL('/api/v1/platform', server);
  const answer = await fetchBounded({ method: 'GET', url, timeout: 15_000, most: 65_536 });
  const pem = rootIn(answer.body);
  if (answer.status !== 200 || pem === undefined)
    throw new Failure(
      'unavailable',
      both(
        `${server.host} 不是 Pactgate 平台（HTTP ${answer.status}）`,
        `${server.host} is no Pactgate platform (HTTP ${answer.status})`,
      ),
    );
  const found = fingerprintOf(new X509Certificate(pem));
  if (found === sha256) return pem;
  throw new Failure(
    'refused',
    both(
      `根证书指纹不符：${server.host} 提供 ${found}，应为 ${sha256}`,
      `the root of ${server.host} has fingerprint ${found}, expected ${sha256}`,
    ),
    both(
      '请勿继续：以其他途径（电话、当面）核对指纹。',
      'Do not go on: compare fingerprints by another way (telephone, in person).',
    ),
  );
}

function rootIn(body: Buffer): string | undefined {
  try {
    const { rootPem } = JSON.parse(body.toString('utf8')) as { rootPem?: unknown };
    return typeof rootPem === 'string' ? new X509Certificate(rootPem).toString() : undefined;
  } catch {
    return undefined; // not JSON, or no certificate: the caller says so
  }
}

export const keepAlive = (): Agent => new Agent({ keepAlive: true, maxSockets: 8 });
