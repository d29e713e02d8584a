import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AccessRequest,
  type DecisionSample,
  defaultPolicySet,
  type Link,
  PermitCounters,
  type PolicyAnswer,
  type PolicyEngine,
  TableCompiler,
} from '../duties/access/index.ts';
import { instant } from '../kernel/time.ts';
import { replaySlice, replaySlowly, sampleTables, timeLookups } from './collect-decisions.ts';

const now = instant('2026-03-02T08:00:00Z');
const set = defaultPolicySet([{ party: 'acme', model: 'pump-2' }], 1, () => new Uint8Array(32));
const link: Link = { channel: 3, pqc: true, source: 'loopback', protocol: 'mqtt' };
const device = {
  device: 'pump-1',
  party: 'acme',
  model: 'acme/pump-2',
  groups: [],
  state: 'active',
  isolation: 0,
  riskBand: 0,
  keyLevel: 0,
  attestTier: 0,
  attestFresh: false,
  firmwareOk: true,
} as const;
/** Permits what is no telemetry: a policy language of one rule. */
const decide = (request: AccessRequest): PolicyAnswer => ({
  allow: !request.resource.id.startsWith('up/telemetry'),
  policies: ['rule'],
  errors: [],
});
const engine: PolicyEngine = { check: () => [], prepare: () => [], decide: (_, request) => decide(request) };
const compiler = new TableCompiler(engine, () => 0);
const { table } = compiler.compileTable(
  { device, link, channels: [{ name: 'env', grade: 1 }] },
  { ...set, namesResource: true },
);

test('A3.1.3 samples of tables are decisions in force, permits and denials, at most as many as wanted', () => {
  const samples = sampleTables([table, table], 1_000);
  const topics = new Set(samples.map(({ request }) => request.resource.id));
  assert.ok(topics.has('up/version') && topics.has('up/telemetry/env') && topics.has('up/event/{severity}'));
  assert.equal(samples.length % 2, 0, 'each session stands for its own decisions');
  assert.ok(samples.every(({ request, allow }) => allow === decide(request).allow));
  assert.equal(samples.find(({ request }) => request.resource.id === 'up/telemetry/env')?.allow, false);
  assert.equal(sampleTables([table], 3).length, 3);
  assert.deepEqual(sampleTables([table], 0), []);
});

test('A3.1.3 a replay runs in slices and finds the one decision that comes out otherwise', async () => {
  const samples = sampleTables([table, table, table], 20);
  const changed: readonly DecisionSample[] = samples.map((sample, i) =>
    i === 11 ? { ...sample, allow: !sample.allow } : sample,
  );
  let turns = 0;
  const replayed = (list: readonly DecisionSample[]): ReturnType<typeof replaySlowly> =>
    replaySlowly(list, { setOf: () => set, decide: (_, request) => decide(request) }, async () => void turns++);
  assert.deepEqual(await replayed(samples), { samples: 20, equal: 20, diverged: [] });
  assert.equal(turns, Math.ceil(20 / replaySlice));
  const found = await replayed(changed);
  assert.deepEqual([found.samples, found.equal, found.diverged.length], [20, 19, 1]);
});

test('A3.1.3 a decision whose policy set is gone cannot be repeated', async () => {
  const body = await replaySlowly(
    sampleTables([table], 2),
    { setOf: () => undefined, decide: (_, r) => decide(r) },
    () => Promise.resolve(),
  );
  assert.deepEqual([body.samples, body.equal], [2, 0]);
});

test('A3.1.3 lookups of live sessions are timed in the record of their agreement', () => {
  const permits = new PermitCounters(now, () => 10);
  const slot = permits.open('ag-1', set, 'd_1');
  let clock = 0;
  timeLookups(
    [
      { table, slot },
      { table, slot },
    ],
    permits,
    () => (clock += 6),
  );
  slot.count++;
  const [record] = permits.flush(now);
  assert.deepEqual([record?.body.timed, record?.body.within], [2, 2]);
});
