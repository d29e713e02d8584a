import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DemoReport } from './demo/report.ts';
import { node, run } from './live/process.ts';

/** The clauses of party B's and party A's duties. */
const clauses = ['2.1', '2.2', '2.3', '2.4', '2.5', '2.6', '3.1', '3.2', '3.3', '3.4', '3.5', '3.6'];
/** Dishonest devices of the demo; each is refused or caught, recorded, and explained. */
const attacks = [
  'plaintext',
  'unknown certificate',
  'revoked certificate',
  'topic of another device',
  'undeclared field',
  'malformed',
  'one identity',
  'flood',
];

test('npm run demo -- --once --json: the whole story holds, and its last line says so in full', async () => {
  const words = ['--disable-warning=ExperimentalWarning', 'tools/demo.ts', '--once', '--json'];
  const { code, stdout, stderr } = await run(node, words, { timeout: 480_000 });
  assert.equal(code, 0, stderr.slice(-4_000));
  const report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as DemoReport;
  assert.deepEqual([report.ok, report.tamperDetected, report.checks.failed], [true, true, []]);
  assert.ok(Number.isFinite(report.durationMs));
  assert.deepEqual(
    report.agreements.map(({ state }) => state),
    ['in-force', 'in-force'],
  );
  assert.ok(report.devices.enrolled >= 60 && report.devices.connectedPeak >= 60);
  const { accepted, storedDurably, refused } = report.messages;
  assert.ok(accepted > 1_000 && storedDurably >= accepted && refused > 0, JSON.stringify(report.messages));
  assert.ok(report.fieldsDropped > 0);
  for (const name of attacks) {
    const found = report.attacks.filter((attack) => attack.name.toLowerCase().includes(name));
    assert.equal(found.length, 1, `${name}: ${report.attacks.map((attack) => attack.name).join('; ')}`);
    const [attack] = found;
    assert.deepEqual([attack?.ok, attack?.recorded], [true, true], JSON.stringify(attack));
    assert.match(attack?.reasonCode ?? '', /^[a-z]+\/[a-z-]+$/);
    assert.ok(attack?.expected !== '' && attack?.observed !== '');
  }
  assert.ok(report.isolation.sessionCutMs >= 0);
  assert.ok(report.ledgers.length >= 4);
  for (const ledger of report.ledgers)
    assert.deepEqual([ledger.checkpointVerified, ledger.cosigned, ledger.size > 0], [true, true, true], ledger.origin);
  assert.deepEqual(
    report.clauses.map(({ clause }) => clause),
    clauses,
  );
  for (const counts of report.clauses) {
    const { clause, ...numbers } = counts;
    const sum = Object.values(numbers).reduce((total, n) => total + n, 0);
    assert.ok(sum > 0, `clause ${clause} has sub-duties`);
  }
});
