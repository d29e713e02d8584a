import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeBase64, encodeBase64, encodeUtf8 } from '../bytes.ts';
import { formatCheckpoint } from '../checkpoint.ts';
import { cosignText, parseCosignature, signText } from '../cosign.ts';
import { webProofCrypto as crypto } from '../crypto.ts';
import { treeHasher } from '../merkle/hasher.ts';
import { rootOfLeaves } from '../merkle/tree.ts';
import { signerOf } from '../testing/keys.ts';
import { formatVkey, isKeyName, parseVkey } from './key.ts';
import { addSignatures, formatNote, maxSignatures, type NoteSignature, parseNote, parseSignatureLine } from './note.ts';
import { verifyNote, verifySignature } from './verify.ts';

const log = await signerOf('log.example/c1', 1, 1);
const witness = await signerOf('b.example/w', 4, 2);
const stranger = await signerOf('log.example/c1', 1, 3);
const vector = `log.example/c1
3
NmQuc8JUCrEh46a/lUWwokmCzYMOsT080Z3jzmwCHsE=

— log.example/c1 swGZgG+j2b5SewDly8uqzMfXZZrQ6zReyfXvwvPl5R3u3jRUJbpgXqXgbqSAw9dhHW2etgedM9oSER/NtA7Ow3VhFQs=
— b.example/w hhozCgAAAABlU/EAeA7Z/jR34VJQYP/EVgY3Kbqlgub+cFoe3YmgROOZESMqqi0sJKz10DL615cnHfQuwrFFH+adH/zQ66ul+MvMAg==
`;

test('C2SP signed-note, tlog-checkpoint, tlog-cosignature: the vector of the design, byte for byte', async () => {
  const hasher = treeHasher(crypto);
  const root = rootOfLeaves(
    hasher,
    ['a', 'b', 'c'].map((entry) => hasher.leaf(encodeUtf8(entry))),
  );
  const text = formatCheckpoint({ origin: 'log.example/c1', size: 3, root });
  const signatures = [await signText(text, log), await cosignText(text, witness, 1_700_000_000)];
  assert.deepEqual(formatNote({ text, signatures }), encodeUtf8(vector));
  assert.equal(formatVkey(log.key), 'log.example/c1+b3019980+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c');
  assert.equal(formatVkey(witness.key), 'b.example/w+861a330a+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU');
});

test('C2SP signed-note: the vector verifies, with the time of the cosignature', async () => {
  const note = parseNote(encodeUtf8(vector));
  const keys = [formatVkey(log.key), formatVkey(witness.key)].map((vkey) => parseVkey(crypto, vkey));
  assert.deepEqual(await verifyNote(crypto, note, keys), [{ key: log.key }, { key: witness.key, time: 1_700_000_000 }]);
});

test('C2SP signed-note: unknown signatures are ignored, a known one that fails rejects the note', async () => {
  const note = parseNote(encodeUtf8(vector));
  assert.equal((await verifyNote(crypto, note, [log.key])).length, 1);
  await assert.rejects(verifyNote(crypto, note, [stranger.key]), { code: 'no-signature' });
  await assert.rejects(verifyNote(crypto, note, []), { code: 'no-signature' });
  const altered = { ...note, text: note.text.replace('\n3\n', '\n4\n') };
  await assert.rejects(verifyNote(crypto, altered, [log.key]), { code: 'bad-signature' });
  // The witness's line under the log's good one: a false known line is no accident, so the whole note goes.
  const [good, line] = note.signatures;
  assert.ok(good && line);
  const falseTime = { ...line, signature: line.signature.with(7, 1) };
  await assert.rejects(verifyNote(crypto, { text: note.text, signatures: [good, falseTime] }, [log.key, witness.key]), {
    code: 'bad-signature',
  });
  const short = { ...line, signature: line.signature.subarray(0, 64) };
  assert.equal(await verifySignature(crypto, note.text, short, witness.key), undefined);
});

test('tlog-cosignature: a time above 2^53 is no time, and the types do not stand in for each other', async () => {
  const late = new Uint8Array(72);
  late[0] = 0x7f;
  assert.equal(parseCosignature(late), undefined);
  await assert.rejects(cosignText('x\n', log, 1), { code: 'bad-argument' });
  await assert.rejects(signText('x\n', witness), { code: 'bad-argument' });
  await assert.rejects(cosignText('x\n', witness, 1.5), { code: 'bad-argument' });
});

const lines = vector.slice(vector.indexOf('—'));
const [line1 = ''] = lines.split('\n');
test('traps: notes that are no notes', () => {
  const rows: readonly (readonly [string, string | Uint8Array])[] = [
    ['empty', ''],
    ['no signatures', 'text\n'],
    ['no empty line', `text\n${lines}`],
    ['text without newline', `\n\n${lines}`.slice(1)],
    ['last line without newline', vector.slice(0, -1)],
    ['empty line at the end', `${vector}\n`],
    ['carriage return', vector.replace('\n3\n', '\r\n3\n')],
    ['tab in the text', vector.replace('\n3\n', '\n\t3\n')],
    ['NUL in the text', vector.replace('\n3\n', '\n\u00003\n')],
    ['hyphen for the dash', vector.replaceAll('—', '-')],
    ['two spaces', vector.replace('c1 swG', 'c1  swG')],
    ['name with plus', vector.replace('— b.example/w', '— b.example+w')],
    ['name with a no-break space', vector.replace('— b.example/w', '— b.example\u00a0w')],
    ['base64 with spare bits set', vector.replace('ul+MvMAg==', 'ul+MvMAh==')],
    ['base64 without padding', vector.replace('MvMAg==', 'MvMAg')],
    ['base64url', vector.replace('/NtA7', '_NtA7')],
    ['signature of 4 bytes', `text\n\n— a swGZgA==\n`],
    ['not UTF-8', Uint8Array.of(...encodeUtf8('t'), 0xff, ...encodeUtf8(`\n\n${lines}`))],
    ['129 signatures', `text\n\n${`${line1}\n`.repeat(maxSignatures + 1)}`],
  ];
  for (const [name, bytes] of rows) {
    const note = typeof bytes === 'string' ? encodeUtf8(bytes) : bytes;
    assert.throws(() => parseNote(note), { code: 'bad-note' }, name);
  }
  assert.throws(() => parseNote(encodeUtf8(`${'x'.repeat(70_000)}\n\n${lines}`)), { code: 'too-large' });
});

test('signed-note: 16 signatures and more are read; text may hold empty lines', () => {
  assert.equal(parseNote(encodeUtf8(`text\n\n${`${line1}\n`.repeat(40)}`)).signatures.length, 40);
  const note = parseNote(encodeUtf8(`a\n\nb\n\n${lines}`));
  assert.equal(note.text, 'a\n\nb\n');
});

test('signed-note: a line is added once', () => {
  const note = parseNote(encodeUtf8(vector));
  const again = addSignatures(note, [parseSignatureLine(`${line1}\n`)]);
  assert.deepEqual(formatNote(again), encodeUtf8(vector));
});

test('traps: verifier keys that are none', () => {
  const good = formatVkey(log.key);
  assert.deepEqual(parseVkey(crypto, good), log.key);
  const material = decodeBase64(good.split('+').slice(2).join('+'));
  const withType = (type: number): string => `log.example/c1+b3019980+${encodeBase64(material.with(0, type))}`;
  for (const [name, vkey] of [
    ['another name', good.replace('c1', 'c2')],
    ['another id', good.replace('b3019980', 'b3019981')],
    ['upper-case id', good.replace('b3019980', 'B3019980')],
    ['no name', good.slice(good.indexOf('+'))],
    ['name with a space', `a b${good.slice(good.indexOf('+'))}`],
    ['cut key', good.slice(0, -4)],
    ['ML-DSA-44', withType(6)],
    ['private type', withType(255)],
    ['the same key as a witness under the id of type 01', withType(4)],
    ['trailing newline', `${good}\n`],
  ] as const) {
    assert.throws(() => parseVkey(crypto, vkey), { code: 'bad-vkey' }, name);
  }
});

const name = fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }).filter((text) => isKeyName(text));
const signature: fc.Arbitrary<NoteSignature> = fc.record(
  {
    name,
    keyId: fc.string({ minLength: 8, maxLength: 8, unit: fc.constantFrom(...'0123456789abcdef'.split('')) }),
    signature: fc.uint8Array({ minLength: 1, maxLength: 80 }).map((bytes) => Uint8Array.from(bytes)),
  },
  { noNullPrototype: true },
);
const text = fc
  .array(
    fc.string({ unit: 'grapheme', maxLength: 12 }).filter((line) => !/\p{Cc}/u.test(line)),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => `${parts.join('\n')}\n`);

test('law: a note written is the note read', () => {
  fc.assert(
    fc.property(text, fc.array(signature, { minLength: 1, maxLength: 20 }), (body, signatures) => {
      const written = formatNote({ text: body, signatures });
      const note = parseNote(written);
      assert.equal(note.text, body);
      assert.deepEqual(formatNote(note), written);
      assert.deepEqual(
        note.signatures.map(({ name: by, keyId, signature: bytes }) => ({
          name: by,
          keyId,
          signature: Uint8Array.from(bytes),
        })),
        signatures,
      );
    }),
  );
});

test('law: whatever is read as a note writes the same bytes again', () => {
  const bytes = encodeUtf8(vector);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
      const changed = bytes.with(at, byte);
      let note: ReturnType<typeof parseNote>;
      try {
        note = parseNote(changed);
      } catch (cause) {
        assert.equal((cause as { name?: string }).name, 'ProofError');
        return;
      }
      assert.deepEqual(formatNote(note), Uint8Array.from(changed));
    }),
    { numRuns: 500 },
  );
});
