import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type Bench, DeviceTools, openBench } from '../../platform/src/gateway/est/testing/harness.ts';
import { instant } from '../../platform/src/kernel/time.ts';
import { run } from './run.ts';
import { commands } from './table.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'pactgate-cli-enrol-'));
let bench: Bench;
before(async () => {
  bench = await openBench(instant(Date.now()));
});
after(async () => {
  await bench.close();
  rmSync(dir, { recursive: true });
});

async function pactgate(...argv: readonly string[]): Promise<{ readonly code: number; readonly out: string }> {
  const out: string[] = [];
  const code = await run(commands, {
    argv: [...argv, '--json'],
    environment: { XDG_CONFIG_HOME: dir },
    out: (text) => out.push(text),
    err: () => undefined,
    isTerminal: false,
    signal: new AbortController().signal,
  });
  return { code, out: out.join('') };
}

test('B2.2.3 device enrol and renew leave files that openssl and others take', async () => {
  const code = await new DeviceTools(bench).register('pump-7');
  writeFileSync(path.join(dir, 'code'), `${code}\n`);
  const at = path.join(dir, 'pump-7');
  const where = ['--host', 'localhost', '--port', String(bench.port), '--party', 'acme', '--dir', at];
  const pinned = ['--root-sha256', bench.authority.rootSha256()];
  const enrolled = await pactgate(
    'device',
    'enrol',
    'pump-7',
    ...where,
    ...pinned,
    '--code-file',
    path.join(dir, 'code'),
  );
  assert.equal(enrolled.code, 0, enrolled.out);
  assert.equal(statSync(path.join(at, 'device.key')).mode & 0o777, 0o600);
  const openssl = (...args: string[]): string => execFileSync('openssl', args, { cwd: at, encoding: 'utf8' });
  assert.match(openssl('verify', '-CAfile', 'root.pem', '-untrusted', 'device.pem', 'device.pem'), /OK/);
  const publicKey = openssl('pkey', '-in', 'device.key', '-pubout');
  assert.equal(openssl('x509', '-in', 'device.pem', '-noout', '-pubkey'), publicKey);
  const renewed = await pactgate('device', 'renew', 'pump-7', ...where, ...pinned);
  assert.equal(renewed.code, 0, renewed.out);
  assert.notEqual(openssl('pkey', '-in', 'device.key', '-pubout'), publicKey);
});

test('B2.2.3 a wrong code is refused with its problem, exit code 1', async () => {
  await new DeviceTools(bench).register('pump-8');
  const where = [
    '--host',
    'localhost',
    '--port',
    String(bench.port),
    '--party',
    'acme',
    '--dir',
    path.join(dir, 'pump-8'),
  ];
  const { code, out } = await pactgate(
    'device',
    'enrol',
    'pump-8',
    ...where,
    '--root-sha256',
    bench.authority.rootSha256(),
    '--code',
    'wrong',
  );
  assert.equal(code, 1);
  assert.equal((JSON.parse(out) as { error: { code: string } }).error.code, 'enrol/code-invalid');
});
