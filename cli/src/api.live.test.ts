import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fingerprintOf } from '@pactgate/device';
import { parseAnchors, parseJws, sha256, verifyJws, webProofCrypto } from '@pactgate/proof';
import { documentTypes, locales, type Role } from '@pactgate/protocol';
import { routes } from '@pactgate/protocol/api';
import {
  openTestConsole,
  strongPassword,
  systemClock,
  type TestConsole,
} from '../../platform/src/api/testing/console.ts';
import { exampleHandlers, exampleOf } from '../../platform/src/api/testing/examples.ts';
import { openPeopleStore } from '../../platform/src/store/db/people.ts';
import { openStore, type Store } from '../../platform/src/store/open.ts';
import { loadPartyKeys, makePartyKeys } from './party-keys.ts';
import { run } from './run.ts';
import { commands } from './table.ts';
import { agreementId, documentBytes } from './testing/evidence.ts';
import { logSigner } from './testing/signer.ts';

/** Commands against the platform's own router over TLS: real checks of requests and answers, example data behind it. */
const dir = mkdtempSync(path.join(tmpdir(), 'pactgate-cli-api-'));
const file = (name: string): string => path.join(dir, name);
let store: Store;
let opened: TestConsole;
let root: string;
/** What the agreement routes serve and were sent. */
let offered: Uint8Array = new Uint8Array();
let posted: { readonly payload: string } | undefined;

before(async () => {
  store = await openStore({ kind: 'sqlite', dir, now: systemClock() });
  const examples = exampleHandlers();
  const about = exampleOf(routes.platform.response) as Awaited<ReturnType<typeof examples.platform>>;
  opened = await openTestConsole({
    store: openPeopleStore(store.db, () => Promise.resolve()),
    database: { db: store.db, type: store.kind },
    record: () => Promise.resolve(),
    handlers: {
      platform: () => ({ ...about, rootPem: opened.pki.root.cert, rootSha256: root }),
      agreementDocument: () => ({ body: offered }),
      signAgreement: (context, request) => {
        posted = request.body.jws;
        return examples.signAgreement(context, request);
      },
    },
  });
  root = fingerprintOf(new X509Certificate(opened.pki.root.cert));
});
after(async () => {
  await opened.close();
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}
async function pactgate(...argv: readonly string[]): Promise<Run> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await run(commands, {
    argv,
    environment: { XDG_CONFIG_HOME: file('config') },
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    isTerminal: false,
    signal: new AbortController().signal,
  });
  return { code, out: out.join(''), err: err.join('') };
}
const server = (): string => `https://localhost:${opened.port}`;
/** A profile of a role, by token. */
async function signIn(profile: string, role: Role): Promise<void> {
  writeFileSync(file(`${profile}.token`), await opened.tokenOf(role));
  const { code, err } = await pactgate(
    'login',
    '--server',
    server(),
    '--root-sha256',
    root,
    '--token-file',
    file(`${profile}.token`),
    '--profile',
    profile,
  );
  assert.equal(code, 0, err);
}
/** A one-time link of the platform, at the port of this test. */
async function linkOf(kind: 'party' | 'person', role: Role): Promise<string> {
  const made = await opened.people.links.make({ kind, party: 'acme', role });
  return made.link.replace('https://localhost:8443', server());
}

test('login pins the root, keeps a profile of mode 0600, and says who we are', async () => {
  await signIn('a', 'a.admin');
  const kept = file('config/pactgate/a.json');
  assert.equal(statSync(kept).mode & 0o777, 0o600);
  const { out } = await pactgate('whoami', '--profile', 'a', '--json');
  assert.equal((JSON.parse(out) as { role: string }).role, 'a.admin');
  const wrong = await pactgate(
    'login',
    '--server',
    server(),
    '--root-sha256',
    '00'.repeat(32),
    '--token',
    'x',
    '--profile',
    'w',
  );
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /fingerprint/);
});

test('a refusal of the platform is told with code, cause and next step in the language', async () => {
  await signIn('engineer', 'b.engineer');
  const { code, err } = await pactgate('party', 'list', '--profile', 'engineer', '--lang', 'zh');
  assert.equal(code, 1);
  assert.match(err, /^错误: auth\/forbidden: 您的角色无此权限\n(原因: .+\n)?下一步: 请向本方管理员申请相应角色。\n$/);
});

const particulars = [
  '--name',
  'Example',
  '--representative',
  'Li',
  '--address',
  '1 Road',
  '--uscc',
  '91350100M000100Y43',
  '--email',
  'a@example.org',
];
const uuid = '01890a5d-ac96-774b-bcce-b302099a8057';
const log = 'a'.repeat(64);
/** A call of every command that only asks or orders, by who may. */
const calls: readonly (readonly [Role, string])[] = [
  ['a.admin', 'platform show'],
  ['a.admin', 'platform events --limit 5'],
  ['a.admin', 'party list'],
  ['a.admin', 'party invite acme'],
  ['a.admin', 'agreement list'],
  ['a.admin', `agreement show --agreement ${uuid}`],
  ['a.admin', 'agreement draft acme --param B2.2.4.window=1'],
  ['a.admin', `agreement text --agreement ${uuid} --format md`],
  ['a.admin', `agreement signatures --agreement ${uuid}`],
  ['a.admin', 'model list'],
  ['a.admin', 'model show word'],
  ['a.admin', 'model activate word --yes'],
  ['a.admin', 'device list --state active --model word --search w --limit 5'],
  ['b.admin', 'device register pump-7 pump-8 --model word'],
  ['a.admin', 'device show word'],
  ['b.admin', 'device code word'],
  ['a.admin', 'device sheet word'],
  ['a.admin', 'device sessions word --limit 5'],
  ['a.admin', 'device refusals word'],
  ['a.admin', 'device telemetry word --channel status --from 1h --order desc'],
  ['a.admin', 'device series word --channel status --field /t --step 5m'],
  ['a.admin', 'device commands word'],
  ['a.admin', `device command-status word ${uuid}`],
  ['a.admin', 'isolate word --level 4 --reason because --minutes 5'],
  ['a.admin', 'release word --reason because'],
  ['a.admin', 'revoke word --reason because'],
  ['a.admin', 'incident list'],
  ['a.admin', `incident show ${uuid}`],
  ['a.admin', `incident confirm ${uuid} --note seen`],
  ['a.admin', 'board'],
  ['a.admin', 'duty B2.4.1'],
  ['a.admin', 'breaches --limit 5'],
  ['b.admin', 'challenge wrong --index 3'],
  ['a.admin', 'policy show'],
  ['a.admin', 'ledger logs'],
  ['a.admin', `ledger records ${log} --limit 5`],
  ['a.admin', `ledger show ${log} 0`],
  ['a.admin', `ledger proof ${log} 0`],
  ['a.admin', `ledger checkpoint ${log}`],
  ['a.admin', `ledger consistency ${log} --old 1 --new 2`],
  ['a.admin', 'people list'],
  ['a.admin', 'people invite --role a.auditor'],
  ['a.admin', 'token list'],
  ['a.admin', 'token create ci --days 5'],
];
for (const [role, line] of calls)
  test(`pactgate ${line.split(' --')[0]}: the platform takes the request, the answer is shown`, async () => {
    await signIn(role.replace('.', '-'), role);
    const words = [...line.split(' '), '--profile', role.replace('.', '-')];
    const json = await pactgate(...words, '--json');
    assert.equal(json.code, 0, json.out + json.err);
    assert.equal(typeof JSON.parse(json.out), 'object');
    assert.equal(json.out.trimEnd().split('\n').length, 1, 'one object, one line');
    for (const lang of locales) {
      const shown = await pactgate(...words, '--lang', lang);
      assert.equal(shown.code, 0, shown.err);
      assert.notEqual(shown.out.trim(), '');
    }
  });

test('what is shown in Chinese has Chinese labels and states, not the codes of the API', async () => {
  await signIn('a', 'a.admin');
  const zh = async (line: string): Promise<string> =>
    (await pactgate(...line.split(' '), '--profile', 'a', '--lang', 'zh')).out;
  for (const line of [
    'device show word',
    `incident show ${uuid}`,
    `agreement show --agreement ${uuid}`,
    'model show word',
    `device command-status word ${uuid}`,
    'platform show',
    'whoami',
  ]) {
    const [facts = ''] = (await zh(line)).split('\n\n');
    for (const row of facts.split('\n').filter((text) => text !== '' && !/^[{} ]/.test(text)))
      assert.match(row, /^[^ ]*\p{Script=Han}|^MQTT/u, `${line}: ${row}`);
  }
  assert.match(await zh('device show word'), /^状态 +已登记，待注册$/m);
  assert.match(await zh(`incident show ${uuid}`), /^状态 +已报告$/m);
});

test('events of the platform log are columns without digests', async () => {
  await signIn('a', 'a.admin');
  const { out } = await pactgate('platform', 'events', '--profile', 'a');
  assert.match(out, /^at +kind +outcome +problem +content\n/);
  assert.doesNotMatch(out, /_sd|\{/);
});

test('particulars by options', async () => {
  await signIn('a', 'a.admin');
  for (const words of [
    ['platform', 'set'],
    ['party', 'add', 'acme'],
  ]) {
    const { code, err } = await pactgate(...words, ...particulars, '--profile', 'a');
    assert.equal(code, 0, err);
  }
});

test('exports go to files of mode 0600 with their SHA-256', async () => {
  await signIn('a', 'a.admin');
  for (const words of [
    ['evidence', 'export'],
    ['device', 'export', 'word', '--channel', 'status'],
  ]) {
    const target = file(`${words[0]}.out`);
    const { code, out } = await pactgate(...words, '--output', target, '--profile', 'a', '--json');
    assert.equal(code, 0);
    const { sha256: digest } = JSON.parse(out) as { sha256: string };
    assert.equal(digest, Buffer.from(sha256(readFileSync(target))).toString('hex'));
    assert.equal(statSync(target).mode & 0o777, 0o600);
  }
});

test('policy publish names each policy by its file', async () => {
  await signIn('s', 'a.security');
  writeFileSync(file('base.cedar'), 'permit(principal, action, resource);');
  const { code, err } = await pactgate('policy', 'publish', file('base.cedar'), '--profile', 's');
  assert.equal(code, 0, err);
});

test('a command to a device that does not finish in time is shown as it stands', async () => {
  await signIn('a', 'a.admin');
  const { code, out } = await pactgate(
    'device',
    'command',
    'word',
    'reboot',
    '--payload',
    '{"in":5}',
    '--wait',
    '1',
    '--profile',
    'a',
    '--json',
  );
  assert.equal(code, 0);
  assert.equal((JSON.parse(out) as { state: string }).state, 'waiting');
  assert.equal((await pactgate('device', 'command', 'word', 'reboot', '--payload', '[1]', '--profile', 'a')).code, 64);
});

test('people join by link; a used link is refused', async () => {
  writeFileSync(file('password'), strongPassword);
  const words = ['--link', await linkOf('person', 'b.engineer'), '--root-sha256', root];
  assert.match((await pactgate('invitation', 'show', ...words)).out, /b\.engineer/);
  assert.match((await pactgate('invitation', 'show', `${words[1]}&root=${root}`)).out, /b\.engineer/);
  const bare = await pactgate('invitation', 'show');
  assert.deepEqual([bare.code, /--link is missing/.test(bare.err)], [64, true]);
  const join = [
    'people',
    'join',
    ...words,
    '--name',
    'Bea',
    '--email',
    'bea@example.org',
    '--password-file',
    file('password'),
  ];
  assert.equal((await pactgate(...join)).code, 0);
  assert.match((await pactgate(...join)).err, /auth\/link-invalid/);
});

test('B joins: keys are made here, the platform gets their public halves, a profile with a token is kept', async () => {
  const invite = `${await linkOf('party', 'b.admin')}&root=${root}`;
  const joined = await pactgate('party', 'join', '--invite', invite, '--dir', file('keys'), '--profile', 'b', '--json');
  assert.equal(joined.code, 0, joined.out);
  const keys = await loadPartyKeys(file('keys'));
  const said = JSON.parse(joined.out) as { readonly thumbprint: string; readonly witnessKey: string };
  assert.deepEqual([said.thumbprint, said.witnessKey], [keys.thumbprint, keys.vkey]);
  for (const name of ['sign.key.pem', 'witness.key.pem'])
    assert.equal(statSync(file(`keys/${name}`)).mode & 0o777, 0o600);
  assert.match((await pactgate('whoami', '--profile', 'b')).out, /b\.admin/);
});

/** What A offers, for the keys of the party that joined above. */
async function offer(over: { readonly witness?: string } = {}): Promise<void> {
  const own = await loadPartyKeys(file('keys'));
  const platform = await makePartyKeys(file('platform'), 'a.example/unused');
  const names = { thumbprint: own.thumbprint, vkey: over.witness ?? own.vkey };
  offered = documentBytes(platform, names, [logSigner(`a.example/logs/${agreementId}/2026`)], root);
}
const sign = (...more: readonly string[]): Promise<Run> =>
  pactgate('agreement', 'sign', '--agreement', agreementId, '--profile', 'b', '--json', ...more);

test('B signs what it rendered and hashed itself, and has its anchors', async () => {
  await offer();
  posted = undefined;
  const digest = Buffer.from(sha256(offered)).toString('hex');
  assert.equal((await sign()).code, 64, 'nobody confirms');
  assert.equal((await sign('--yes', '--digest', '00'.repeat(32))).code, 1, 'another digest than the one computed here');
  assert.equal(posted, undefined);
  const { code, out, err } = await sign('--yes', '--digest', digest);
  assert.equal(code, 0, out + err);
  const said = JSON.parse(out) as {
    readonly digest: string;
    readonly pages: readonly string[];
    readonly policyFile: string;
  };
  assert.equal(said.digest, digest);
  for (const page of said.pages) assert.ok(readFileSync(page, 'utf8').includes(digest));
  const keys = await loadPartyKeys(file('keys'));
  const anchors = parseAnchors({ sha256 }, readFileSync(said.policyFile));
  assert.deepEqual([anchors.editionDigest, anchors.rootSha256, anchors.partyKey], [digest, root, keys.jwk]);
  assert.ok(anchors.policy.includes(keys.vkey));
  const jws = parseJws(JSON.parse(JSON.stringify(posted)));
  const payload = await verifyJws(webProofCrypto, jws, keys.jwk, documentTypes.agreement);
  assert.deepEqual(Buffer.from(payload), Buffer.from(offered));
  const compared = await pactgate('agreement', 'anchors', '--agreement', agreementId, '--profile', 'b');
  assert.equal(compared.code, 0, compared.out);
});

test('B does not sign a document that names another witness, or is another agreement', async () => {
  const other = await makePartyKeys(file('other'), 'other.example/witness');
  await offer({ witness: other.vkey });
  posted = undefined;
  const refused = await sign('--yes');
  assert.equal(refused.code, 1);
  assert.match(refused.out, /witness key/);
  assert.equal((await pactgate('agreement', 'anchors', '--agreement', agreementId, '--profile', 'b')).code, 1);
  await offer();
  const another = uuid.replace(/7$/, '8');
  offered = new TextEncoder().encode(new TextDecoder().decode(offered).replaceAll(uuid, another));
  assert.match((await sign('--yes')).out, /another agreement/);
  assert.equal(posted, undefined);
});

test('a model file and a manifest are signed as documents of their kinds', async () => {
  writeFileSync(file('model.json'), '{"v": "pactgate/model-file/1", "model": "word"}');
  writeFileSync(file('bom.json'), '{"bomFormat": "CycloneDX", "specVersion": "1.6"}');
  const put = [
    'model',
    'put',
    'word',
    '--file',
    file('model.json'),
    '--manifest',
    file('model.json'),
    '--sbom',
    file('bom.json'),
  ];
  const { code, err } = await pactgate(...put, '--agreement', uuid, '--profile', 'b');
  assert.equal(code, 0, err);
  writeFileSync(file('twice.json'), '{"a": 1, "a": 2}');
  const twice = await pactgate(
    'model',
    'put',
    'word',
    '--file',
    file('twice.json'),
    '--agreement',
    uuid,
    '--profile',
    'b',
  );
  assert.match(twice.err, /given twice/);
});
