import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { encodeBase64, encodeUtf8 } from './bytes.ts';
import { formatCheckpoint, openCheckpoint, parseCheckpoint, verifyCheckpoint } from './checkpoint.ts';
import { cosignText, type NoteSigner, signText } from './cosign.ts';
import { webProofCrypto as crypto } from './crypto.ts';
import { formatVkey } from './note/key.ts';
import { formatNote } from './note/note.ts';
import { parsePolicy } from './policy.ts';
import { signerOf } from './testing/keys.ts';

const log = await signerOf('log.example/c1', 1, 1);
const other = await signerOf('log.example/c2', 1, 7);
const witness = await signerOf('b.example/w', 4, 2);
const second = await signerOf('c.example/w', 4, 3);
const root = new Uint8Array(32).fill(9);
const head = { origin: 'log.example/c1', size: 3, root };

const policyOf = (quorum: string): ReturnType<typeof parsePolicy> =>
  parsePolicy(
    crypto,
    `log ${formatVkey(log.key)}\nlog ${formatVkey(other.key)}\nwitness b ${formatVkey(witness.key)}\nwitness c ${formatVkey(second.key)}\ngroup both all b c\nquorum ${quorum}\n`,
  );
const note = async (
  text: string,
  signers: readonly NoteSigner[],
  cosigners: readonly NoteSigner[] = [],
): Promise<Uint8Array> =>
  formatNote({
    text,
    signatures: [
      ...(await Promise.all(signers.map((signer) => signText(text, signer)))),
      ...(await Promise.all(cosigners.map((signer, i) => cosignText(text, signer, 1_700_000_000 + i)))),
    ],
  });

test('tlog-checkpoint: law: a checkpoint written is the checkpoint read', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.uint8Array({ minLength: 32, maxLength: 32 }), (size, bytes) => {
      const value = { origin: 'a.example/logs/x/2026', size, root: Uint8Array.from(bytes) };
      assert.deepEqual(parseCheckpoint(formatCheckpoint(value)), value);
    }),
  );
});

test('traps: checkpoint texts that are none', () => {
  const hash = encodeBase64(root);
  for (const [name, text] of [
    ['no newline', `o\n3\n${hash}`],
    ['two lines', 'o\n3\n'],
    ['empty origin', `\n3\n${hash}\n`],
    ['origin with a space', `o o\n3\n${hash}\n`],
    ['origin with a plus', `o+o\n3\n${hash}\n`],
    ['leading zero', `o\n03\n${hash}\n`],
    ['sign', `o\n+3\n${hash}\n`],
    ['size of 2^53', `o\n9007199254740992\n${hash}\n`],
    ['hexadecimal size', `o\n0x3\n${hash}\n`],
    ['root of 31 bytes', `o\n3\n${encodeBase64(root.subarray(1))}\n`],
    ['root not canonical', `o\n3\n${hash.replace('k=', 'l=')}\n`],
    ['root without padding', `o\n3\n${hash.slice(0, -1)}\n`],
    ['empty extension line', `o\n3\n${hash}\n\n`],
  ] as const) {
    assert.throws(() => parseCheckpoint(text), { code: 'bad-checkpoint' }, name);
  }
  assert.equal(parseCheckpoint(`o\n3\n${hash}\nsomebody's extension\n`).size, 3);
  for (const wrong of [
    { ...head, size: -1 },
    { ...head, size: 0.5 },
    { ...head, origin: 'a b' },
    { ...head, root: root.subarray(1) },
  ]) {
    assert.throws(() => formatCheckpoint(wrong), { code: 'bad-checkpoint' });
  }
});

test('tlog-policy: the quorum decides, and openCheckpoint demands it', async () => {
  const one = await note(formatCheckpoint(head), [log], [witness]);
  const opened = await openCheckpoint(crypto, one, policyOf('b'));
  assert.deepEqual(opened.cosignatures, [{ witness: 'b', time: 1_700_000_000 }]);
  assert.deepEqual(opened.checkpoint, head);
  assert.equal((await verifyCheckpoint(crypto, one, policyOf('both'))).quorum, false);
  await assert.rejects(openCheckpoint(crypto, one, policyOf('both')), { code: 'quorum-not-met' });
  const two = await note(formatCheckpoint(head), [log], [witness, second]);
  assert.equal((await openCheckpoint(crypto, two, policyOf('both'))).quorum, true);
  assert.equal(
    (await openCheckpoint(crypto, await note(formatCheckpoint(head), [log]), policyOf('none'))).quorum,
    true,
  );
});

test('tlog-checkpoint: a log of the policy cannot sign for another, a witness cannot sign for a log', async () => {
  const text = formatCheckpoint(head);
  await assert.rejects(verifyCheckpoint(crypto, await note(text, [other]), policyOf('none')), { code: 'no-signature' });
  await assert.rejects(verifyCheckpoint(crypto, await note(text, [], [witness]), policyOf('b')), {
    code: 'no-signature',
  });
  const unknown = formatCheckpoint({ ...head, origin: 'log.example/c3' });
  await assert.rejects(verifyCheckpoint(crypto, await note(unknown, [log]), policyOf('none')), { code: 'unknown-log' });
});

test('signed-note: one false cosignature of a known witness rejects the checkpoint', async () => {
  const text = formatCheckpoint(head);
  const elsewhere = await cosignText(formatCheckpoint({ ...head, size: 4 }), witness, 1);
  const bytes = formatNote({ text, signatures: [await signText(text, log), elsewhere] });
  await assert.rejects(verifyCheckpoint(crypto, bytes, policyOf('none')), { code: 'bad-signature' });
});

test('tlog-cosignature: of several times of one witness the newest counts', async () => {
  const text = formatCheckpoint(head);
  const lines = [
    await cosignText(text, witness, 50),
    await cosignText(text, witness, 70),
    await cosignText(text, witness, 60),
  ];
  const bytes = formatNote({ text, signatures: [await signText(text, log), ...lines] });
  const { cosignatures } = await verifyCheckpoint(crypto, bytes, policyOf('b'));
  assert.deepEqual(cosignatures, [{ witness: 'b', time: 70 }]);
});

test('traps: a checkpoint that is no note', async () => {
  await assert.rejects(verifyCheckpoint(crypto, encodeUtf8(formatCheckpoint(head)), policyOf('none')), {
    code: 'bad-note',
  });
});
