import assert from 'node:assert/strict';
import { until } from '../../tools/live/process.ts';
import { findRecord, proveRecord } from '../stage/proofs.ts';
import type { Stage } from '../stage/stage.ts';
import { pairsOf, type Verb, verb } from './verb.ts';

/** Telemetry of a device as B's administrator sees it. */
async function storedOf(stage: Stage, device: string, channel: string): Promise<string> {
  const params = { agreement: stage.party.agreement, device };
  const { items } = await stage.party.client.call('telemetry', { params, query: { channel } });
  return JSON.stringify(items.map(({ values }) => values));
}

/** What is seen of it: by the device, by the other party, in the ledger. */
export const expectations: readonly Verb[] = [
  verb('expect <device> accepted', async (stage, word) => {
    const { last } = stage.device(word('device'));
    assert.ok(last.accepted, `${word('device')} saw: ${last.words}`);
  }),
  verb('expect <device> turned away', async (stage, word) => {
    const { last } = stage.device(word('device'));
    assert.ok(!last.accepted && last.closed, `${word('device')} saw: ${last.words}`);
  }),
  verb('expect <device> refused <code>', async (stage, word) => {
    const { last } = stage.device(word('device'));
    assert.ok(!last.accepted, `${word('device')} saw: ${last.words}`);
    assert.equal(last.code, word('code'), `${word('device')} saw: ${last.words}`);
  }),
  verb('expect <device> denied', async (stage, word) => {
    const { last } = stage.device(word('device'));
    assert.ok(!last.accepted && last.words !== 'no answer', `${word('device')} saw: ${last.words}`);
  }),
  verb('expect done', async (stage) => assert.equal(stage.lastCode, '', `refused: ${stage.lastCode}`)),
  verb('expect not done: <code>', async (stage, word) => assert.equal(stage.lastCode, word('code'))),
  verb('expect ledger <kind>[ <members...>]', async (stage, word) => {
    await findRecord(stage, 'agreement', word('kind'), pairsOf(word('members')));
  }),
  verb('expect platform ledger <kind>[ <members...>]', async (stage, word) => {
    await findRecord(stage, 'platform', word('kind'), pairsOf(word('members')));
  }),
  verb('expect stored of <device> on <channel> has <text...>', async (stage, word) => {
    const stored = await storedOf(stage, word('device'), word('channel'));
    assert.ok(stored.includes(word('text')), stored.slice(0, 300));
  }),
  verb('expect stored of <device> on <channel> lacks <text...>', async (stage, word) => {
    const stored = await storedOf(stage, word('device'), word('channel'));
    assert.ok(stored.length > 2 && !stored.includes(word('text')), stored.slice(0, 300));
  }),
  verb('expect page of <device> explains <code>', async (stage, word) => {
    const params = { agreement: stage.party.agreement, device: word('device') };
    const refusal = await until(
      async () => {
        const { items } = await stage.party.client.call('refusals', { params, query: {} });
        return items.find(({ code }) => code === word('code'));
      },
      { within: 5_000 },
    );
    assert.ok(refusal, `no refusal ${word('code')} on the page`);
    for (const texts of [refusal.title, refusal.cause, refusal.next])
      assert.ok(texts.zh !== '' && texts.en !== '', 'a text is missing');
  }),
  verb('expect proof of <kind>[ in the <log> log][ with <members...>]', (stage, word) => {
    const log = word('log');
    const which = log === 'platform' || log === 'master' ? log : 'agreement';
    return proveRecord(stage, which, word('kind'), pairsOf(word('members')));
  }),
];
