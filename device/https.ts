import { Agent, request } from 'node:https';
import { Problem } from '@pactgate/protocol';

/** Trust and credentials of one connection. */
export interface TlsOptions {
  /** The only certificates that the server's chain may end in, PEM. */
  readonly ca?: string;
  /** `false` only to fetch what is then checked against a fingerprint. */
  readonly verify?: boolean;
  /** Certificate and chain, and its key, PEM. */
  readonly cert?: string;
  readonly key?: string;
  /** Name the server's certificate must have; absent: the host. */
  readonly servername?: string;
  /** Own address to connect from; absent: the system chooses. */
  readonly localAddress?: string;
}

export interface HttpsRequest {
  readonly method: 'GET' | 'POST';
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly tls: TlsOptions;
  /** Milliseconds for everything. */
  readonly timeout: number;
}

export interface HttpsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** Longest answer read, in octets: certificates are small, and the server is not trusted before it is known. */
const maxAnswer = 256 * 1_024;

const unavailable = (cause: Error, { host, port }: HttpsRequest): Problem =>
  new Problem('request/unavailable', `${host}:${port}: ${cause.message}`, { cause });

/** One HTTPS request on a connection of its own. `request/unavailable` with its cause when there is no whole answer. */
export function httpsRequest(options: HttpsRequest): Promise<HttpsAnswer> {
  const { method, host, port, path, headers, body, tls, timeout } = options;
  return new Promise((resolve, reject) => {
    const fail = (cause: Error): void => reject(cause instanceof Problem ? cause : unavailable(cause, options));
    const outgoing = request({
      method,
      host,
      port,
      path,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
      // A connection and a full handshake of its own: the certificate presented now must be the one in use now.
      agent: new Agent({ keepAlive: false, maxCachedSessions: 0 }),
      minVersion: 'TLSv1.2',
      rejectUnauthorized: tls.verify !== false,
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls.cert === undefined ? {} : { cert: tls.cert }),
      ...(tls.key === undefined ? {} : { key: tls.key }),
      ...(tls.servername === undefined ? {} : { servername: tls.servername }),
      ...(tls.localAddress === undefined ? {} : { localAddress: tls.localAddress }),
      signal: AbortSignal.timeout(timeout),
    });
    outgoing.on('error', fail);
    outgoing.on('response', (incoming) => {
      const parts: Buffer[] = [];
      let size = 0;
      incoming.on('error', fail);
      incoming.on('data', (part: Buffer) => {
        size += part.length;
        if (size > maxAnswer) outgoing.destroy(new Error(`answer is longer than ${maxAnswer} octets`));
        else parts.push(part);
      });
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(parts) }),
      );
    });
    outgoing.end(body);
  });
}
