import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from './run.ts';
import { targets } from './targets.ts';

/** The short form of `npm run fuzz`: 20 s over all parsers, another seed each day. */
const names = Object.keys(targets);
const seconds = 20 / names.length;
const seed = Math.floor(Date.now() / 86_400_000) * 1_000_000;

for (const [name, target] of Object.entries(targets))
  test(`bad input: ${target.what}: no crash (${name}, from seed ${seed})`, async () => {
    const { inputs, crashes } = await fuzz(target, { seconds, seed });
    assert.deepEqual(crashes, []);
    assert.ok(inputs > 50, `${inputs} inputs`);
  });

test('a parser that throws what it should not, or takes too long, is seen', async () => {
  const faulty = { what: 'planted', prepare: () => Promise.resolve((at: number) => assert.notEqual(at, 7)) };
  const { crashes } = await fuzz(faulty, { seconds: 0, seed: 0 });
  assert.equal(crashes.length, 1);
  assert.match(crashes[0] ?? '', /^seed 7: /);
});
