import assert from 'node:assert/strict';
import { test } from 'node:test';
import { droppedOf } from './dropped.ts';

type Records = Parameters<typeof droppedOf>[0];
const summary = (model: string, from: number, undeclared: readonly object[]): object => ({
  model,
  from,
  to: from + 10,
  messages: 9,
  withUndeclared: undeclared.length,
  mistyped: 0,
  storedUndeclared: 0,
  sealed: 0,
  undeclared,
});
const records = (...bodies: readonly (object | undefined)[]): Records =>
  bodies.map((body, index) => ({
    origin: 'o',
    index,
    leaf: {},
    erased: body === undefined,
    ...(body && { body: { ...body } }),
  }));

test('B2.4.3 what was dropped is added up by field, of one model alone, since its oldest summary', () => {
  const found = droppedOf(
    records(
      summary('pump', 30, [{ path: '/a', count: 1 }]),
      summary('pump', 20, [
        { path: '/b', count: 5 },
        { path: '/a', count: 2 },
      ]),
      summary('door', 10, [{ path: '/c', count: 7 }]),
    ),
    'pump',
  );
  assert.deepEqual(found, {
    count: 8,
    since: 20,
    fields: [
      { path: '/b', count: 5 },
      { path: '/a', count: 3 },
    ],
  });
});

test('nothing dropped, withheld bodies and bodies of another shape say nothing', () => {
  assert.equal(
    droppedOf(records(summary('pump', 1, []), undefined, { model: 'pump', undeclared: 'x' }), 'pump'),
    undefined,
  );
});
