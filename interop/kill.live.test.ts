import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killRounds } from './faults/kill.ts';

const rounds = Number(process.env['PACTGATE_KILL_ROUNDS'] ?? 5);

test(`A3.4.1 kill -9 under full load loses no acknowledged message and no operation (${rounds} rounds)`, async () => {
  const tally = await killRounds({ rounds, seed: `npm test ${Date.now()}`, killStartEvery: 5 });
  assert.deepEqual(tally.losses, []);
  assert.ok(tally.messages >= rounds * 40 && tally.operations >= rounds * 3, JSON.stringify(tally));
  assert.ok(tally.entries > 0);
});
