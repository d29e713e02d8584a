import { Agent, type AgentOptions, request } from 'node:https';

export interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  /** The body as JSON; throws when it is none. */
  readonly json: () => Record<string, unknown>;
}
export interface TestRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text and bytes go as they are, anything else as JSON. */
  readonly body?: unknown;
}

/** A browser or tool of the tests: one TLS client that keeps cookies, and tells its origin when it changes something. */
export class TestClient {
  readonly cookies = new Map<string, string>();
  /** As `Set-Cookie` sent them, newest last. */
  readonly setCookies: string[] = [];
  readonly #agent: Agent;
  readonly #port: number;
  readonly #origin: string;
  token: string | undefined;

  constructor(port: number, origin: string, tls: AgentOptions) {
    this.#agent = new Agent({ ...tls, keepAlive: true, maxSockets: 4 });
    this.#port = port;
    this.#origin = origin;
  }

  close(): void {
    this.#agent.destroy();
  }

  call(path: string, { method = 'GET', headers = {}, body }: TestRequest = {}): Promise<TestAnswer> {
    const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    const bytes = raw ? body : JSON.stringify(body);
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const own: Record<string, string> = {
      ...(cookie && { cookie }),
      ...(this.token !== undefined && { authorization: `Bearer ${this.token}` }),
      ...(bytes !== undefined && { 'content-type': 'application/json' }),
      ...(method !== 'GET' && cookie && { origin: this.#origin }),
    };
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.#port, path, method, agent: this.#agent, timeout: 20_000 };
      const sent = request({ ...options, servername: 'localhost', headers: { host: 'localhost', ...own, ...headers } });
      sent.on('error', reject).on('timeout', () => sent.destroy(new Error(`no answer of ${method} ${path}`)));
      sent.on('response', (response) => {
        const parts: Buffer[] = [];
        response.on('error', reject).on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          this.#keep(response.headers['set-cookie'] ?? []);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: () => JSON.parse(text) as Record<string, unknown>,
          });
        });
      });
      sent.end(bytes);
    });
  }

  post(path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<TestAnswer> {
    return this.call(path, { method: 'POST', body: body ?? {}, headers });
  }

  #keep(setCookies: readonly string[]): void {
    for (const line of setCookies) {
      this.setCookies.push(line);
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0(?:;|$)/i.test(line) || value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}
