import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { hours, type Instant, minutes } from '../../kernel/time.ts';
import type { PeopleStore } from '../../parties/people.ts';
import type { NewRecord } from '../../parties/record.ts';
import { openPeopleStore } from '../../store/db/people.ts';
import type { Db } from '../../store/db/schema.ts';
import { eachDatabase, type TestDatabase } from '../../store/testing.ts';
import { openTestConsole, strongPassword, systemClock, type TestConsole, type TestParts } from '../testing/console.ts';
import { addAdmin, addEngineer, credentials, email, setUpTotp } from '../testing/people.ts';
import { totpCode } from '../testing/totp.ts';

interface Opened extends TestConsole {
  readonly records: readonly NewRecord[];
  readonly store: PeopleStore;
  readonly db: Db;
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
    return { ...console, records, store, db };
  };

const median = (list: number[] = []): number => list.toSorted((a, b) => a - b)[2] ?? 0;

eachDatabase('sign-in', (database) => {
  const open = opener(database);

  test('an administrator does nothing but me before the code is proved, and every session proves its own', async (t) => {
    const console = await open(t);
    await addAdmin(console);
    const client = console.client();
    await client.post('/api/auth/sign-in/email', credentials);
    assert.deepEqual(
      [
        (await client.call('/api/v1/people')).json()['code'],
        (await client.call('/api/v1/me')).json()['secondFactorNeeded'],
      ],
      ['auth/second-factor', true],
    );
    assert.equal((await client.post('/api/v1/tokens', { name: 'x', days: 1 })).json()['code'], 'auth/second-factor');
    assert.equal((await client.post('/api/auth/revoke-other-sessions')).json()['code'], 'auth/second-factor');
    const before = console.client();
    await before.post('/api/auth/sign-in/email', credentials);

    const { uri, codes } = await setUpTotp(client);
    assert.equal((await client.call('/api/v1/people')).status, 200);
    assert.equal(
      (await before.call('/api/v1/people')).json()['code'],
      'auth/second-factor',
      'an older session gains nothing',
    );

    const next = console.client();
    const due = await next.post('/api/auth/sign-in/email', credentials);
    assert.equal(due.json()['twoFactorRedirect'], true);
    assert.equal((await next.call('/api/v1/me')).status, 401, 'the password alone opens nothing');
    const code = totpCode(uri, Date.now());
    assert.equal((await next.post('/api/auth/two-factor/verify-totp', { code })).status, 401, 'a code is used once');
    const wrong = await next.post('/api/auth/two-factor/verify-totp', { code: totpCode(uri, 0) });
    assert.equal(wrong.json()['code'], 'auth/failed');
    const later = totpCode(uri, Date.now() + 30_000);
    assert.equal((await next.post('/api/auth/two-factor/verify-totp', { code: later, trustDevice: true })).status, 400);
    const right = await next.post('/api/auth/two-factor/verify-totp', { code: later });
    assert.equal(right.status, 200, right.text);
    assert.equal((await next.call('/api/v1/people')).status, 200);

    const backup = console.client();
    await backup.post('/api/auth/sign-in/email', credentials);
    const [one] = codes;
    assert.equal((await backup.post('/api/auth/two-factor/verify-backup-code', { code: one })).status, 200);
    assert.equal((await backup.call('/api/v1/people')).status, 200);
    const again = console.client();
    await again.post('/api/auth/sign-in/email', credentials);
    assert.equal((await again.post('/api/auth/two-factor/verify-backup-code', { code: one })).status, 401);
  });

  test('links end after their life', async (t) => {
    let ahead = 0;
    const clock = (): Instant => (systemClock() + ahead) as Instant;
    const console = await open(t, { clock });
    const id = await addAdmin(console);
    const { token } = await console.people.createSignInLink(id, 'operator');
    ahead = minutes(30);
    const client = console.client();
    const late = await client.call(`/signin?token=${token}`);
    assert.equal(late.json()['code'], 'auth/link-invalid');
    for (const bad of ['', 'x', token.slice(1), `${token}x`, '../..', '%00'])
      assert.ok([400, 410].includes((await client.call(`/signin?token=${bad}`)).status), bad);
  });

  // Above the store everything is the same code: once is enough.
  if (database.kind === 'postgres') return;

  test('the first administrator is made by a set-up link, once', async (t) => {
    const console = await open(t);
    const client = console.client();
    assert.equal((await client.call('/api/v1/platform')).json()['setupNeeded'], true);
    const made = await console.people.createSetUpLink();
    const second = await console.people.createSetUpLink();
    assert.match(made?.link ?? '', /^https:\/\/localhost:8443\/setup#token=[A-Za-z0-9_-]{43}$/);
    const body = { token: made?.token, name: 'Ann', ...credentials };
    const weak = await client.post('/api/v1/setup', { ...body, password: 'password1234' });
    assert.equal(weak.status, 422);
    assert.equal(weak.json()['code'], 'auth/password-weak');
    assert.equal((await client.post('/api/v1/setup', body)).status, 200, 'a refused password leaves the link usable');
    assert.equal((await client.post('/api/v1/setup', body)).status, 410);
    const late = await client.post('/api/v1/setup', { ...body, token: second?.token, email: 'eve@example.org' });
    assert.equal(late.status, 410, 'there is an administrator already');
    assert.equal(await console.people.createSetUpLink(), undefined);
    assert.equal((await client.call('/api/v1/platform')).json()['setupNeeded'], false);
  });

  test('the session cookie is __Host-, Secure, HttpOnly, SameSite=Lax; no secret is in any body', async (t) => {
    const console = await open(t);
    await addEngineer(console);
    const client = console.client();
    const answer = await client.post('/api/auth/sign-in/email', credentials);
    assert.equal(answer.status, 200);
    const [cookie = ''] = client.setCookies;
    assert.match(cookie, /^__Host-pactgate\.session_token=/);
    for (const flag of ['Max-Age=1800', 'Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax'])
      assert.ok(cookie.includes(flag), flag);
    assert.doesNotMatch(cookie, /Domain/i);
    const secret = decodeURIComponent(client.cookies.get('__Host-pactgate.session_token') ?? '').split('.')[0] ?? '';
    assert.ok(secret.length >= 32);
    const session = await client.call('/api/auth/get-session');
    assert.equal(session.status, 200);
    for (const { text } of [answer, session]) assert.ok(!text.includes(secret) && !text.includes('"token"'));
    assert.equal((await client.call('/api/v1/me')).json()['role'], 'b.engineer');
    assert.equal((await client.post('/api/auth/sign-out')).status, 200);
    assert.equal((await client.call('/api/v1/me')).status, 401);
  });

  test('what could switch the second factor off or make accounts does not exist', async (t) => {
    const console = await open(t);
    await addAdmin(console);
    const client = console.client();
    await setUpTotp(client);
    const paths = [
      'sign-up/email',
      'two-factor/disable',
      'change-email',
      'delete-user',
      'update-user',
      'two-factor/send-otp',
    ];
    for (const path of [
      ...paths,
      'forget-password',
      'request-password-reset',
      'reset-password',
      'update-session',
      'unlink-account',
    ])
      assert.equal((await client.post(`/api/auth/${path}`, credentials)).status, 404, path);
    for (const path of [
      'list-sessions',
      'ok',
      'error',
      'list-accounts',
      'verify-email',
      '../auth/list-sessions',
      'sign-in%2Femail',
    ])
      assert.equal((await client.call(`/api/auth/${path}`)).status, 404, path);
  });

  test('unknown names answer like known ones: words, status, record, and the time of a hash', async (t) => {
    const console = await open(t, { throttle: { perPair: 100 } });
    await addEngineer(console);
    const client = console.client();
    const times: Record<string, number[]> = { known: [], unknown: [] };
    const bodies = new Set<string>();
    for (let i = 0; i < 5; i++)
      for (const [who, address] of [
        ['known', email],
        ['unknown', 'nobody@example.org'],
      ] as const) {
        const from = performance.now();
        const answer = await client.post('/api/auth/sign-in/email', { email: address, password: 'not the password 1' });
        times[who]?.push(performance.now() - from);
        assert.equal(answer.status, 401);
        bodies.add(answer.text);
      }
    assert.equal(bodies.size, 1);
    const records = console.records.filter(({ kind }) => kind === 'person.signin');
    assert.equal(records.length, 10);
    assert.equal(new Set(records.map((record) => JSON.stringify(record))).size, 1);
    assert.ok(median(times['unknown']) > median(times['known']) / 2, 'a hash is computed for unknown names too');
  });

  test('five failures lock the account towards this address; other accounts still work', async (t) => {
    const console = await open(t);
    await addEngineer(console);
    const client = console.client();
    for (let i = 0; i < 5; i++)
      assert.equal((await client.post('/api/auth/sign-in/email', { email, password: `wrong ${i}` })).status, 401);
    const locked = await client.post('/api/auth/sign-in/email', credentials);
    assert.equal(locked.status, 429, 'the right password does not help now');
    assert.equal(locked.json()['code'], 'auth/locked');
    const wait = Number(locked.headers['retry-after']);
    assert.ok(wait > 880 && wait <= 900, String(wait));
    const codes = console.records.map(({ body }) => ('code' in body ? body.code : undefined));
    assert.deepEqual(codes.slice(-5), ['auth/failed', 'auth/failed', 'auth/failed', 'auth/failed', 'auth/locked']);
    const other = { name: 'Bob', email: 'bob@example.org', password: strongPassword, party: 'acme' };
    await console.people.addPerson({ ...other, role: 'b.engineer' });
    const bob = await client.post('/api/auth/sign-in/email', { email: other.email, password: other.password });
    assert.equal(bob.status, 200);
  });

  test('guessing codes in an open session is counted as well', async (t) => {
    const console = await open(t);
    const id = await addAdmin(console);
    await setUpTotp(console.client());
    const { token } = await console.people.createSignInLink(id);
    const client = console.client();
    assert.equal((await client.call(`/signin?token=${token}`)).status, 303);
    for (let i = 0; i < 5; i++)
      assert.equal((await client.post('/api/auth/two-factor/verify-totp', { code: `00000${i}` })).status, 401);
    assert.equal((await client.post('/api/auth/two-factor/verify-totp', { code: '000009' })).status, 429);
  });

  test('a sign-in link of the operator opens one session with everything, once; HEAD does not use it', async (t) => {
    const console = await open(t);
    const id = await addAdmin(console);
    const { link, token } = await console.people.createSignInLink(id, 'operator');
    assert.equal(link, `https://localhost:8443/signin?token=${token}`);
    const client = console.client();
    assert.equal((await client.call(`/signin?token=${token}`, { method: 'HEAD' })).status, 405);
    const answer = await client.call(`/signin?token=${token}`);
    assert.equal(answer.status, 303);
    assert.equal(answer.headers['location'], '/');
    assert.equal((await client.call('/api/v1/people')).status, 200);
    assert.equal((await client.call('/api/v1/me')).json()['secondFactor'], true);
    const thief = console.client();
    assert.equal((await thief.call(`/signin?token=${token}`)).status, 410);
    const page = await thief.call(`/signin?token=${token}`, { headers: { accept: 'text/html,*/*;q=0.8' } });
    assert.deepEqual([page.status, page.headers['location']], [303, '/link-gone']);
    assert.equal((await thief.call('/api/v1/me')).status, 401);
    assert.deepEqual(console.records.at(-1)?.body, { outcome: 'operator-link', person: id });
  });

  test('a sign-in link of anybody else still owes the second factor; proving it changes the session', async (t) => {
    const console = await open(t);
    const id = await addAdmin(console);
    const { uri } = await setUpTotp(console.client());
    const client = console.client();
    const { token } = await console.people.createSignInLink(id);
    await client.call(`/signin?token=${token}`);
    assert.equal((await client.call('/api/v1/people')).json()['code'], 'auth/second-factor');
    const weak = client.cookies.get('__Host-pactgate.session_token') ?? '';
    const proof = await client.post('/api/auth/two-factor/verify-totp', { code: totpCode(uri, Date.now() + 30_000) });
    assert.equal(proof.status, 200, proof.text);
    assert.equal((await client.call('/api/v1/people')).status, 200);
    assert.notEqual(client.cookies.get('__Host-pactgate.session_token'), weak);
    const old = console.client();
    old.cookies.set('__Host-pactgate.session_token', weak);
    assert.equal((await old.call('/api/v1/me')).status, 401, 'the weaker secret ended');
  });

  test('a session lives 30 minutes after its last use: use prolongs it with its cookie, silence ends it', async (t) => {
    const console = await open(t);
    await addEngineer(console);
    const client = console.client();
    await client.post('/api/auth/sign-in/email', credentials);
    const end = async (): Promise<number> => {
      const row = await console.db.selectFrom('auth_session').select('expiresAt').executeTakeFirstOrThrow();
      return Date.parse(row.expiresAt) - Date.now();
    };
    const set = (ms: number) =>
      console.db
        .updateTable('auth_session')
        .set({ expiresAt: new Date(Date.now() + ms).toISOString() })
        .execute();
    assert.ok((await end()) > minutes(29) && (await end()) <= minutes(30));
    await set(minutes(10));
    const used = await client.call('/api/v1/me');
    assert.equal(used.status, 200);
    assert.match(String(used.headers['set-cookie']), /^__Host-pactgate\.session_token=.*Max-Age=1800/);
    assert.ok((await end()) > minutes(29));
    await set(-1);
    assert.equal((await client.call('/api/v1/me')).status, 401);
  });

  test('a session ends 12 hours after sign-in, however busy it is', async (t) => {
    let ahead = 0;
    const clock = (): Instant => (systemClock() + ahead) as Instant;
    const console = await open(t, { clock });
    await addEngineer(console);
    const client = console.client();
    await client.post('/api/auth/sign-in/email', credentials);
    ahead = hours(12) - minutes(1);
    assert.equal((await client.call('/api/v1/me')).status, 200);
    ahead = hours(12);
    assert.equal((await client.call('/api/v1/me')).status, 401);
    ahead = 0;
    assert.equal((await client.call('/api/v1/me')).status, 401, 'it was ended, not only refused');
  });

  test('changing the password asks for the old one, refuses a weak one, ends other sessions', async (t) => {
    const console = await open(t);
    await addEngineer(console);
    const [client, other] = [console.client(), console.client()];
    await client.post('/api/auth/sign-in/email', credentials);
    await other.post('/api/auth/sign-in/email', credentials);
    const change = (currentPassword: string, newPassword: string) =>
      client.post('/api/auth/change-password', { currentPassword, newPassword });
    assert.equal((await change('wrong one here', 'a third good phrase 11')).status, 401);
    assert.equal((await change(strongPassword, 'password1234')).json()['code'], 'auth/password-weak');
    assert.equal((await change(strongPassword, 'a third good phrase 11')).status, 200);
    assert.equal((await client.call('/api/v1/me')).status, 200);
    assert.equal((await other.call('/api/v1/me')).status, 401);
  });
});
