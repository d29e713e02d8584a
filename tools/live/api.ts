import { createHmac, X509Certificate } from 'node:crypto';
import { Agent, type RequestOptions, request } from 'node:https';
import { type Client, makeClient } from '@pactgate/protocol/api';

export interface HttpCall {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
export interface HttpReply {
  readonly status: number;
  readonly type: string;
  readonly cookies: readonly string[];
  readonly location: string;
  readonly body: Buffer;
}

/** One server, its root pinned. */
export interface Server {
  readonly url: string;
  readonly rootPem: string;
  /** Loopback address to come from: people have machines of their own, and limits count by address. */
  readonly from?: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const timeout = 60_000;
const maxAnswer = 256 * 1_024 * 1_024;

/** One HTTPS request on the server's address. */
export function http(server: Partial<Server> & { readonly url: string }, call: HttpCall): Promise<HttpReply> {
  const { url, rootPem, from } = server;
  const { method, path, body, headers } = call;
  const options: RequestOptions = {
    method,
    agent,
    ...(from === undefined ? {} : { localAddress: from }),
    headers: {
      ...headers,
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    },
    signal: AbortSignal.timeout(timeout),
    ...(rootPem === undefined ? { rejectUnauthorized: false, agent: false } : { ca: rootPem }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(path, url), options, (incoming) => {
      const parts: Buffer[] = [];
      let size = 0;
      incoming.on('error', reject);
      incoming.on('data', (part: Buffer) => {
        size += part.length;
        if (size > maxAnswer) outgoing.destroy(new Error(`the answer is longer than ${maxAnswer} octets`));
        else parts.push(part);
      });
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          type: incoming.headers['content-type'] ?? '',
          cookies: (incoming.headers['set-cookie'] ?? []).map((line) => line.split(';', 1)[0] ?? ''),
          location: incoming.headers.location ?? '',
          body: Buffer.concat(parts),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** The server with its root, which is taken from the server itself and compared with the fingerprint it printed. */
export async function pin(url: string, rootSha256: string): Promise<Server> {
  const reply = await http({ url }, { method: 'GET', path: '/api/v1/platform' });
  const { rootPem } = JSON.parse(reply.body.toString('utf8')) as { rootPem?: string };
  const root = new X509Certificate(rootPem ?? '');
  const found = root.fingerprint256.replaceAll(':', '').toLowerCase();
  if (found !== rootSha256) throw new Error(`the root has fingerprint ${found}, expected ${rootSha256}`);
  return { url, rootPem: root.toString() };
}

/** Somebody's credentials; neither: nobody. */
export interface As {
  readonly token?: string;
  readonly cookie?: string;
}

const credentials = (server: Server, as: As): Readonly<Record<string, string>> => {
  if (as.token !== undefined) return { authorization: `Bearer ${as.token}` };
  return as.cookie === undefined ? {} : { cookie: as.cookie, origin: server.url };
};

/** The typed client of the REST API, as somebody. */
export function clientOf(server: Server, as: As = {}): Client {
  return makeClient(async ({ method, path, body, accept }) => {
    const headers = { ...credentials(server, as), accept };
    const call = body === undefined ? { method, path, headers } : { method, path, headers, body };
    return http(server, call);
  });
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The six digits an authenticator shows for an `otpauth:` address (RFC 6238, SHA-1, 30 s). */
export function totp(otpauth: string, at: number): string {
  const secret = new URL(otpauth).searchParams.get('secret') ?? '';
  const bits = Array.from(secret, (sign) => base32.indexOf(sign).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0x0f;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** A person's session, as a browser holds it. */
export interface SignedIn {
  readonly cookie: string;
  /** What the authenticator application keeps. */
  readonly otpauth: string;
}

const joined = (known: ReadonlyMap<string, string>): string =>
  [...known].map(([name, value]) => `${name}=${value}`).join('; ');

/** Signs in with a password and, the first time, sets up TOTP and proves it: what the console's pages do. */
export async function signIn(server: Server, email: string, password: string): Promise<SignedIn> {
  const jar = new Map<string, string>();
  const post = async (path: string, body: unknown): Promise<Readonly<Record<string, unknown>>> => {
    const headers = { origin: server.url, cookie: joined(jar), accept: 'application/json' };
    const reply = await http(server, { method: 'POST', path, headers, body: JSON.stringify(body) });
    if (reply.status !== 200) throw new Error(`${path}: HTTP ${reply.status} ${reply.body.toString('utf8')}`);
    for (const pair of reply.cookies) {
      const at = pair.indexOf('=');
      jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return JSON.parse(reply.body.toString('utf8')) as Readonly<Record<string, unknown>>;
  };
  await post('/api/auth/sign-in/email', { email, password });
  const { totpURI } = await post('/api/auth/two-factor/enable', { password });
  const otpauth = typeof totpURI === 'string' ? totpURI : '';
  await post('/api/auth/two-factor/verify-totp', { code: totp(otpauth, Date.now()) });
  return { cookie: joined(jar), otpauth };
}
