import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { hours, type Instant } from '../../kernel/time.ts';
import type { PeopleStore } from '../../parties/people.ts';
import type { NewRecord } from '../../parties/record.ts';
import { openPeopleStore } from '../../store/db/people.ts';
import { eachDatabase, type TestDatabase } from '../../store/testing.ts';
import { openTestConsole, systemClock, type TestConsole, type TestParts } from '../testing/console.ts';
import { addAdmin, addEngineer, credentials, email, setUpTotp } from '../testing/people.ts';
import { totpCode } from '../testing/totp.ts';

interface Opened extends TestConsole {
  readonly records: readonly NewRecord[];
  readonly store: PeopleStore;
}
const opener =
  (database: TestDatabase) =>
  async (t: TestContext, parts: Partial<TestParts> = {}): Promise<Opened> => {
    const { db, kind } = await database.open();
    const records: NewRecord[] = [];
    const record = async (list: readonly NewRecord[]): Promise<void> => void records.push(...list);
    const store = openPeopleStore(db, (_, list) => record(list));
    const console = await openTestConsole({ store, database: { db, type: kind }, record, ...parts });
    t.after(() => console.close());
    return { ...console, records, store };
  };

eachDatabase('people', (database) => {
  const open = opener(database);

  test('invitation and recovery by link: role and party come from the link, the second factor starts anew', async (t) => {
    const sent: string[] = [];
    const notifier = { send: async (to: string, _: string, text: string) => (sent.push(to, text), 'sent' as const) };
    const console = await open(t, { notifier });
    const client = console.client();
    const admin = await console.people.addPerson({ name: 'Ann', ...credentials, party: 'acme', role: 'b.admin' });
    const { uri } = await setUpTotp(client);
    const foreign = await client.post('/api/v1/people/invitations', { role: 'a.admin' });
    assert.equal(foreign.status, 403);
    const invited = await client.post('/api/v1/people/invitations', { role: 'b.admin', email: 'bob@example.org' });
    const { link, mailed } = invited.json() as { link: string; mailed: boolean };
    assert.equal(mailed, true);
    assert.equal(sent[0], 'bob@example.org');
    assert.ok(sent[1]?.includes(link));
    const token = link.split('/join#token=')[1] ?? '';
    const guest = console.client();
    const seen = await guest.call(`/api/v1/invitations/${token}`);
    const { kind, party, role } = seen.json();
    assert.deepEqual([kind, party, role], ['person', 'acme', 'b.admin']);
    const bobs = { name: 'Bob', email: 'bob@example.org', password: 'another good phrase 7' };
    const taken = await guest.post(`/api/v1/invitations/${token}/person`, { ...bobs, email });
    assert.equal(taken.json()['code'], 'request/conflict', 'the mail address has an account');
    const joined = await guest.post(`/api/v1/invitations/${token}/person`, bobs);
    assert.equal(joined.status, 200, joined.text);
    assert.equal((await guest.post(`/api/v1/invitations/${token}/person`, bobs)).status, 410);
    assert.equal((await guest.call(`/api/v1/invitations/${token}`)).status, 410);

    assert.equal((await client.post(`/api/v1/people/${admin}/recovery`)).status, 403, 'nobody recovers himself');
    const bob = String(joined.json()['person']);
    const recovery = (await client.post(`/api/v1/people/${bob}/recovery`)).json() as { link: string };
    const way = recovery.link.split('/recover#token=')[1] ?? '';
    assert.equal((await guest.post(`/api/v1/invitations/${way}/person`, bobs)).status, 410, 'a link does one thing');
    assert.equal(
      (await guest.post(`/api/v1/invitations/${way}/recovery`, { password: 'bob bob bob bob' })).status,
      422,
    );
    const fresh = 'a third good phrase 11';
    assert.equal((await guest.post(`/api/v1/invitations/${way}/recovery`, { password: fresh })).status, 200);
    assert.equal(
      (await guest.post('/api/auth/sign-in/email', { email: bobs.email, password: bobs.password })).status,
      401,
    );
    assert.equal((await guest.post('/api/auth/sign-in/email', { email: bobs.email, password: fresh })).status, 200);

    const list = (await client.call('/api/v1/people')).json()['items'] as { email: string; secondFactor: boolean }[];
    assert.deepEqual(
      list.map((one) => [one.email, one.secondFactor]),
      [
        [email, true],
        ['bob@example.org', false],
      ],
    );
    assert.equal((await client.call(`/api/v1/people/${bob}`, { method: 'DELETE' })).json()['removed'], true);
    assert.equal((await guest.call('/api/v1/me')).status, 401);
    assert.equal(
      (await client.call(`/api/v1/people/${admin}`, { method: 'DELETE' })).status,
      409,
      'the last one stays',
    );
    assert.match(uri, /^otpauth:/);
    assert.deepEqual(
      new Set(console.records.map((record) => record.kind)),
      new Set(['person.join', 'person.signin', 'person.invite', 'person.recover', 'person.remove']),
    );
  });

  test('API tokens: shown once, hashed, bearer header only, never more than their maker, gone with him', async (t) => {
    const console = await open(t);
    const id = await addEngineer(console);
    const client = console.client();
    await client.post('/api/auth/sign-in/email', credentials);
    const up = await client.post('/api/v1/tokens', { name: 'ci', days: 30, role: 'b.admin' });
    assert.equal(up.json()['code'], 'auth/forbidden');
    for (const days of [0, 366, 1.5])
      assert.equal((await client.post('/api/v1/tokens', { name: 'ci', days })).status, 400);
    const made = (await client.post('/api/v1/tokens', { name: 'ci', days: 30 })).json();
    const { secret, token } = made as { secret: string; token: { id: string } };
    assert.match(secret, /^pgk_[A-Za-z0-9_-]{43}$/);
    assert.ok(!(await client.call('/api/v1/tokens')).text.includes(secret));
    const tool = console.client();
    assert.equal((await tool.call(`/api/v1/me?token=${secret}`)).status, 401);
    assert.equal((await tool.call(`/api/v1/me?access_token=${secret}`)).status, 401);
    tool.token = secret;
    assert.equal((await tool.call('/api/v1/me')).json()['kind'], 'token');
    const child = await tool.post('/api/v1/tokens', { name: 'child', days: 365 });
    const { expiresAt } = child.json()['token'] as { expiresAt: number };
    assert.ok(expiresAt < Date.now() + 31 * 86_400_000, 'a token made with a token does not outlive it');
    for (const bad of ['pgk_', `${secret}x`, secret.slice(4), 'pgk_'.padEnd(47, 'a')]) {
      tool.token = bad;
      const refused = await tool.call('/api/v1/platform');
      assert.equal(refused.status, 401, 'a bad token is told on public routes too');
      assert.match(String(refused.headers['www-authenticate']), /^Bearer/);
    }
    tool.token = secret;
    assert.equal((await client.call(`/api/v1/tokens/${token.id}`, { method: 'DELETE' })).json()['revoked'], true);
    assert.equal((await tool.call('/api/v1/me')).status, 401);
    assert.equal((await client.call(`/api/v1/tokens/${token.id}`, { method: 'DELETE' })).status, 404);
    const last = (await client.post('/api/v1/tokens', { name: 'last', days: 1 })).json() as { secret: string };
    tool.token = last.secret;
    assert.equal((await tool.call('/api/v1/me')).status, 200);
    await console.store.removePerson(id, []);
    assert.equal((await tool.call('/api/v1/me')).status, 401);
  });

  // Above the store everything is the same code: once is enough.
  if (database.kind === 'postgres') return;

  test('a recovered account sets its second factor up anew and old sessions end', async (t) => {
    const console = await open(t);
    const id = await addAdmin(console);
    const client = console.client();
    await setUpTotp(client);
    const fresh = 'a third good phrase 11';
    const made = await console.people.links.make({ kind: 'recovery', party: 'platform', role: 'a.admin', person: id });
    const guest = console.client();
    assert.equal((await guest.post(`/api/v1/invitations/${made.token}/recovery`, { password: fresh })).status, 200);
    assert.equal((await client.call('/api/v1/me')).status, 401);
    const signed = await guest.post('/api/auth/sign-in/email', { email, password: fresh });
    assert.equal(signed.json()['twoFactorRedirect'], undefined);
    assert.equal((await guest.call('/api/v1/me')).json()['secondFactorNeeded'], true);
    const enabled = await guest.post('/api/auth/two-factor/enable', { password: fresh });
    const { totpURI } = enabled.json() as { totpURI: string };
    const code = totpCode(totpURI, Date.now());
    assert.equal((await guest.post('/api/auth/two-factor/verify-totp', { code })).status, 200);
    assert.equal((await guest.call('/api/v1/people')).status, 200);
  });

  test('a request that changes something must come from our own page', async (t) => {
    const console = await open(t);
    await addEngineer(console);
    const client = console.client();
    const evil = await client.post('/api/auth/sign-in/email', credentials, { origin: 'https://evil.example' });
    assert.equal(evil.json()['code'], 'auth/origin');
    await client.post('/api/auth/sign-in/email', credentials);
    const make = { name: 'x', days: 1 };
    for (const origin of [
      'https://evil.example',
      'null',
      'http://localhost:8443',
      'https://localhost',
      'https://localhost:8443.evil.example',
    ])
      assert.equal((await client.post('/api/v1/tokens', make, { origin })).json()['code'], 'auth/origin', origin);
    const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const bare = console.client();
    const silent = await bare.post('/api/v1/tokens', make, { cookie });
    assert.equal(silent.json()['code'], 'auth/origin', 'a cookie without a word about its origin');
    const own = await bare.post('/api/v1/tokens', make, { cookie, 'sec-fetch-site': 'same-origin' });
    assert.equal(own.status, 200);
    assert.equal((await client.post('/api/v1/tokens', make)).status, 200);
  });

  test('an expired token is refused', async (t) => {
    let ahead = 0;
    const console = await open(t, { clock: () => (systemClock() + ahead) as Instant });
    const client = console.client();
    client.token = await console.tokenOf('b.engineer');
    assert.equal((await client.call('/api/v1/me')).status, 200);
    ahead = hours(1) + 1_000;
    assert.equal((await client.call('/api/v1/me')).json()['code'], 'auth/required');
  });

  test('a device party joins with its invitation: a b.admin token, once, and again after a mistake', async (t) => {
    const console = await open(t);
    const { token } = await console.people.links.make({ kind: 'party', party: 'acme', role: 'b.admin' });
    const tool = console.client();
    const key = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' };
    const path = `/api/v1/invitations/${token}/party`;
    assert.equal((await tool.post(path, { key: { ...key, crv: 'P-521' }, witnessKey: 'w' })).status, 400);
    const joined = await tool.post(path, { key, witnessKey: 'w' });
    assert.equal(joined.status, 200, joined.text);
    tool.token = String(joined.json()['token']);
    const { role, party } = (await tool.call('/api/v1/me')).json();
    assert.deepEqual([role, party], ['b.admin', 'acme']);
    tool.token = undefined;
    assert.equal((await tool.post(path, { key, witnessKey: 'w' })).status, 410);
  });

  test('rate: the eleventh form of a minute is turned away, then banned for the minute', async (t) => {
    const console = await open(t, { options: { rates: { form: 10, ban: 3 } } });
    const client = console.client();
    const statuses: number[] = [];
    for (let i = 0; i < 15; i++) statuses.push((await client.call('/api/v1/invitations/none')).status);
    assert.deepEqual(statuses, [...Array<number>(10).fill(410), 429, 429, 429, 403, 403]);
    assert.equal((await client.call('/api/v1/platform')).status, 200, 'other addresses of the API are not forms');
  });
});
