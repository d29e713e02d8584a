import assert from 'node:assert/strict';
import { test } from 'node:test';
import { downlinks, type ProblemCode } from '@pactgate/protocol';
import { CedarEngine } from '../../adapters/cedar/engine.ts';
import { TableCompiler } from './compiler.ts';
import { type Explanation, explain } from './explain.ts';
import { defaultPolicySet, makePolicySet } from './policy-set.ts';
import type { AccessRequest, Policy, PolicyEngine, PolicySet } from './ports.ts';
import type { PermissionTable, TableSubject } from './table.ts';
import { sha256, standardSet, subject } from './testing/sample.ts';
import { addresseeOf, downlinksOf } from './topics.ts';

const cedarEngine = new CedarEngine();
let clock = 0;
const compiler = new TableCompiler(cedarEngine, () => ++clock);
const tableOf = (of: TableSubject, set: PolicySet = standardSet): PermissionTable =>
  compiler.compileTable(of, set).table;
const policy = (id: string, text: string): Policy => ({ id, text, cause: { zh: id, en: id } });
const up = (topic: string): string => `v1/me/up/${topic}`;

const publishes: readonly { topic: string; level?: 0 | 2 | 3 | 4; want: ProblemCode | 'ok' }[] = [
  { topic: up('telemetry/env'), want: 'ok' },
  { topic: up('telemetry/env'), level: 2, want: 'ok' },
  { topic: up('telemetry/env'), level: 3, want: 'access/level' },
  { topic: up('telemetry/env'), level: 4, want: 'device/isolated' },
  { topic: up('telemetry/gps'), want: 'data/channel-undeclared' },
  { topic: up('telemetry/'), want: 'access/topic-unknown' },
  { topic: up('event/high'), level: 3, want: 'ok' },
  { topic: up('event/urgent'), want: 'access/topic-unknown' },
  { topic: up('version'), level: 3, want: 'ok' },
  { topic: up('version'), level: 4, want: 'device/isolated' },
  { topic: up('state'), level: 3, want: 'access/level' },
  { topic: up('cmd/c-1/result'), want: 'ok' },
  { topic: up('cmd/c-1/result'), level: 3, want: 'access/level' },
  { topic: up('notice/n-1/ack'), level: 3, want: 'ok' },
  { topic: up('nothing'), want: 'access/topic-unknown' },
  { topic: 'v1/me/dn/cmd/1', want: 'access/topic-unknown' },
  { topic: 'v1/dev-2/up/telemetry/env', want: 'access/topic-foreign' },
  { topic: 'v1/me', want: 'access/topic-foreign' },
  { topic: '', want: 'access/topic-foreign' },
  { topic: '$SYS/broker', want: 'access/topic-foreign' },
  { topic: '__proto__', want: 'access/topic-foreign' },
];
for (const { topic, level = 0, want } of publishes)
  test(`B2.2.6 publish ${topic || '(empty)'} at level ${level}: ${want}`, () => {
    const verdict = tableOf(subject({ isolation: level })).permitPublish(topic);
    assert.equal(verdict.ok ? 'ok' : verdict.code, want);
  });
test('B2.2.6 a permit names its row, the variable level and the policies', () => {
  const table = tableOf(subject());
  const permits = [up('telemetry/env'), up('event/low'), up('cmd/c-9/accepted'), up('version')].map((topic) =>
    table.permitPublish(topic),
  );
  assert.deepEqual(
    permits.map((verdict) => (verdict.ok ? [verdict.row.kind, verdict.name, verdict.policies] : verdict.code)),
    [
      ['telemetry', 'env', ['acme_pump-2']],
      ['event', 'low', ['acme_pump-2']],
      ['command-accepted', 'c-9', ['acme_pump-2']],
      ['version', '', ['acme_pump-2']],
    ],
  );
  assert.equal(table.permitPublish(up('telemetry/env')), table.permitPublish(up('telemetry/env')));
});
test('B2.4.2 without a manifest in force telemetry is refused, the lifeline is not', () => {
  const table = tableOf({ ...subject(), channels: undefined });
  const verdict = table.permitPublish(up('telemetry/env'));
  assert.equal(verdict.ok ? 'ok' : verdict.code, 'data/manifest-missing');
  assert.equal(table.permitPublish(up('version')).ok, true);
});
test('B2.2.6 only a topic that names another party counts as foreign', () => {
  const table = tableOf(subject());
  const foreign = (topic: string): boolean | undefined => {
    const verdict = table.permitPublish(topic);
    return verdict.ok ? undefined : verdict.foreign;
  };
  assert.deepEqual(
    ['app/v1/other/dev-9/up/state', 'app/v1/acme/dev-9/up/state', 'v1/dev-9/up/state', up('telemetry/gps')].map(
      foreign,
    ),
    [true, false, false, false],
  );
  assert.deepEqual(addresseeOf('app/v1/other/dev-9/up'), { party: 'other', device: 'dev-9' });
  assert.deepEqual(addresseeOf('v1/dev-9/up'), { device: 'dev-9' });
  assert.deepEqual(addresseeOf('v1/sub/child-1/up/state'), { device: 'child-1' });
  assert.deepEqual(addresseeOf('v1/me/up/state'), {});
  assert.deepEqual(addresseeOf('x'.repeat(300)), {});
});

const all = downlinks.map(({ kind }) => kind);
for (const [filter, kinds, level, want] of [
  ['v1/me/dn/#', all, 0, 'ok'],
  ['v1/me/dn/#', all, 3, 'ok'],
  ['v1/me/dn/#', all, 4, 'device/isolated'],
  ['v1/me/dn/cmd/+', ['cmd'], 0, 'ok'],
  ['v1/me/dn/cmd/+', ['cmd'], 3, 'access/level'],
  ['v1/me/dn/cmd/c-1', ['cmd'], 0, 'ok'],
  ['v1/me/dn/cmd/#', ['cmd'], 0, 'ok'],
  ['v1/me/dn/cmd', [], 0, 'access/topic-unknown'],
  ['v1/me/dn/+', ['config', 'policy'], 3, 'ok'],
  ['v1/me/dn/policy', ['policy'], 3, 'ok'],
  ['v1/me/dn/other', [], 0, 'access/topic-unknown'],
  ['v1/me/dn/config/x', [], 0, 'access/topic-unknown'],
  ['v1/me/#', [], 0, 'access/topic-foreign'],
  ['#', [], 0, 'access/topic-foreign'],
  ['+/me/dn/#', [], 0, 'access/topic-foreign'],
  ['$share/g/v1/me/dn/#', [], 0, 'access/topic-foreign'],
  ['v1/dev-2/dn/#', [], 0, 'access/topic-foreign'],
] as const)
  test(`B2.2.6 subscribe ${filter} at level ${level}: ${want}`, () => {
    assert.deepEqual(downlinksOf(filter), kinds);
    const answer = tableOf(subject({ isolation: level })).permitSubscribe(filter);
    assert.equal(answer.ok ? 'ok' : answer.code, want);
  });
test('B2.2.6 each delivery is decided by itself', () => {
  const table = tableOf(subject({ isolation: 3 }));
  assert.deepEqual(
    downlinks.map(({ kind }) => table.permitReceive(kind).ok),
    [false, true, true, true],
  );
});
for (const [level, want] of [
  [2, 'ok'],
  [3, 'ok'],
  [4, 'device/isolated'],
] as const)
  test(`A3.6.2 connect at level ${level}: ${want}`, () => {
    const { connect } = tableOf(subject({ isolation: level }));
    assert.equal(connect.ok ? 'ok' : connect.code, want);
  });

test('B2.2.6 devices that look the same share a table, across addresses and ids', () => {
  const one = compiler.compileTable(subject({ device: 'dev-a' }, { ip: '192.0.2.1' }), standardSet);
  const two = compiler.compileTable(subject({ device: 'dev-b' }, { ip: '192.0.2.2' }), standardSet);
  assert.equal(one.table, two.table);
  assert.deepEqual([two.times, two.lifeMs], [[], undefined]);
  assert.equal(one.table.subject.device.device, '*');
  assert.ok(!('ip' in one.table.subject.link));
});
for (const [what, other] of [
  ['level', subject({ isolation: 1 })],
  ['band', subject({ riskBand: 1 })],
  ['state', subject({ state: 'suspended' })],
  ['model', subject({ model: 'acme/pump-3' })],
  ['group', subject({ groups: ['north'] })],
  ['firmware', subject({ firmwareOk: false })],
  ['source', subject({}, { source: 'private' })],
  ['protocol', subject({}, { protocol: 'mqtt3.1.1' })],
  ['channels', { ...subject(), channels: [{ name: 'env', grade: 2 }] }],
  ['no channels', { ...subject(), channels: [] }],
] as const)
  test(`B2.2.6 another ${what} is another table`, () => assert.notEqual(tableOf(other), tableOf(subject())));
test('A3.1.3 another policy set is another table, at once', () => {
  const empty = makePolicySet([], 2, sha256);
  assert.equal(tableOf(subject()).permitPublish(up('version')).ok, true);
  assert.equal(tableOf(subject(), empty).permitPublish(up('version')).ok, false);
  assert.equal(tableOf(subject(), empty).digest, empty.digest);
});
test('B2.2.6 a set that names a device or reads addresses does not share what it sees', () => {
  const named = makePolicySet(
    [policy('one', 'permit(principal == Pactgate::Device::"dev-a", action, resource);')],
    1,
    sha256,
  );
  assert.equal(tableOf(subject({ device: 'dev-a' }), named).permitPublish(up('version')).ok, true);
  assert.equal(tableOf(subject({ device: 'dev-b' }), named).permitPublish(up('version')).ok, false);
  const from = makePolicySet(
    [
      policy(
        'net',
        'permit(principal in Pactgate::Party::"acme", action, resource) when { context has ip && context.ip.isInRange(ip("192.0.2.0/24")) };',
      ),
    ],
    1,
    sha256,
  );
  const inside = compiler.compileTable(subject({}, { ip: '192.0.2.1' }), from);
  assert.deepEqual([inside.table.connect.ok, inside.lifeMs], [true, 60_000]);
  assert.equal(tableOf(subject({}, { ip: '192.0.3.1' }), from).connect.ok, false);
  const spelled = makePolicySet(
    [policy('esc', 'forbid(principal, action, resource) when { context has "\\u{69}p" };')],
    1,
    sha256,
  );
  assert.deepEqual([spelled.readsAddress, spelled.namesDevice], [true, true]);
});
test('B2.2.6 a policy can tell topics and data classes apart', () => {
  const set = makePolicySet(
    [
      policy('acme', 'permit(principal in Pactgate::Party::"acme", action, resource);'),
      policy('no-state', 'forbid(principal, action, resource == Pactgate::Resource::"up/state");'),
      policy('no-secrets', 'forbid(principal, action, resource) when { resource.dataClass > 1 };'),
    ],
    1,
    sha256,
  );
  const table = tableOf(
    {
      ...subject(),
      channels: [
        { name: 'env', grade: 1 },
        { name: 'who', grade: 2 },
      ],
    },
    set,
  );
  const ok = (topic: string): boolean => table.permitPublish(up(topic)).ok;
  assert.deepEqual(['telemetry/env', 'telemetry/who', 'state', 'version'].map(ok), [true, false, false, true]);
});
test('A3.1.3 an answer with errors never permits, whatever the engine says', () => {
  const careless: PolicyEngine = {
    check: () => [],
    prepare: () => [],
    decide: () => ({ allow: true, policies: ['x'], errors: ['skipped a forbid'] }),
  };
  const { table } = new TableCompiler(careless, () => 0).compileTable(subject(), standardSet);
  const verdict = table.permitPublish(up('version'));
  assert.deepEqual([verdict.ok ? 'ok' : verdict.code, table.connect.ok], ['access/policy-error', false]);
});
test('A3.1.3 deciding again past every cache gives the same answer, and times are taken per decision', () => {
  const fresh = new TableCompiler(cedarEngine, () => ++clock);
  const { table, times } = fresh.compileTable(subject({ isolation: 3 }), standardSet);
  assert.ok(times.length > 0 && times.every((ms) => ms === 1));
  // Policies name no resource, so one decision serves all that look the same to them.
  assert.equal(fresh.held.decisions, times.length);
  assert.ok(times.length <= 8);
  for (const topic of [up('telemetry/env'), up('version'), up('cmd/c-1/result')]) {
    const request: AccessRequest | undefined = table.requestOf(topic);
    assert.ok(request);
    assert.equal(fresh.decideAnew(standardSet, request).allow, table.permitPublish(topic).ok);
  }
  assert.equal(table.requestOf(up('telemetry/gps')), undefined);
  assert.equal(table.requestOf('x'), undefined);
});

function explained(of: TableSubject, topic: string): Explanation {
  const verdict = tableOf(of).permitPublish(topic);
  assert.ok(!verdict.ok);
  return explain(verdict, of, standardSet);
}
test('A3.1.3 explanations name cause, policies and next step in both languages', () => {
  const level = explained(subject({ isolation: 3 }), up('state'));
  assert.deepEqual(
    [level.code, level.policies, level.digest],
    ['access/level', ['isolation-level'], standardSet.digest],
  );
  assert.match(level.cause.en, /lifeline/);
  assert.match(level.cause.zh, /生命线/);
  const risky = explained(subject({ riskBand: 3 }), up('state'));
  assert.deepEqual([risky.code, risky.policies], ['access/denied', []]);
  assert.match(risky.cause.en, /No policy permits publishing on up\/state .*pump-2.*public.*band 3/);
  const foreign = explained(subject(), 'v1/dev-2/up/state');
  assert.equal(foreign.code, 'access/topic-foreign');
  assert.ok(!JSON.stringify(foreign).includes('dev-2'));
  for (const { cause, next } of [level, risky, foreign])
    for (const text of [cause, next]) assert.ok(text.zh && text.en);
});
test('A3.1.3 the digest of a set is that of its policies, not of its version', () => {
  assert.match(standardSet.digest, /^[0-9a-f]{64}$/);
  const again = defaultPolicySet([{ party: 'acme', model: 'pump-2' }], 9, sha256);
  const other = defaultPolicySet([{ party: 'acme', model: 'pump-2', sources: ['private'] }], 1, sha256);
  assert.equal(again.digest, standardSet.digest);
  assert.notEqual(other.digest, standardSet.digest);
  assert.deepEqual(cedarEngine.check(standardSet), []);
});
test('A3.1.3 a set cannot replace a mandatory rule, and bad names do not become policy text', () => {
  assert.throws(
    () => makePolicySet([policy('isolation-level', 'permit(principal, action, resource);')], 1, sha256),
    /twice/,
  );
  assert.throws(() => makePolicySet([policy('a b', '')], 1, sha256), /no word/);
  assert.throws(() => makePolicySet([policy('long', ' '.repeat(20_001))], 1, sha256), /longer/);
  assert.throws(() => defaultPolicySet([{ party: 'acme', model: 'x"' }], 1, sha256), RangeError);
  assert.throws(() => defaultPolicySet([{ party: 'a_b', model: 'x' }], 1, sha256), RangeError);
  assert.throws(() => defaultPolicySet([{ party: 'acme', model: 'x', sources: [] }], 1, sha256), RangeError);
});
for (const [name, condition, ok] of [
  ['32 brackets', `${'('.repeat(31)}true${')'.repeat(31)}`, true],
  ['33 brackets', `${'('.repeat(32)}true${')'.repeat(32)}`, false],
  ['256 operators', `1${'+1'.repeat(256 - 2)} > 0`, true],
  ['257 operators', `1${'+1'.repeat(257 - 2)} > 0`, false],
  ['64 conditionals', `${'if true then true else '.repeat(64)}true`, true],
  ['65 conditionals', `${'if true then true else '.repeat(65)}true`, false],
  ['brackets and points within texts', `"${'('.repeat(200)}${'.'.repeat(400)}\\"" != ""`, true],
] as const)
  test(`A3.1.3 a policy with ${name} is ${ok ? 'taken' : 'refused'}`, () => {
    // Two more operators stand behind each condition.
    const text = `forbid(principal in Pactgate::Model::"x", action, resource) when { ${condition} && 1 - 1 == 1 - 1 };`;
    const make = (): PolicySet => makePolicySet([policy('p', text)], 1, sha256);
    if (ok) assert.deepEqual(cedarEngine.check(make()), []);
    else assert.throws(make, /policy\/invalid/);
  });
