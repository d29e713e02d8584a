import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NewRecord } from '../parties/record.ts';
import { openPeopleStore } from '../store/db/people.ts';
import { eachDatabase } from '../store/testing.ts';
import { openTestConsole } from './testing/console.ts';

eachDatabase('smoke', (database) => {
  test('it answers', async (t) => {
    const store = await database.open();
    const records: NewRecord[] = [];
    const keep = async (list: readonly NewRecord[]): Promise<void> => void records.push(...list);
    const console_ = await openTestConsole({ store: openPeopleStore(store.db, (_, list) => keep(list)), database: store.db, record: keep });
    t.after(() => console_.close());
    const client = console_.client();
    const answer = await client.call('/api/v1/platform');
    console.log(answer.status, answer.text, answer.headers);
    const link = await console_.people.createSetUpLink();
    console.log(link);
    const set = await client.post('/api/v1/setup', { token: link?.token, name: 'Ann', email: 'Ann@Example.org', password: 'correct horse battery 9 staple' });
    console.log(set.status, set.text);
    const si = await client.post('/api/auth/sign-in/email', { email: 'ann@example.org', password: 'correct horse battery 9 staple' });
    console.log(si.status, si.text, si.headers['set-cookie']);
    console.log((await client.call('/api/v1/me')).text);
    console.log((await client.call('/api/v1/parties')).text);
    console.log((await client.post('/api/auth/two-factor/enable', { password: 'correct horse battery 9 staple' })).text);
    console.log((await client.post('/api/auth/sign-in/email', { email: 'bob@example.org', password: 'correct horse battery 9 staple' })).text);
    console.log(records);
    assert.equal(answer.status, 200);
  });
});
