import https from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Credentials } from './material.ts';

/** A listener as a stranger reaches it. */
export interface Place {
  readonly host: string;
  readonly port: number;
  /** Roots the listener's certificate must chain to, PEM. */
  readonly roots: readonly string[];
}

export interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly credentials?: Credentials | undefined;
  /** TLS session to resume. */
  readonly session?: Buffer | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Greatest version of TLS; default 1.3. */
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
  readonly resumed: boolean;
  /** Ticket for a later connection, where the listener gave one. */
  readonly session?: Buffer;
}

const timeout = 10_000;
/** Longest answer: a bundle of 256 entries of at most 64 KiB. */
const maxAnswer = 16 * 1_048_576;

/** Asks once, on a connection of its own. Rejects when there is no answer: a refusal at the handshake has none. */
export function ask(place: Place, question: Question): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { credentials, session, maxVersion = 'TLSv1.3' } = question;
  let ticket: Buffer | undefined;
  const request = https.request({
    host: place.host,
    port: place.port,
    method: question.method,
    path: question.path,
    agent: false,
    ca: [...place.roots],
    maxVersion,
    ...(credentials && { cert: credentials.cert, key: credentials.key }),
    ...(session && { session }),
    headers: { ...question.headers, connection: 'close' },
    signal: AbortSignal.timeout(timeout),
  });
  request.on('socket', (socket) => {
    socket.on('session', (given: Buffer) => {
      ticket = given;
    });
  });
  request.on('error', reject);
  request.on('response', (response) => {
    const parts: Buffer[] = [];
    let size = 0;
    // The request went over TLS: so did its answer.
    const resumed = (response.socket as TLSSocket).isSessionReused();
    response.on('data', (part: Buffer) => {
      parts.push(part);
      size += part.length;
      if (size > maxAnswer) request.destroy(new Error('the answer is too long'));
    });
    response.on('error', reject);
    response.on('end', () =>
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(parts),
        resumed,
        ...(ticket && { session: ticket }),
      }),
    );
  });
  request.end(question.body);
  return promise;
}

/** Problem code of an answer; empty where it is none (RFC 9457, `code` member). */
export function codeOf({ body, headers }: Answer): string {
  if (!String(headers['content-type'] ?? '').startsWith('application/problem+json')) return '';
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    const code = typeof parsed === 'object' && parsed !== null && 'code' in parsed ? parsed.code : '';
    return typeof code === 'string' ? code : '';
  } catch {
    return ''; // what cannot be read names no code
  }
}
