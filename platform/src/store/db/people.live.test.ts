import assert from 'node:assert/strict';
import { test } from 'node:test';
import { days, type Instant, instant, later, minutes } from '../../kernel/time.ts';
import type { ApiToken, Link, PeopleStore, Person } from '../../parties/people.ts';
import type { NewRecord } from '../../parties/record.ts';
import { eachDatabase, type TestDatabase } from '../testing.ts';
import { StoreError } from './errors.ts';
import { openPeopleStore } from './people.ts';

const at = instant('2026-03-01T00:00Z');
const ann: Person = { id: 'ann', party: 'platform', role: 'a.admin', createdAt: at };
const bob: Person = { id: 'bob', party: 'acme', role: 'b.admin', createdAt: later(at, minutes(1)) };
const link = (hash: string, more: Partial<Link> = {}): Link => ({
  hash,
  kind: 'person',
  party: 'acme',
  role: 'b.engineer',
  operator: false,
  createdAt: at,
  expiresAt: later(at, days(7)),
  ...more,
});
const token = (id: string, more: Partial<ApiToken> = {}): ApiToken => ({
  id,
  hash: `hash of ${id}`,
  name: 'ci',
  role: 'b.engineer',
  party: 'acme',
  createdAt: at,
  expiresAt: later(at, days(30)),
  ...more,
});
const record: NewRecord = { kind: 'person.invite', outcome: 'ok', body: { role: 'b.admin', by: 'ann' } };
const isDuplicate = (error: unknown): boolean => error instanceof StoreError && error.kind === 'duplicate-key';

async function open(database: TestDatabase): Promise<{ people: PeopleStore; recorded: NewRecord[] }> {
  const store = await database.open();
  const recorded: NewRecord[] = [];
  const people = openPeopleStore(store.db, async (_, records) => void recorded.push(...records));
  return { people, recorded };
}

eachDatabase('people store', (database) => {
  test('persons are kept by party and leave with their tokens and links', async () => {
    const { people, recorded } = await open(database);
    assert.equal(await people.hasRole('a.admin'), false);
    await people.addPerson(ann, [record]);
    await people.addPerson(bob, []);
    assert.deepEqual(recorded, [record]);
    assert.deepEqual(await people.person('ann'), ann);
    assert.equal(await people.person('nobody'), undefined);
    assert.deepEqual(await people.people('acme'), [bob]);
    assert.equal(await people.hasRole('a.admin'), true);
    await assert.rejects(people.addPerson(ann, []), isDuplicate);
    await people.addToken(token('t1', { by: 'bob' }), []);
    await people.addToken(token('t2', { by: 'carol' }), []);
    await people.addLink(link('l1', { by: 'bob' }), []);
    await people.addLink(link('l2', { kind: 'recovery', person: 'bob' }), []);
    await people.addLink(link('l3'), []);
    assert.equal(await people.removePerson('bob', []), true);
    assert.equal(await people.removePerson('bob', []), false);
    assert.deepEqual(await people.tokens('acme', at), [token('t2', { by: 'carol' })]);
    assert.equal(await people.link('l1', at), undefined);
    assert.equal(await people.link('l2', at), undefined);
    assert.deepEqual(await people.link('l3', at), link('l3'));
  });

  test('a link works once, and until it expires', async () => {
    const { people } = await open(database);
    const full = link('full', { kind: 'signin', person: 'ann', email: 'ann@example.org', operator: true, by: 'bob' });
    await people.addLink(full, []);
    assert.deepEqual(await people.link('full', at), full);
    const taken = await Promise.all(Array.from({ length: 8 }, () => people.takeLink('full', at)));
    assert.deepEqual(
      taken.filter((one) => one !== undefined),
      [full],
    );
    assert.equal(await people.link('full', at), undefined);
    await people.releaseLink('full');
    assert.deepEqual(await people.takeLink('full', at), full);
    await people.addLink(link('late'), []);
    const end = later(at, days(7));
    assert.equal((await people.link('late', (end - 1) as Instant))?.hash, 'late');
    assert.equal(await people.link('late', end), undefined);
    assert.equal(await people.takeLink('late', end), undefined);
    assert.equal(await people.takeLink('unknown', at), undefined);
    await assert.rejects(people.addLink(link('late'), []), isDuplicate);
  });

  test('open links are counted, old ones swept', async () => {
    const { people } = await open(database);
    await people.addLink(link('a'), []);
    await people.addLink(link('b', { expiresAt: later(at, minutes(1)) }), []);
    await people.addLink(link('c', { party: 'other' }), []);
    await people.addToken(token('old', { expiresAt: later(at, minutes(1)) }), []);
    await people.takeLink('c', at);
    assert.equal(await people.countLinks('acme', at), 2);
    assert.equal(await people.countLinks('acme', later(at, minutes(1))), 1);
    assert.equal(await people.countLinks('other', at), 0);
    assert.equal(await people.sweep(later(at, minutes(2))), 2);
    assert.equal(await people.countLinks('acme', at), 1);
  });

  test('a token is found by its hash until it is revoked or expires', async () => {
    const { people, recorded } = await open(database);
    await people.addToken(token('t'), [record]);
    assert.deepEqual(await people.tokenByHash('hash of t', at), token('t'));
    const end = later(at, days(30));
    assert.equal((await people.tokenByHash('hash of t', (end - 1) as Instant))?.id, 't');
    assert.equal(await people.tokenByHash('hash of t', end), undefined);
    await people.touchToken('t', later(at, minutes(5)));
    assert.equal((await people.token('t'))?.lastUsedAt, later(at, minutes(5)));
    const revoked = await Promise.all([people.revokeToken('t', at, [record]), people.revokeToken('t', at, [record])]);
    assert.equal(revoked.filter(Boolean).length, 1);
    assert.equal(recorded.length, 2);
    assert.equal(await people.tokenByHash('hash of t', at), undefined);
    assert.equal(await people.token('t'), undefined);
    assert.deepEqual(await people.tokens('acme', at), []);
    await assert.rejects(people.addToken(token('t'), []), isDuplicate);
    await assert.rejects(people.addToken(token('t3', { hash: 'hash of t' }), []), isDuplicate);
  });

  test('change and record stand or fall together', async () => {
    const store = await database.open();
    const people = openPeopleStore(store.db, async () => {
      throw new Error('the ledger is full');
    });
    await assert.rejects(people.addPerson(ann, [record]), /ledger is full/);
    await assert.rejects(people.addLink(link('l'), [record]), /ledger is full/);
    await assert.rejects(people.addToken(token('t'), [record]), /ledger is full/);
    assert.equal(await people.person('ann'), undefined);
    assert.equal(await people.link('l', at), undefined);
    assert.equal(await people.token('t'), undefined);
  });
});
