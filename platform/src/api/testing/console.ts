import { randomBytes } from 'node:crypto';
import type { Role } from '@pactgate/protocol';
import { routes } from '@pactgate/protocol/api';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { Instant } from '../../kernel/time.ts';
import type { Notifier, PeopleStore } from '../../parties/people.ts';
import type { NewRecord } from '../../parties/record.ts';
import type { AccountDatabase } from '../auth/accounts.ts';
import { openPeople, type People } from '../auth/people.ts';
import type { ThrottleLimits } from '../auth/throttle.ts';
import type { Handlers } from '../context.ts';
import { peopleHandlers } from '../rest/people.ts';
import { type ConsoleOptions, openConsoleServer } from '../server.ts';
import { TestClient } from './client.ts';
import { exampleHandlers, exampleOf, someAgreement } from './examples.ts';
import { makeTestPki, type TestPki } from './tls.ts';

export interface TestParts {
  readonly store: PeopleStore;
  readonly database: AccountDatabase;
  readonly record: (records: readonly NewRecord[]) => Promise<void>;
  readonly throttle?: Partial<ThrottleLimits>;
  readonly options?: Partial<ConsoleOptions>;
  readonly handlers?: Partial<Handlers>;
  readonly notifier?: Notifier;
  readonly clock?: () => Instant;
}
export interface TestConsole {
  readonly people: People;
  readonly port: number;
  readonly origin: string;
  readonly pki: TestPki;
  client(): TestClient;
  /** An API token of the role. */
  tokenOf(role: Role, party?: string): Promise<string>;
  close(): Promise<void>;
}

export const testOrigin = 'https://localhost:8443';
export const strongPassword = 'correct horse battery 9 staple';
export const systemClock = (): Instant => Date.now() as Instant;

let pki: TestPki | undefined;
/** One for all tests of a file: making keys takes longer than using them. */
export const testPki = (): TestPki => (pki ??= makeTestPki());

/** The console listener on a free port of loopback with generous rates, on whatever store the test brings. */
export async function openTestConsole(parts: TestParts): Promise<TestConsole> {
  const material = testPki();
  const now = parts.clock ?? systemClock;
  const people = openPeople({
    store: parts.store,
    database: parts.database,
    secret: 'a secret of the tests, 32 characters and more',
    origin: testOrigin,
    origins: [testOrigin],
    now,
    random: (n) => randomBytes(n),
    record: parts.record,
    agreementsOf: async (party) => (party === 'acme' || party === 'platform' ? [someAgreement] : []),
    log: () => {},
    throttle: { firstDelay: 1, longestDelay: 4, ...parts.throttle },
    ...(parts.notifier && { notifier: parts.notifier }),
  });
  const own = peopleHandlers({
    people,
    about: () => exampleOf(routes.platform.response) as never,
    partyName: async (party) => party,
    joinParty: async () => exampleOf(routes.acceptParty.response.properties.agreement) as never,
  });
  const server = await openConsoleServer({
    tls: material.server,
    at: { address: '127.0.0.1', port: 0 },
    hosts: ['localhost', '127.0.0.1'],
    people,
    handlers: { ...exampleHandlers(), ...own, ...parts.handlers },
    health: { checks: {}, registry: new Registry() },
    version: '0.0.0',
    log: pino({ level: 'silent' }),
    checkAnswers: true,
    // Tests come from one address and in bursts; the machine they run on is busy.
    rates: { address: 100_000, caller: 100_000, form: 100_000 },
    pressure: { loopDelay: 60_000 },
    ...parts.options,
  });
  const clients: TestClient[] = [];
  return {
    people,
    port: server.port,
    origin: testOrigin,
    pki: material,
    client: () => {
      const client = new TestClient(server.port, testOrigin, { ca: material.root.cert });
      clients.push(client);
      return client;
    },
    tokenOf: async (role, party) => {
      const usual = role.startsWith('a.') ? 'platform' : 'acme';
      const made = await people.makeToken({ name: role, role, party: party ?? usual, life: 3_600_000 as never });
      return made.secret;
    },
    close: async () => {
      await server.close();
      for (const client of clients) client.close();
    },
  };
}
