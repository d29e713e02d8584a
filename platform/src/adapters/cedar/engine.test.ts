import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IsolationLevel } from '@pactgate/protocol';
import * as fc from 'fast-check';
import {
  type AccessAction,
  type AccessRequest,
  accessActions,
  makePolicySet,
  type Policy,
  type PolicySet,
} from '../../duties/access/index.ts';
import { device, link, sha256, standardSet } from '../../duties/access/testing/sample.ts';
import { CedarEngine } from './engine.ts';

const cedarEngine = new CedarEngine();

const policy = (id: string, text: string): Policy => ({ id, text, cause: { zh: id, en: id } });
const permit = policy('all-acme', 'permit(principal in Pactgate::Party::"acme", action, resource);');
const setOf = (...policies: readonly Policy[]): PolicySet => makePolicySet(policies, 1, sha256);
const request = (over: Partial<AccessRequest> = {}): AccessRequest => ({
  device: device(),
  action: 'publish',
  resource: { id: 'up/telemetry/env', owner: 'acme', kind: 'ordinary', dataClass: 1 },
  link: link(),
  ...over,
});
const lifeline = { id: 'up/version', owner: 'acme', kind: 'lifeline', dataClass: 1 } as const;

const cases: readonly { name: string; request: AccessRequest; want: readonly string[] | true }[] = [
  { name: 'an active device on its own topic', request: request(), want: true },
  {
    name: 'a device that is not active',
    request: request({ device: device({ state: 'suspended' }) }),
    want: ['device-active'],
  },
  { name: 'level 2', request: request({ device: device({ isolation: 2 }) }), want: true },
  {
    name: 'level 3 beyond the lifeline',
    request: request({ device: device({ isolation: 3 }) }),
    want: ['isolation-level'],
  },
  {
    name: 'level 3 on the lifeline',
    request: request({ device: device({ isolation: 3 }), resource: lifeline }),
    want: true,
  },
  {
    name: 'level 4 on the lifeline',
    request: request({ device: device({ isolation: 4 }), resource: lifeline }),
    want: ['isolation-level'],
  },
  {
    name: 'a resource of another party',
    request: request({ resource: { ...lifeline, owner: 'other' } }),
    want: ['own-party'],
  },
  { name: 'another model', request: request({ device: device({ model: 'acme/pump-3' }) }), want: [] },
  {
    name: 'another party of the same model name',
    request: request({
      device: device({ party: 'other', model: 'other/pump-2' }),
      resource: { ...lifeline, owner: 'other' },
    }),
    want: [],
  },
  { name: 'an unknown source', request: request({ link: link({ source: 'unknown' }) }), want: [] },
  { name: 'risk band 2', request: request({ device: device({ riskBand: 2 }) }), want: true },
  { name: 'risk band 3', request: request({ device: device({ riskBand: 3 }) }), want: [] },
  {
    name: 'risk band 3 on the lifeline',
    request: request({ device: device({ riskBand: 3 }), resource: lifeline }),
    want: true,
  },
  { name: 'TLS 1.2', request: request({ link: link({ channel: 1 }) }), want: true },
  { name: 'a deprecated channel', request: request({ link: link({ channel: 0 }) }), want: ['channel-deprecated'] },
  { name: 'an action nobody permits', request: request({ action: 'command' }), want: [] },
];
for (const { name, request: asked, want } of cases)
  test(`B2.2.6 default policies: ${name} is ${want === true ? 'permitted' : 'denied'}`, () => {
    const answer = cedarEngine.decide(standardSet, asked);
    assert.deepEqual(answer.errors, []);
    assert.deepEqual([answer.allow, answer.policies], want === true ? [true, ['acme_pump-2']] : [false, want]);
  });

test('A3.1.3 a forbid that reads a missing attribute would be skipped by Cedar: an error is a denial by us', () => {
  const set = setOf(
    permit,
    policy('by-address', 'forbid(principal, action, resource) when { context.ip.isLoopback() };'),
  );
  const answer = cedarEngine.decide(set, request());
  assert.equal(answer.allow, false);
  assert.match(answer.errors.join(' '), /by-address.*attribute `ip`/);
  assert.equal(cedarEngine.decide(set, request({ link: link({ ip: '192.0.2.1' }) })).allow, true);
  assert.equal(cedarEngine.decide(set, request({ link: link({ ip: '127.0.0.1' }) })).allow, false);
  assert.equal(cedarEngine.decide(set, request({ link: link({ ip: 'no address' }) })).allow, false);
});
test('A3.1.3 what does not parse is a denial with an error, and the engine works on', () => {
  const broken = setOf(permit, policy('broken', 'permit(principal'));
  const answer = cedarEngine.decide(broken, request());
  assert.equal(answer.allow, false);
  assert.notDeepEqual(answer.errors, []);
  assert.notDeepEqual(cedarEngine.prepare(broken), []);
  const fraction = cedarEngine.decide(standardSet, request({ device: device({ riskBand: 0.5 }) }));
  assert.equal(fraction.allow, false);
  assert.notDeepEqual(fraction.errors, []);
  assert.equal(cedarEngine.decide(standardSet, request()).allow, true);
});
test('A3.1.3 a policy nested beyond any stack is refused, and the engine works on', () => {
  const shapes = [
    `${'('.repeat(2_000)}true${')'.repeat(2_000)}`,
    `1${'*1'.repeat(4_000)} > 0`,
    `${'{a:'.repeat(3_000)}1`,
  ];
  for (const shape of shapes) {
    const text = `permit(principal in Pactgate::Party::"acme", action, resource) when { ${shape} };`;
    assert.throws(() => setOf(policy('deep', text)), /policy\/invalid/);
    const deep = { ...standardSet, digest: shape.slice(0, 8), policies: [policy('deep', text)] };
    assert.notDeepEqual(cedarEngine.check(deep), []);
    assert.equal(cedarEngine.decide(deep, request()).allow, false);
    assert.equal(cedarEngine.decide(standardSet, request()).allow, true);
  }
});

const publication: readonly { name: string; text: string; fault?: RegExp }[] = [
  { name: 'bound to a model', text: 'permit(principal in Pactgate::Model::"acme/pump-2", action, resource);' },
  { name: 'bound to one device', text: 'permit(principal == Pactgate::Device::"dev-1", action, resource);' },
  {
    name: 'bound to a type within a party',
    text: 'permit(principal is Pactgate::Device in Pactgate::Party::"acme", action, resource);',
  },
  { name: 'for everybody', text: 'permit(principal, action, resource);', fault: /every principal/ },
  {
    name: 'for everybody, with a comment',
    text: 'permit( // in ==\n principal, action, resource);',
    fault: /every principal/,
  },
  {
    name: 'for every device',
    text: 'permit(principal is Pactgate::Device, action, resource);',
    fault: /every principal/,
  },
  { name: 'a forbid for everybody', text: 'forbid(principal, action, resource) when { principal.riskBand > 2 };' },
  {
    name: 'of an unknown attribute',
    text: 'forbid(principal, action, resource) when { principal.colour > 2 };',
    fault: /colour/,
  },
  {
    name: 'of an optional attribute without a test',
    text: 'forbid(principal, action, resource) when { context.ip.isLoopback() };',
    fault: /optional attribute/,
  },
  {
    name: 'of an optional attribute with a test',
    text: 'forbid(principal, action, resource) when { context has ip && context.ip.isLoopback() };',
  },
  {
    name: 'of an unknown action',
    text: 'forbid(principal, action == Pactgate::Action::"fly", resource);',
    fault: /fly/,
  },
  { name: 'of mixed types', text: 'forbid(principal, action, resource) when { principal.state > 2 };', fault: /./ },
  { name: 'that is no policy', text: 'permit everything', fault: /./ },
  {
    name: 'that is two policies',
    text: 'forbid(principal, action, resource); forbid(principal, action, resource);',
    fault: /./,
  },
  { name: 'that is a template', text: 'permit(principal == ?principal, action, resource);', fault: /./ },
];
for (const { name, text, fault } of publication)
  test(`A3.1.3 strict validation: a policy ${name} is ${fault === undefined ? 'accepted' : 'refused'}`, () => {
    const faults = cedarEngine.check(setOf(policy('mine', text)));
    if (fault === undefined) assert.deepEqual(faults, []);
    else assert.match(faults.map(({ policy: id, fault: why }) => `${id} ${why}`).join('\n'), fault);
  });

test('A3.1.3 more sets than prepared names: each still decides by its own policies', () => {
  const sets = Array.from({ length: 20 }, (_, i) =>
    setOf(policy(`only-${i}`, `permit(principal in Pactgate::Model::"acme/m${i}", action, resource);`)),
  );
  for (const i of [...sets.keys(), 0, 17, 1, 19]) {
    const set = sets[i];
    assert.ok(set);
    assert.deepEqual(cedarEngine.decide(set, request({ device: device({ model: `acme/m${i}` }) })).policies, [
      `only-${i}`,
    ]);
    assert.equal(cedarEngine.decide(set, request({ device: device({ model: `acme/m${i + 1}` }) })).allow, false);
  }
});

const level = fc.constantFrom<IsolationLevel>(0, 1, 2, 3, 4, 5);
const anyRequest = fc.record({
  device: fc.record({
    device: fc.constant('*'),
    party: fc.constantFrom('acme', 'other'),
    model: fc.constantFrom('acme/pump-2', 'acme/pump-3'),
    groups: fc.constantFrom([], ['north']),
    state: fc.constantFrom('active', 'suspended', 'retired'),
    isolation: level,
    riskBand: fc.nat(3),
    keyLevel: fc.nat(2),
    attestTier: fc.nat(3),
    attestFresh: fc.boolean(),
    firmwareOk: fc.boolean(),
  }),
  action: fc.constantFrom<AccessAction>(...accessActions),
  resource: fc.record({
    id: fc.constant('*'),
    owner: fc.constantFrom('acme', 'other'),
    kind: fc.constantFrom('lifeline' as const, 'ordinary' as const),
    dataClass: fc.nat(3),
  }),
  link: fc.record({
    channel: fc.nat(3),
    pqc: fc.boolean(),
    source: fc.constantFrom('public', 'private', 'unknown'),
    protocol: fc.constantFrom('mqtt5', 'mqtt3.1.1'),
  }),
});
test('law: whatever a set permits, the mandatory rules hold, and the ladder is monotone', () => {
  const generous = setOf(
    permit,
    policy('all-other', 'permit(principal in Pactgate::Party::"other", action, resource);'),
  );
  fc.assert(
    fc.property(anyRequest, (asked) => {
      const answer = cedarEngine.decide(generous, asked);
      assert.deepEqual(answer.errors, []);
      const { isolation, state, party } = asked.device;
      const may = isolation < 3 || (isolation === 3 && asked.resource.kind === 'lifeline');
      const want = may && state === 'active' && asked.resource.owner === party && asked.link.channel > 0;
      assert.equal(answer.allow, want);
      if (!answer.allow || isolation === 0) return;
      const lower = { ...asked.device, isolation: (isolation - 1) as typeof isolation };
      assert.equal(cedarEngine.decide(generous, { ...asked, device: lower }).allow, true);
    }),
    { numRuns: 60 },
  );
});
test('law: never allow with errors', () => {
  const condition = fc.constantFrom(
    'context.ip.isLoopback()',
    'principal.riskBand > 1',
    'true',
    'resource.dataClass < 9',
  );
  const effect = fc.constantFrom('permit', 'forbid');
  fc.assert(
    fc.property(fc.array(fc.tuple(effect, condition), { maxLength: 4 }), anyRequest, (rules, asked) => {
      const own = rules.map(([kind, when], i) =>
        policy(`p${i}`, `${kind}(principal in Pactgate::Party::"acme", action, resource) when { ${when} };`),
      );
      const answer = cedarEngine.decide(setOf(...own), asked);
      assert.ok(!answer.allow || answer.errors.length === 0);
    }),
    { numRuns: 15 },
  );
});
