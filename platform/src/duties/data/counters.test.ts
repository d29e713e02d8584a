import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordBodies } from '@pactgate/protocol';
import { Compile } from 'typebox/compile';
import { type Instant, instant } from '../../kernel/time.ts';
import { compileManifest } from './compile.ts';
import { MessageCounters, maxPathsPerDay } from './counters.ts';
import { MessageWriter } from './message-writer.ts';
import { field, manifestOf } from './testing/sample-manifest.ts';
import { minimise } from './uplink.ts';

const body = Compile(recordBodies['msg.validate']);
const start = instant('2026-11-22T23:55Z');
const end = instant('2026-11-23T00:00Z');
const channel = compileManifest(
  manifestOf([field('/n', 'integer'), field('/s', 'string', { class: 'sensitive' })]),
).channels.get('env');
const out = new MessageWriter();
const counted = (counters: MessageCounters, payload: object, at: Instant = start): void => {
  assert.ok(channel);
  assert.equal(minimise(channel, new TextEncoder().encode(JSON.stringify(payload)), out), undefined);
  counters.of('agr-1', 'pump-2').message(out, at);
};

test('B2.4.1 a window counts messages, fields and paths, and starts afresh', () => {
  const counters = new MessageCounters(start);
  counted(counters, { n: 1 });
  counted(counters, { n: 'x', imei: 1, mac: 2 });
  counted(counters, { n: 1, imei: 1, s: 'secret' });
  const [record, ...others] = counters.flush(end);
  assert.deepEqual(others, []);
  assert.deepEqual(record, {
    agreement: 'agr-1',
    n: 3,
    body: {
      model: 'pump-2',
      from: start,
      to: end,
      messages: 3,
      withUndeclared: 2,
      mistyped: 1,
      storedUndeclared: 0,
      sealed: 1,
      undeclared: [
        { path: 'env/imei', count: 2 },
        { path: 'env/mac', count: 1 },
      ],
    },
  });
  assert.ok(body.Check(record?.body));
  assert.deepEqual(counters.flush(end), []);
});
test('B2.4.1 models of two agreements are counted apart', () => {
  const counters = new MessageCounters(start);
  counters.of('agr-1', 'm').foreign(1);
  counters.of('agr-2', 'm').foreign(2);
  assert.deepEqual(
    counters.flush(end).map(({ agreement, body: { storedUndeclared } }) => [agreement, storedUndeclared]),
    [
      ['agr-1', 1],
      ['agr-2', 2],
    ],
  );
});
test('B2.4.1 the 64th path of a day is named, the 65th is other; the next day names again', () => {
  const counters = new MessageCounters(start);
  for (let i = 0; i < maxPathsPerDay + 1; i++) counted(counters, { n: 1, [`x${i}`]: 1 });
  const first = counters.flush(end)[0]?.body;
  assert.ok(body.Check(first));
  assert.equal(first.undeclared.length, maxPathsPerDay + 1);
  assert.ok(first.undeclared.some(({ path }) => path === 'env/x63'));
  assert.deepEqual(
    first.undeclared.filter(({ path }) => path === 'other'),
    [{ path: 'other', count: 1 }],
  );
  counted(counters, { n: 1, late: 1 });
  assert.deepEqual(counters.flush(end)[0]?.body.undeclared, [{ path: 'other', count: 1 }]);
  counted(counters, { n: 1, fresh: 1 }, end);
  assert.deepEqual(counters.flush(end)[0]?.body.undeclared, [{ path: 'env/fresh', count: 1 }]);
});
test('B2.4.1 a window over midnight still fits its record', () => {
  const counters = new MessageCounters(start);
  for (const at of [start, end])
    for (let i = 0; i < 64; i++) counted(counters, { [`d${at}_${i}`.slice(-9)]: 1, n: 1 }, at);
  const only = counters.flush(end)[0]?.body;
  assert.ok(body.Check(only));
  assert.equal(
    only.undeclared.reduce((sum, { count }) => sum + count, 0),
    128,
  );
});
