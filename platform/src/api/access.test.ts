import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPlatformRole, type Role, roleNames } from '@pactgate/protocol';
import { type Route, routes } from '@pactgate/protocol/api';
import type { Instant } from '../kernel/time.ts';
import { decideAccess } from './access.ts';
import { publicCaller } from './auth/callers.ts';
import type { Caller, KnownCaller } from './context.ts';

const own = 'own-agreement';
const caller = (role: Role, more: Partial<KnownCaller> = {}): KnownCaller => ({
  kind: 'person',
  id: 'p',
  name: 'P',
  role,
  party: isPlatformRole(role) ? 'platform' : 'acme',
  agreements: [own],
  secondFactor: true,
  secondFactorNeeded: false,
  expiresAt: 1 as Instant,
  ...more,
});
const code = (rule: Parameters<typeof decideAccess>[0], who: Caller, agreement?: string): string | undefined =>
  decideAccess(rule, who, agreement)?.code;

const cases: readonly {
  name: string;
  access: Route['access'] | undefined;
  who: Caller;
  agreement?: string;
  want?: string;
}[] = [
  { name: 'no rule: nobody, not even a.admin', access: undefined, who: caller('a.admin'), want: 'auth/forbidden' },
  { name: 'an empty list of roles: nobody', access: [], who: caller('a.admin'), want: 'auth/forbidden' },
  { name: 'public: anybody', access: 'public', who: publicCaller },
  { name: 'person: not signed in', access: 'person', who: publicCaller, want: 'auth/required' },
  { name: 'person: signed in', access: 'person', who: caller('b.engineer') },
  { name: 'role on the list', access: ['a.admin'], who: caller('a.admin') },
  { name: 'role not on the list', access: ['a.admin'], who: caller('a.auditor'), want: 'auth/forbidden' },
  {
    name: 'second factor owed comes before the role',
    access: ['a.admin'],
    who: caller('a.auditor', { secondFactor: false, secondFactorNeeded: true }),
    want: 'auth/second-factor',
  },
  { name: 'b.* in its own agreement', access: ['b.admin'], who: caller('b.admin'), agreement: own },
  {
    name: 'b.* in another agreement',
    access: ['b.admin'],
    who: caller('b.admin'),
    agreement: 'x',
    want: 'request/not-found',
  },
  {
    name: 'b.* in another agreement, person rule',
    access: 'person',
    who: caller('b.engineer'),
    agreement: 'x',
    want: 'request/not-found',
  },
  { name: 'a.* in any agreement', access: ['a.auditor'], who: caller('a.auditor'), agreement: 'x' },
  {
    name: 'public rule with an agreement: nobody',
    access: 'public',
    who: publicCaller,
    agreement: own,
    want: 'request/not-found',
  },
];
for (const { name, access, who, agreement, want } of cases)
  test(`access: ${name}`, () => assert.equal(code(access === undefined ? {} : { access }, who, agreement), want));

test('access: me answers before the second factor is proved', () => {
  const who = caller('a.admin', { secondFactor: false, secondFactorNeeded: true });
  assert.equal(code({ access: 'person', beforeSecondFactor: true }, who), undefined);
});

test('access: every role on every route of the table', () => {
  for (const [name, route] of Object.entries(routes) as [string, Route][]) {
    const scoped = route.path.includes(':agreement');
    for (const role of roleNames) {
      const listed = route.access === 'public' || route.access === 'person' || route.access.includes(role);
      const granted = code(route, caller(role), scoped ? own : undefined);
      assert.equal(granted, listed ? undefined : 'auth/forbidden', `${role} on ${name}`);
      if (!scoped || isPlatformRole(role) || !listed) continue;
      assert.equal(code(route, caller(role), 'foreign'), 'request/not-found', `${role} on a foreign ${name}`);
    }
    const anybody = code(route, publicCaller, undefined);
    assert.equal(anybody, route.access === 'public' ? undefined : 'auth/required', `nobody on ${name}`);
  }
});

test('no public route names an agreement', () => {
  for (const [name, { access, path }] of Object.entries(routes) as [string, Route][])
    assert.ok(access !== 'public' || !path.includes(':agreement'), name);
});
