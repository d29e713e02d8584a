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

function demandCounts({ devices, messages, fieldsDropped, isolation }: DemoReport): void {
  assert.ok(devices.enrolled >= 60 && devices.connectedPeak >= 60, JSON.stringify(devices));
  const { accepted, storedDurably, refused } = messages;
  assert.ok(accepted >= devices.enrolled && storedDurably >= accepted && refused > 0, JSON.stringify(messages));
  assert.ok(fieldsDropped > 0);
  assert.ok(isolation.sessionCutMs >= 0);
}

function demandAttack(name: string, all: DemoReport['attacks']): void {
  const [attack, ...others] = all.filter((one) => one.name.toLowerCase().includes(name));
  assert.ok(attack && others.length === 0, `${name} among ${all.map((one) => one.name).join('; ')}`);
  assert.deepEqual([attack.ok, attack.recorded], [true, true], JSON.stringify(attack));
  // The undeclared field is dropped from a message that is accepted: nothing was refused, so no code.
  if (name === 'undeclared field') assert.equal(attack.reasonCode, null);
  else assert.match(attack.reasonCode ?? '', /^[a-z]+\/[a-z-]+$/, name);
  assert.ok(attack.expected !== '' && attack.observed !== '');
}

test('npm run demo -- --once --json: the whole story holds, and its last line says so in full', async () => {
  const words = ['--disable-warning=ExperimentalWarning', 'tools/demo.ts', '--once', '--json'];
  const { code, stdout, stderr } = await run(node, words, { timeout: 480_000 });
  assert.equal(code, 0, stderr.slice(-4_000));
  const report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as DemoReport;
  assert.deepEqual([report.ok, report.tamperDetected, report.checks.failed], [true, true, []]);
  assert.ok(Number.isFinite(report.durationMs));
  const states = report.agreements.map(({ state }) => state);
  assert.deepEqual(states, ['in-force', 'in-force']);
  demandCounts(report);
  for (const name of attacks) demandAttack(name, report.attacks);
  assert.ok(report.ledgers.length >= 4);
  for (const { origin, size, checkpointVerified, cosigned } of report.ledgers)
    assert.deepEqual([checkpointVerified, cosigned, size > 0], [true, true, true], origin);
  const counted = report.clauses.map(({ clause, ...counts }) => [
    clause,
    Object.values(counts).every(Number.isInteger),
  ]);
  assert.deepEqual(
    counted,
    clauses.map((clause) => [clause, true]),
  );
  // Sixty sub-duties, each counted for every agreement.
  const total = report.clauses.flatMap((counts) => Object.values(counts)).filter((n) => typeof n === 'number');
  assert.ok(total.reduce((sum, n) => sum + n, 0) >= 60);
});
