import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPlatformRole, roleNames } from '@pactgate/protocol';
import { type Route, routes } from '@pactgate/protocol/api';
import { isRoleOfParty, needsSecondFactor, rolesOfParty, tokenRoles } from './roles.ts';

for (const role of roleNames) {
  test(`a token made by ${role} never reaches what ${role} does not`, () => {
    for (const other of tokenRoles[role]) {
      assert.equal(isPlatformRole(other), isPlatformRole(role));
      for (const [name, { access }] of Object.entries(routes) as [string, Route][]) {
        if (access === 'public' || access === 'person' || !access.includes(other)) continue;
        assert.ok(access.includes(role), `${other} may call ${name}, ${role} may not`);
      }
    }
    assert.ok(tokenRoles[role].includes(role));
  });
}

test('roles of A and of B do not mix', () => {
  assert.deepEqual(rolesOfParty('platform'), ['a.admin', 'a.operator', 'a.security', 'a.auditor']);
  assert.deepEqual(rolesOfParty('acme'), ['b.admin', 'b.engineer']);
  assert.equal(isRoleOfParty('b.admin', 'platform'), false);
  assert.equal(isRoleOfParty('a.auditor', 'acme'), false);
});

test('every role but b.engineer owes a second factor', () => {
  assert.deepEqual(roleNames.filter(needsSecondFactor), [
    'a.admin',
    'a.operator',
    'a.security',
    'a.auditor',
    'b.admin',
  ]);
});
