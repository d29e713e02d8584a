import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { buildBundle, formatAnchors, formatVkey, parseBundle, sha256 } from '@pactgate/proof';
import { anchorsOf, checkAnchors, readOffered } from './offered.ts';
import { makePartyKeys, type PartyKeys } from './party-keys.ts';
import { agreementId, documentBytes, makeBundle, makeLog, rootSha256 } from './testing/evidence.ts';
import { logSigner } from './testing/signer.ts';

const directory = await mkdtemp(path.join(tmpdir(), 'pactgate-verify-'));
after(() => rm(directory, { recursive: true }));
const file = (name: string): string => path.join(directory, name);

const launcher = path.resolve(import.meta.dirname, '../../bin/pactgate');
interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}
/** The command as a person runs it: a process of its own. */
const pactgate = (...args: readonly string[]): Promise<Run> =>
  new Promise((resolve) => {
    const environment = { ...process.env, LANG: 'C', LC_ALL: 'C', XDG_CONFIG_HOME: directory };
    execFile(launcher, args, { cwd: directory, env: environment }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err }),
    );
  });

const a = await makePartyKeys(file('a'), 'a.example/unused');
const b = await makePartyKeys(file('b'), 'pumps.example/witness');
const logs = [logSigner(`a.example/logs/${agreementId}/2026`), logSigner('a.example/logs/platform/2026')];
const names = { logs: logs.map(({ key }) => formatVkey(key)), witness: b.vkey };
const now = Math.floor(Date.now() / 1_000);
const document = documentBytes(a, b, logs);
const offered = readOffered(document, agreementId);
await writeFile(file('policy.json'), formatAnchors({ sha256 }, anchorsOf(offered, b)));

const bundleAt = async (at: number): Promise<Uint8Array> => {
  const made = await Promise.all(logs.map((signer) => makeLog(signer, 5, { witness: b.witness, at })));
  return makeBundle(document, [b, a], names, made);
};
const good = await bundleAt(now);
await writeFile(file('good.zip'), good);

const held = (keys: PartyKeys, root: string): readonly boolean[] =>
  checkAnchors(offered, keys, root).map(({ ok }) => ok);
test('what B compares before it signs holds for its own keys and root', () => {
  assert.deepEqual(held(b, rootSha256), [true, true, true, true]);
  assert.deepEqual(held(b, '00'.repeat(32)), [false, true, true, true]);
  assert.deepEqual(held(a, rootSha256), [true, false, false, true]);
});

test('A3.4.6 verify: a good bundle is valid, in words of both languages and as JSON', async () => {
  const zh = await pactgate('verify', 'good.zip', '--policy', 'policy.json', '--lang', 'zh');
  assert.equal(zh.code, 0, zh.out + zh.err);
  assert.match(zh.out, /有效：所有内容均经验证/);
  const en = await pactgate('verify', 'good.zip', '--policy', 'policy.json');
  assert.match(en.out, /VALID: everything was verified/);
  const json = JSON.parse((await pactgate('verify', 'good.zip', '--policy', 'policy.json', '--json')).out) as {
    readonly valid: boolean;
    readonly logs: readonly { readonly size: number }[];
  };
  assert.equal(json.valid, true);
  assert.deepEqual(
    json.logs.map(({ size }) => size),
    [5, 5],
  );
});

test('A3.4.6 verify: a flipped byte anywhere is found, exit code 1', async () => {
  const places = [0, 200, good.length >> 2, good.length >> 1, good.length - 30, good.length - 1];
  for (const place of places) {
    const flipped = Uint8Array.from(good);
    flipped[place] = (flipped[place] ?? 0) ^ 1;
    await writeFile(file('flipped.zip'), flipped);
    const { code, out } = await pactgate('verify', 'flipped.zip', '--policy', 'policy.json');
    assert.equal(code, 1, `byte ${place} of ${good.length}`);
    assert.match(out, /INVALID/);
  }
});

test('A3.4.6 verify: a missing body makes it incomplete, exit code 2', async () => {
  const parts = parseBundle({ sha256 }, good);
  const shorter = parts.logs.map((log) => ({ ...log, records: log.records.slice(1) }));
  await writeFile(file('erased.zip'), buildBundle({ sha256 }, { ...parts, logs: shorter }));
  const { code, out } = await pactgate('verify', 'erased.zip', '--policy', 'policy.json');
  assert.equal(code, 2, out);
  assert.match(out, /INCOMPLETE/);
});

test('A3.3.5 verify: a witness that has not looked lately, exit code 3', async () => {
  await writeFile(file('stale.zip'), await bundleAt(now - 90_000));
  assert.equal((await pactgate('verify', 'stale.zip', '--policy', 'policy.json')).code, 3);
  const longer = await pactgate('verify', 'stale.zip', '--policy', 'policy.json', '--max-witness-age', '100000');
  assert.equal(longer.code, 0);
});

test('verify: anchors of another agreement do not fit, exit code 1', async () => {
  const other = anchorsOf(offered, b);
  await writeFile(file('other.json'), formatAnchors({ sha256 }, { ...other, editionDigest: '00'.repeat(32) }));
  assert.equal((await pactgate('verify', 'good.zip', '--policy', 'other.json')).code, 1);
});

test('exit codes: 64 wrong usage, 69 what is not there; errors name code, cause and next step', async () => {
  assert.equal((await pactgate('verify', 'good.zip')).code, 64);
  assert.equal((await pactgate('verify', 'none.zip', '--policy', 'policy.json')).code, 69);
  const unreachable = await pactgate('verify', 'https://localhost:1', '--policy', 'policy.json');
  assert.equal(unreachable.code, 69);
  assert.match(unreachable.err, /^error: cli\/unavailable: .+\ncause: .+\nnext: .+\n$/);
  const { code, out } = await pactgate('device', 'list', '--json');
  assert.equal(code, 64);
  assert.equal((JSON.parse(out) as { error: { code: string } }).error.code, 'cli/usage');
});

test('the completion script is bash', async () => {
  const { out } = await pactgate('completion', 'bash');
  await writeFile(
    file('completion.bash'),
    `${out}\nCOMP_WORDS=(pactgate agreement s); COMP_CWORD=2; _pactgate; echo "\${COMPREPLY[@]}"\n`,
  );
  const words = await new Promise<string>((resolve, reject) => {
    execFile('bash', [file('completion.bash')], (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
  assert.deepEqual(words.trim().split(/\s+/).toSorted(), ['show', 'sign', 'signatures']);
});
