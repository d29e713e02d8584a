import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encodeBase64Url,
  formatTlogProof,
  formatVkey,
  keyTypes,
  type ProofCrypto,
  proveInclusion,
  VerifiedLog,
  webProofCrypto,
} from '@pactgate/proof';
import { signerOf } from '../../../../proof/testing/keys.ts';
import { checkpointOf, hasher, makeLog, makeRecord } from '../../../../proof/testing/log.ts';
import {
  conclude,
  type Served,
  type Step,
  type Trust,
  trustDocument,
  trustFile,
  trustVkey,
  verifyRecord,
} from './verify.ts';

const origin = 'iot.example/logs/acme/2026';
const at = 5;

/** A log of twelve records, and record 5 as the platform would serve it. */
async function world() {
  const log = await signerOf(origin, keyTypes.ed25519, 1);
  const witness = await signerOf('acme.example/witness', keyTypes.cosignature, 2);
  const records = Array.from({ length: 12 }, (_, i) => makeRecord(i, { device: `d-${i}` }));
  const made = makeLog(records.map(({ entry }) => entry));
  const reader = new VerifiedLog(hasher, made.reader, { size: made.entries.length, root: made.root });
  const path = await proveInclusion(hasher, reader, { index: at, size: made.entries.length });
  const checkpoint = await checkpointOf(made, log, { signer: witness, time: 1_770_000_000 });
  const record = records[at];
  if (!record) throw new Error('no record');
  const { leaf, opening } = record;
  const served: Served = {
    index: at,
    leaf: { ...leaf },
    body: opening.body,
    salt: encodeBase64Url(opening.salt),
    proof: formatTlogProof({ index: at, path, checkpoint }),
    origin,
    vkey: formatVkey(log.key),
  };
  const trust: Trust = { logs: [log.key], witnesses: [witness.key] };
  return { served, trust, log, witness, made };
}

const stateOf = (steps: readonly Step[], name: Step['name']): string | undefined =>
  steps.find((each) => each.name === name)?.state;

test('A3.4.6 a record that is in the log holds, step by step', async () => {
  const { served, trust } = await world();
  const steps = await verifyRecord(webProofCrypto, served, trust);
  assert.deepEqual(
    steps.map(({ name, state }) => `${name} ${state}`),
    [
      'key holds',
      'proof holds',
      'signature holds',
      'cosignature holds',
      'inclusion holds',
      'body holds',
      'disclosures holds',
    ],
  );
  assert.equal(conclude(steps), 'holds');
});

test('A3.4.6 without a witness key it holds only as far as it was checked', async () => {
  const { served } = await world();
  const steps = await verifyRecord(webProofCrypto, served, trustVkey(webProofCrypto, served.vkey));
  assert.equal(stateOf(steps, 'cosignature'), 'open');
  assert.equal(conclude(steps), 'open');
});

test('A3.4.6 a checkpoint that is not cosigned yet is open, not false', async () => {
  const { served, trust, log, made } = await world();
  const bare = await checkpointOf(made, log);
  const [head = ''] = served.proof.split('\n\n');
  const proof = `${head}\n\n${new TextDecoder().decode(bare)}`;
  const steps = await verifyRecord(webProofCrypto, { ...served, proof }, trust);
  assert.equal(steps.find(({ name }) => name === 'cosignature')?.says, 'notYet');
  assert.equal(conclude(steps), 'open');
});

test('A3.4.6 a body that is withheld leaves the leaf checked and says so', async () => {
  const { served, trust } = await world();
  const { body: _, salt: __, ...rest } = served;
  const steps = await verifyRecord(webProofCrypto, rest, trust);
  assert.equal(stateOf(steps, 'inclusion'), 'holds');
  assert.equal(stateOf(steps, 'body'), 'open');
});

const lies: readonly {
  readonly name: string;
  readonly step: Step['name'];
  readonly tell: (served: Served) => Served;
}[] = [
  { name: 'a body changed by one letter', step: 'body', tell: (s) => ({ ...s, body: { device: 'd-6' } }) },
  { name: 'another outcome in the leaf', step: 'inclusion', tell: (s) => ({ ...s, leaf: { ...s.leaf, o: 'allow' } }) },
  { name: 'a leaf with another member', step: 'inclusion', tell: (s) => ({ ...s, leaf: { ...s.leaf, k: 'NO' } }) },
  { name: 'the proof of another record', step: 'proof', tell: (s) => ({ ...s, index: at + 1 }) },
  {
    name: 'another root under the same signature',
    step: 'signature',
    tell: (s) => ({
      ...s,
      proof: s.proof.replace(/^12\n[A-Za-z0-9+/]/m, (line) => `12\n${line.endsWith('A') ? 'B' : 'A'}`),
    }),
  },
  { name: 'a proof cut short', step: 'proof', tell: (s) => ({ ...s, proof: s.proof.slice(0, 40) }) },
  { name: 'another log', step: 'key', tell: (s) => ({ ...s, origin: 'iot.example/logs/other/2026' }) },
];
for (const { name, step, tell } of lies)
  test(`A3.4.6 found: ${name}`, async () => {
    const { served, trust } = await world();
    const steps = await verifyRecord(webProofCrypto, tell(served), trust);
    assert.equal(stateOf(steps, step), 'fails');
    assert.equal(conclude(steps), 'fails');
  });

test('A3.4.6 found: the platform shows another key than the one trusted', async () => {
  const { served, trust } = await world();
  const other = await signerOf(origin, keyTypes.ed25519, 9);
  const steps = await verifyRecord(webProofCrypto, { ...served, vkey: formatVkey(other.key) }, trust);
  assert.equal(steps[0]?.says, 'keyDiffers');
  assert.equal(conclude(steps), 'fails');
});

test('a browser that cannot check a signature never says that it holds', async () => {
  const { served, trust } = await world();
  const broken: ProofCrypto = { ...webProofCrypto, verifyEd25519: () => Promise.reject(new Error('no Ed25519 here')) };
  const steps = await verifyRecord(broken, served, trust);
  assert.equal(stateOf(steps, 'signature'), 'open');
  assert.equal(conclude(steps), 'open');
});

test('trust from a signed agreement and from a policy file name the same keys', async () => {
  const { served, trust, witness } = await world();
  const vkey = formatVkey(witness.key);
  const document = { anchors: { logs: [served.vkey], witness: vkey } };
  assert.deepEqual(trustDocument(webProofCrypto, document), trust);
  const policy = `log ${served.vkey}\nwitness party ${vkey}\nquorum party\n`;
  assert.deepEqual(trustFile(webProofCrypto, new TextEncoder().encode(policy)), trust);
  assert.equal(trustDocument(webProofCrypto, { anchors: 3 }), undefined);
  assert.throws(() => trustFile(webProofCrypto, new TextEncoder().encode('quorum nobody\n')));
});
