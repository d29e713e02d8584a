import assert from 'node:assert/strict';
import { test } from 'node:test';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { organization, twoFactor } from 'better-auth/plugins';
import { eachDatabase } from '../testing.ts';

eachDatabase('better-auth on our Kysely instance', ({ kind, open }) => {
  test('its migrations find what is there, run once, and people sign up and in', async () => {
    const { db } = await open();
    const options = {
      database: { db, type: kind },
      baseURL: 'https://localhost:8443',
      secret: 'for-this-test-only-0123456789abcdef',
      emailAndPassword: { enabled: true },
      telemetry: { enabled: false },
      logger: { disabled: true },
      plugins: [organization(), twoFactor()],
    };
    const first = await getMigrations(options);
    assert.ok(first.toBeCreated.some(({ table }) => table === 'user'));
    await first.runMigrations();
    const second = await getMigrations(options);
    assert.deepEqual([second.toBeCreated, second.toBeAdded], [[], []]);

    const auth = betterAuth(options);
    const body = { email: 'zhang@example.com', password: 'correct horse battery', name: '张伟' };
    const { user } = await auth.api.signUpEmail({ body });
    assert.equal(user.name, '张伟');
    await assert.rejects(auth.api.signUpEmail({ body }), /exist/i);
    const session = await auth.api.signInEmail({ body });
    assert.equal(session.user.id, user.id);
    await assert.rejects(auth.api.signInEmail({ body: { ...body, password: 'wrong horse battery' } }), /invalid/i);
  });
});
