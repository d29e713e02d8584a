import assert from 'node:assert/strict';
import type { TestClient } from './client.ts';
import { strongPassword, type TestConsole } from './console.ts';
import { totpCode } from './totp.ts';

export const email = 'ann@example.org';
export const credentials = { email, password: strongPassword };

export const addAdmin = ({ people }: TestConsole): Promise<string> =>
  people.addPerson({ name: 'Ann', ...credentials, party: 'platform', role: 'a.admin' });
export const addEngineer = ({ people }: TestConsole): Promise<string> =>
  people.addPerson({ name: 'Ann', ...credentials, party: 'acme', role: 'b.engineer' });

/** Signs in with the password, sets a code generator up and proves it; answers its address and the backup codes. */
export async function setUpTotp(client: TestClient): Promise<{ uri: string; codes: readonly string[] }> {
  assert.equal((await client.post('/api/auth/sign-in/email', credentials)).status, 200);
  const enabled = await client.post('/api/auth/two-factor/enable', { password: strongPassword });
  assert.equal(enabled.status, 200, enabled.text);
  const { totpURI: uri, backupCodes: codes } = enabled.json() as { totpURI: string; backupCodes: string[] };
  const proved = await client.post('/api/auth/two-factor/verify-totp', { code: totpCode(uri, Date.now()) });
  assert.equal(proved.status, 200, proved.text);
  return { uri, codes };
}
