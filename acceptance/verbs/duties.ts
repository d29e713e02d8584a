import assert from 'node:assert/strict';
import {
  agreedPolicy,
  encodeHex,
  encodeUtf8,
  formatAnchors,
  isJsonObject,
  makeEvaluator,
  parseAnchors,
  parseCanonical,
  parsePublicJwk,
  sha256,
  verifyBundle,
} from '@pactgate/proof';
import { until } from '../../tools/live/process.ts';
import type { Stage } from '../stage/stage.ts';
import { type Verb, verb } from './verb.ts';

const patience = 60_000;

/** Waits until a row of the board has a status; its reasons stand in the error when it does not come. */
async function dutyIs(stage: Stage, row: string, status: string): Promise<void> {
  const params = { agreement: stage.party.agreement };
  const read = async () => {
    const { rows } = await stage.party.client.call('board', { params });
    return rows.find((one) => one.row === row);
  };
  const found = await until(
    async () => {
      // The witness of a party runs all the time; here it looks whenever somebody looks at the board.
      await stage.party.witness();
      const now = await read();
      return now?.status === status ? now : undefined;
    },
    { within: patience, every: 1_000 },
  );
  if (found !== undefined) return;
  const now = await read();
  assert.fail(`${row} is ${now?.status ?? 'absent'}, not ${status}: ${now?.why.map(({ en }) => en).join('; ') ?? ''}`);
}

/** The party's trust anchors, from the document it signed and its own key. */
async function anchorsOf(stage: Stage): Promise<ReturnType<typeof parseAnchors>> {
  const { party } = stage;
  const bytes = await party.client.call('agreementDocument', { params: { agreement: party.agreement } });
  const document = parseCanonical(bytes);
  const anchors = isJsonObject(document) ? document['anchors'] : undefined;
  assert.ok(anchors !== undefined && isJsonObject(anchors));
  const logs = Array.isArray(anchors['logs']) ? anchors['logs'].filter((line) => typeof line === 'string') : [];
  const { witness } = anchors;
  const text = formatAnchors(
    { sha256 },
    {
      v: 1,
      agreement: party.agreement,
      editionDigest: encodeHex(sha256(bytes)),
      platformKey: parsePublicJwk(anchors['signingKey']),
      rootSha256: stage.theatre.platform.rootSha256,
      partyKey: party.jwk,
      policy: agreedPolicy({ sha256 }, { logs, ...(typeof witness === 'string' ? { witness } : {}) }),
    },
  );
  return parseAnchors({ sha256 }, encodeUtf8(text));
}

async function verdictOf(stage: Stage, bytes: Uint8Array): Promise<string> {
  const verdict = await verifyBundle(bytes, await anchorsOf(stage), { now: Date.now(), evaluator: makeEvaluator() });
  const faults = verdict.findings.flatMap((finding) => (finding.ok ? [] : [finding.text.en]));
  return verdict.exitCode === 0 ? 'valid' : `exit ${verdict.exitCode}: ${faults.slice(0, 4).join('; ')}`;
}

/** Where the duties stand, and whether the evidence bears it out. */
export const duties: readonly Verb[] = [
  verb('expect duty <row> <status>', (stage, word) => dutyIs(stage, word('row'), word('status'))),
  verb('expect breach <code>', async (stage, word) => {
    const params = { agreement: stage.party.agreement };
    const found = await until(
      async () => {
        const { items } = await stage.party.client.call('breaches', { params, query: {} });
        return items.find(({ code }) => code === word('code'));
      },
      { within: patience, every: 500 },
    );
    assert.ok(found, `no breach ${word('code')}`);
    assert.ok(found.observed.zh !== '' && found.observed.en !== '', 'it does not say what was observed');
  }),
  verb('expect the evidence to verify', async (stage) => {
    assert.ok(stage.bundle, 'nothing was exported');
    assert.equal(await verdictOf(stage, stage.bundle), 'valid');
  }),
  verb('expect the evidence not to verify with one byte changed', async (stage) => {
    const { bundle } = stage;
    assert.ok(bundle, 'nothing was exported');
    for (const share of [0.1, 0.4, 0.7, 0.95]) {
      const changed = Uint8Array.from(bundle);
      const at = Math.floor(changed.length * share);
      changed[at] = (changed[at] ?? 0) ^ 0x01;
      assert.notEqual(await verdictOf(stage, changed), 'valid', `byte ${at} of ${changed.length}`);
    }
  }),
];
