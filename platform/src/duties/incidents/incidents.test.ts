import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IsolationLevel, Role, Severity } from '@pactgate/protocol';
import { days, hours, instant, later, minutes } from '../../kernel/time.ts';
import {
  type Actor,
  closeIncident,
  confirmIncident,
  containIncident,
  type Incident,
  joinIncident,
  openIncident,
} from './incident.ts';
import { decideOrder, isPastGuard, levelOf, type OrderRequest, type Reach } from './isolation.ts';

const at = instant('2026-03-02T08:00:00Z');
const officer: Actor = { id: 'p1', role: 'a.security' };
const opened = (severity: Severity): Incident =>
  openIncident({ id: 'i1', agreement: 'x', device: 'd_0123456789abcdef', type: 'tamper', severity }, at).incident;
const moved = (result: ReturnType<typeof closeIncident>): Incident => {
  assert.ok(result.ok);
  return result.value.incident;
};

test('A3.6.2 incident: reported, confirmed, contained, closed; each step is a record', () => {
  const first = openIncident({ id: 'i1', agreement: 'x', type: 'tamper', severity: 'high' }, at);
  assert.deepEqual(first.record, {
    agreement: 'x',
    kind: 'incident.open',
    outcome: 'opened',
    body: { incident: 'i1', type: 'tamper', severity: 'high' },
  });
  const confirmed = confirmIncident(first.incident, 'critical', officer, later(at, minutes(1)));
  assert.ok(confirmed.ok);
  assert.deepEqual(confirmed.value.record.body, { incident: 'i1', severity: 'critical', by: 'p1' });
  const contained = containIncident(confirmed.value.incident, 'isolated at level 4', officer, later(at, minutes(3)));
  assert.ok(contained.ok);
  assert.deepEqual(contained.value.record.body, { incident: 'i1', how: 'isolated at level 4', by: 'p1' });
  const closed = moved(closeIncident(contained.value.incident, 'replaced', officer, later(at, hours(1))));
  assert.deepEqual([closed.state, closed.containedAt], ['closed', later(at, minutes(3))]);
});

const confirmed = (severity: Severity): Incident => moved(confirmIncident(opened('medium'), severity, officer, at));
const steps = [
  {
    name: 'a false alarm is closed as reported',
    step: () => closeIncident(opened('critical'), '', officer, at),
    want: 'ok',
  },
  {
    name: 'a confirmed high one is not closed uncontained',
    step: () => closeIncident(confirmed('high'), '', officer, at),
    want: 'incident/state',
  },
  { name: 'a confirmed medium one is', step: () => closeIncident(confirmed('medium'), '', officer, at), want: 'ok' },
  {
    name: 'containing before confirming',
    step: () => containIncident(opened('high'), '', officer, at),
    want: 'incident/state',
  },
  {
    name: 'confirming twice',
    step: () => confirmIncident(confirmed('high'), 'high', officer, at),
    want: 'incident/state',
  },
  {
    name: 'an auditor moves nothing',
    step: () => confirmIncident(opened('high'), 'high', { id: 'p2', role: 'a.auditor' }, at),
    want: 'auth/forbidden',
  },
  {
    name: 'nor does party B',
    step: () => closeIncident(opened('low'), '', { id: 'p3', role: 'b.admin' }, at),
    want: 'auth/forbidden',
  },
] as const;
for (const { name, step, want } of steps) {
  test(`A3.6.2 incident: ${name}: ${want}`, () => {
    const result = step();
    assert.equal(result.ok ? 'ok' : result.error, want);
  });
}
test('A3.6.2 incident: a graver report raises the severity, a lighter one changes nothing', () => {
  assert.equal(joinIncident(opened('medium'), 'high')?.severity, 'high');
  assert.equal(joinIncident(opened('medium'), 'low'), undefined);
});

const reach = (extra: Partial<Reach> = {}): Reach => ({ current: 0, devices: 1, active: 100, ...extra });
const person = (role: Role, level: IsolationLevel, extra: Partial<OrderRequest> = {}): OrderRequest => ({
  level,
  by: { kind: 'person', id: 'p1', role },
  ...extra,
});
const rule = (level: IsolationLevel, reason: 'risk' | 'clone-suspected' | 'clone-confirmed'): OrderRequest => ({
  level,
  by: { kind: 'rule', id: 'risk', reason },
});
const second = { id: 'p2', role: 'a.security' } as const;
const orders: readonly {
  readonly name: string;
  readonly request: OrderRequest;
  readonly reach?: Partial<Reach>;
  readonly want: string;
}[] = [
  { name: 'an operator to 3', request: person('a.operator', 3), want: 'ok' },
  { name: 'an operator to 4', request: person('a.operator', 4), want: 'auth/forbidden' },
  {
    name: 'an operator from 4 to 3: not theirs to lower',
    request: person('a.operator', 3),
    reach: { current: 4 },
    want: 'auth/forbidden',
  },
  { name: 'a security officer releases from 5', request: person('a.security', 0), reach: { current: 5 }, want: 'ok' },
  { name: "B's administrator blocks an own device", request: person('b.admin', 4), want: 'ok' },
  {
    name: "B's administrator releases what A revoked",
    request: person('b.admin', 0),
    reach: { current: 5 },
    want: 'auth/forbidden',
  },
  { name: 'an auditor', request: person('a.auditor', 1), want: 'auth/forbidden' },
  { name: 'releasing what is not isolated', request: person('a.admin', 0), want: 'request/conflict' },
  { name: 'a suspected clone is watched', request: rule(1, 'clone-suspected'), want: 'ok' },
  { name: 'and nothing more', request: rule(2, 'clone-suspected'), want: 'isolate/guard' },
  { name: 'risk to 3', request: rule(3, 'risk'), want: 'ok' },
  { name: 'risk to 4 takes a person', request: rule(4, 'risk'), want: 'isolate/guard' },
  { name: 'a confirmed clone to 4', request: rule(4, 'clone-confirmed'), want: 'ok' },
  { name: 'a rule lowers nothing', request: rule(1, 'risk'), reach: { current: 3 }, want: 'request/conflict' },
  {
    name: 'a rule past the guard stops and asks',
    request: rule(3, 'risk'),
    reach: { devices: 11 },
    want: 'isolate/guard',
  },
  { name: 'one person past the guard', request: person('a.admin', 3), reach: { devices: 11 }, want: 'isolate/guard' },
  {
    name: 'the same person twice',
    request: person('a.admin', 3, { second: { id: 'p1', role: 'a.admin' } }),
    reach: { devices: 11 },
    want: 'isolate/guard',
  },
  { name: 'with a second person', request: person('a.admin', 3, { second }), reach: { devices: 11 }, want: 'ok' },
  { name: 'an end in the past', request: person('a.admin', 3, { until: at }), want: 'request/invalid' },
  { name: 'an end too far', request: person('a.admin', 3, { until: later(at, days(91)) }), want: 'request/invalid' },
  {
    name: 'a release with an end',
    request: person('a.admin', 0, { until: later(at, days(1)) }),
    reach: { current: 2 },
    want: 'request/invalid',
  },
];
for (const { name, request, reach: extra, want } of orders) {
  test(`A3.6.2 order: ${name}: ${want}`, () => {
    const result = decideOrder(request, reach(extra), at);
    assert.equal(result.ok ? 'ok' : result.error.code, want);
  });
}
test('A3.6.2 order: always timed, a rule for a day; release and revocation have no end', () => {
  const untilOf = (request: OrderRequest, current: IsolationLevel = 0): number | undefined => {
    const result = decideOrder(request, reach({ current }), at);
    assert.ok(result.ok);
    return result.value.until;
  };
  assert.equal(untilOf(person('a.admin', 3)), later(at, days(90)));
  assert.equal(untilOf(rule(3, 'risk')), later(at, hours(24)));
  assert.equal(untilOf(person('a.admin', 5)), undefined);
  assert.equal(untilOf(person('a.admin', 0), 3), undefined);
});
for (const [devices, active, want] of [
  [10, 20, false],
  [11, 220, false],
  [11, 219, true],
  [1_000, 1_000_000, false],
  [1_001, 1_000_000, true],
] as const) {
  test(`A3.6.2 guard: ${devices} of ${active} active devices ${want ? 'need a second person' : 'need one person'}`, () =>
    assert.equal(isPastGuard({ devices, active }), want));
}
test('A3.6.2 level in force: the highest open order, one past its time counts no more', () => {
  const open = [{ level: 2 }, { level: 4, until: later(at, hours(1)) }, { level: 5, endedAt: at }] as const;
  assert.equal(levelOf(open, at), 4);
  assert.equal(levelOf(open, later(at, hours(1))), 2);
  assert.equal(levelOf([], at), 0);
});
