import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { concatBytes, decodeHex, encodeUtf8 } from '../bytes.ts';
import { cosignedMessage, parseCosignature } from '../cosign.ts';
import { signerOf } from '../testing/keys.ts';
import { checkpointOf, makeLog } from '../testing/log.ts';
import { parseNote } from './note.ts';

const log = await signerOf('log.example/c1', 1, 1);
const witness = await signerOf('b.example/w', 4, 2);

/** What `openssl pkeyutl` says of an Ed25519 signature; 0 is "verified". */
function openssl(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): number | null {
  const dir = mkdtempSync(path.join(tmpdir(), 'pactgate-note-'));
  try {
    // SubjectPublicKeyInfo of Ed25519 (RFC 8410).
    writeFileSync(path.join(dir, 'key'), concatBytes([decodeHex('302a300506032b6570032100'), publicKey]));
    writeFileSync(path.join(dir, 'message'), message);
    writeFileSync(path.join(dir, 'signature'), signature);
    const args = 'pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in message -sigfile signature';
    const { status, error } = spawnSync('openssl', args.split(' '), { cwd: dir, timeout: 10_000 });
    assert.equal(error, undefined, 'openssl must be installed');
    return status;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

test('12.1 foreign: openssl verifies our checkpoint and our cosignature, and refuses them changed', async () => {
  const entries = ['a', 'b', 'c'].map((entry) => encodeUtf8(entry));
  const note = parseNote(await checkpointOf(makeLog(entries), log, { signer: witness, time: 1_700_000_000 }));
  const [signed, cosigned] = note.signatures;
  const parts = parseCosignature(cosigned?.signature ?? new Uint8Array(0));
  assert.ok(signed && parts);
  assert.equal(openssl(log.key.publicKey, encodeUtf8(note.text), signed.signature), 0);
  assert.equal(openssl(witness.key.publicKey, cosignedMessage(note.text, parts.time), parts.signature), 0);
  assert.notEqual(openssl(log.key.publicKey, encodeUtf8(`${note.text}x`), signed.signature), 0);
  assert.notEqual(openssl(witness.key.publicKey, encodeUtf8(note.text), parts.signature), 0);
});
