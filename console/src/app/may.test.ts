import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roleNames } from '@pactgate/protocol';
import type { RouteName } from '@pactgate/protocol/api';
import { mayCall } from './may.ts';

const rows: readonly { readonly route: RouteName; readonly roles: readonly string[] }[] = [
  { route: 'parties', roles: ['a.admin', 'a.operator', 'a.security', 'a.auditor'] },
  { route: 'people', roles: ['a.admin', 'b.admin'] },
  { route: 'platformEvents', roles: ['a.admin', 'a.operator', 'a.security', 'a.auditor'] },
  { route: 'publishPolicy', roles: ['a.security'] },
  { route: 'countersignAgreement', roles: ['a.admin'] },
  { route: 'registerDevices', roles: ['b.admin', 'b.engineer'] },
  { route: 'isolate', roles: ['a.admin', 'a.operator', 'a.security', 'b.admin'] },
  { route: 'board', roles: [...roleNames] },
  { route: 'tokens', roles: [...roleNames] },
];
for (const { route, roles } of rows)
  test(`A3.1.2 the console offers ${route} to exactly the roles of the route table`, () =>
    assert.deepEqual(
      roleNames.filter((role) => mayCall(role, route)),
      roleNames.filter((role) => roles.includes(role)),
    ));
