import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SubDutyId } from '@pactgate/agreement';
import type { EvidenceRecord } from '@pactgate/protocol';
import { type Breaches, type BreachRecord, foldBreach, maxOpened, openBreaches, stepBreaches } from './breach.ts';
import {
  day,
  deviceOf,
  hour,
  minute,
  openScenario,
  ownOrigin,
  type Scenario,
  second,
  serialOf,
} from './testing/scenario.ts';
import {
  checkpoint,
  connect,
  cosign,
  deny,
  enrol,
  fsck,
  good,
  platformGood,
  probeAuthn,
  probeTls,
  reconcile,
} from './testing/story.ts';

const d1 = deviceOf(1);

/** Judges a row and records what that brings about, as the platform does. */
function step(s: Scenario, breaches: Breaches, row: SubDutyId): readonly string[] {
  let n = 0;
  const records = stepBreaches(breaches, s.judge(row), {
    evaluation: s.evaluation,
    parties: { A: 'platform', B: 'acme' },
    how: 'console',
    newId: () => `b${s.records.length}-${n++}`,
  });
  for (const record of records) {
    write(s, record);
    foldBreach(breaches, record);
  }
  return records.map((record) => summary(record));
}
const write = (s: Scenario, record: BreachRecord): EvidenceRecord =>
  s.own(record.kind, record.body, { outcome: record.outcome });

function summary({ kind, body }: BreachRecord): string {
  if ('code' in body) return `${kind} ${body.row} ${body.code} ${body.owner} ${body.subject}`;
  if ('to' in body) return `${kind} ${body.to} ${body.how}`;
  return `${kind} ${body.how}`;
}
const overreach = (s: Scenario, n = 1): void => {
  for (let i = 0; i < 11; i++) deny(s.wait(second), n);
};

test('B2.2.6 a breach opens and notifies once, and is cured and closed when the subject is met again', () => {
  const s = good(openScenario());
  const breaches = openBreaches();
  assert.deepEqual(step(s, breaches, 'B2.2.6'), []);
  overreach(s);
  assert.deepEqual(step(s, breaches, 'B2.2.6'), [
    `breach.open B2.2.6 AUTHZ_OVERREACH B ${d1}`,
    'breach.notify acme console',
  ]);
  assert.deepEqual(step(s, breaches, 'B2.2.6'), []);
  const [opened] = breaches.open.values();
  assert.equal(opened?.deadline, s.at + 72 * hour, 'explained within 72 h');
  s.wait(hour);
  assert.deepEqual(step(s, breaches, 'B2.2.6'), ['breach.cure met', 'breach.close met']);
  assert.equal(breaches.open.size, 0);
});

test('a restart folds the log and goes on: nothing opens twice, what was open closes', () => {
  const s = good(openScenario());
  overreach(s);
  step(s, openBreaches(), 'B2.2.6');
  const again = openBreaches();
  for (const record of s.records) foldBreach(again, record);
  assert.deepEqual(step(s, again, 'B2.2.6'), []);
  s.wait(hour);
  assert.equal(step(s, again, 'B2.2.6').length, 2);
  const third = openBreaches();
  for (const record of s.records) foldBreach(third, record);
  assert.equal(third.open.size, 0);
});

test('trap: a device deleted to cure a breach closes it as cured by removal', () => {
  const s = good(openScenario());
  const breaches = openBreaches();
  overreach(s);
  step(s, breaches, 'B2.2.6');
  s.own('device.state', { device: d1, state: 'retired', why: '' });
  assert.deepEqual(step(s, breaches, 'B2.2.6'), ['breach.cure cured-by-removal', 'breach.close cured-by-removal']);
});

test('a device that falls silent cures nothing', () => {
  const s = good(openScenario());
  const breaches = openBreaches();
  overreach(s);
  step(s, breaches, 'B2.2.6');
  s.own('session.close', {
    device: d1,
    conn: 'c-1',
    serial: serialOf(1),
    reason: 'gate/max-age',
    durationMs: 1,
    received: 1,
    sent: 1,
  });
  s.wait(3 * day);
  assert.deepEqual(
    step(s, breaches, 'B2.2.6').filter((line) => line.startsWith('breach.c')),
    [],
  );
});

test('unknown keeps a breach open: a dead prober cures nothing', () => {
  const s = good(openScenario());
  const breaches = openBreaches();
  probeAuthn(s, { positive: false });
  assert.equal(step(s, breaches, 'A3.1.1').length, 2);
  s.wait(2 * hour);
  assert.equal(s.judge('A3.1.1').status, 'unknown');
  assert.deepEqual(step(s, breaches, 'A3.1.1'), []);
  probeAuthn(s);
  assert.deepEqual(step(s, breaches, 'A3.1.1'), ['breach.cure met', 'breach.close met']);
});

test('a waiver of the counterparty closes without a cure; past its end the breach opens anew', () => {
  const s = good(openScenario());
  const breaches = openBreaches();
  overreach(s);
  step(s, breaches, 'B2.2.6');
  const end = s.at + minute;
  s.own('breach.waive', { row: 'B2.2.6', subject: d1, until: end, party: 'platform', thumbprint: 't', why: '' });
  assert.deepEqual(step(s, breaches, 'B2.2.6'), ['breach.close waived']);
  s.wait(minute);
  assert.equal(step(s, breaches, 'B2.2.6')[0], `breach.open B2.2.6 AUTHZ_OVERREACH B ${d1}`);
});

test('A3.1.1 unknown for more than twice the age opens a breach against the collector, and evidence closes it', () => {
  const s = good(openScenario());
  const breaches = openBreaches();
  s.wait(3 * hour);
  assert.deepEqual(step(s, breaches, 'A3.1.1'), [], 'unknown for exactly twice the age');
  s.wait(1);
  assert.deepEqual(step(s, breaches, 'A3.1.1'), [
    'breach.open A3.1.1 EVIDENCE_OVERDUE A evidence:probe.authn.neg',
    'breach.notify platform console',
  ]);
  probeAuthn(s);
  assert.deepEqual(step(s, breaches, 'A3.1.1'), ['breach.cure evidence-present', 'breach.close evidence-present']);
});

test('B2.3.2 a port report that never comes is owed by B, whose devices collect it', () => {
  const s = good(openScenario());
  enrol(s, 4);
  s.wait(21 * day + 1);
  connect(s, 4);
  platformGood(s);
  const lines = step(s, openBreaches(), 'B2.3.2');
  assert.ok(lines.includes('breach.open B2.3.2 EVIDENCE_OVERDUE B evidence:device.ports.report'), lines.join('; '));
});

test('A3.3.5 an unwitnessed log is a breach of B, with no deadline of its own', () => {
  const s = good(openScenario());
  const breaches = openBreaches();
  cosign(s);
  s.wait(25 * hour);
  fsck(s, 'full');
  checkpoint(s, ownOrigin);
  const lines = step(s, breaches, 'A3.3.5');
  assert.ok(lines.includes(`breach.open A3.3.5 LEDGER_UNWITNESSED B ${ownOrigin}`), lines.join('; '));
  assert.equal([...breaches.open.values()][0]?.deadline, undefined);
});

test('A3.2.1 the finding gives its own deadline, the row the common one', () => {
  const s = good(openScenario());
  const breaches = openBreaches();
  probeTls(s, { notAfter: s.at + day });
  step(s, breaches, 'A3.2.1');
  assert.equal([...breaches.open.values()][0]?.deadline, s.at + 4 * hour);
});

test('A3.6.2 a slow containment ends with the incident', () => {
  const s = good(openScenario());
  const breaches = openBreaches();
  s.own('incident.confirm', { incident: 'i1', severity: 'critical', by: 'p' });
  s.wait(16 * minute);
  assert.equal(step(s, breaches, 'A3.6.2').length, 2);
  s.own('incident.close', { incident: 'i1', by: 'p', why: '' });
  assert.deepEqual(step(s, breaches, 'A3.6.2'), ['breach.cure incident-closed', 'breach.close incident-closed']);
});

test('a fleet that breaks a row at once opens a bounded number of breaches a step', () => {
  const s = openScenario();
  for (let n = 1; n <= maxOpened + 5; n++) {
    enrol(s, n);
    connect(s, n, { tls: 'TLSv1.2', suite: 'AES128-SHA' });
  }
  const breaches = openBreaches();
  step(s, breaches, 'B2.3.1');
  assert.equal(breaches.open.size, maxOpened);
  step(s, breaches, 'B2.3.1');
  assert.equal(breaches.open.size, maxOpened + 5);
});

test('nothing is overdue since before the agreement: the platform log is older', () => {
  const s = openScenario();
  probeAuthn(s);
  s.wait(30 * day);
  enrol(s, 1);
  connect(s, 1);
  assert.equal(s.judge('A3.1.1').status, 'unknown');
  assert.deepEqual(step(s, openBreaches(), 'A3.1.1'), []);
});
test('B2.2.4 counts that differ are owed by A, which counts', () => {
  const s = good(openScenario());
  reconcile(s, { authenticated: 2, sessionsOpened: 3 });
  assert.equal(step(s, openBreaches(), 'B2.2.4')[0], 'breach.open B2.2.4 AUTHN_FAIL_BURST A sessions');
});
