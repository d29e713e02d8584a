import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { clientOf, http, pin, signIn } from '../live/api.ts';
import { openCli } from '../live/cli.ts';
import type { LivePlatform } from '../live/platform.ts';
import { platformParty, shortened } from './plan.ts';
import type { Progress } from './progress.ts';
import type { Operator, Party, PartyPlan, World } from './world.ts';

const textOf = (json: Readonly<Record<string, unknown>>, name: string): string => {
  const value = json[name];
  if (typeof value !== 'string') throw new Error(`the answer has no ${name}: ${JSON.stringify(json).slice(0, 300)}`);
  return value;
};
const objectOf = (json: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> => {
  const value = json[name];
  if (typeof value !== 'object' || value === null) throw new Error(`the answer has no ${name}`);
  return value as Readonly<Record<string, unknown>>;
};

/** The code of the refusal of a call, `allowed` where there is none. */
const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'allowed',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'error'),
  );

/** The first administrator by the set-up link; signs in with password and TOTP; makes a token for the command line. */
export async function setUp(scratch: string, platform: LivePlatform, progress: Progress): Promise<World> {
  const server = await pin(platform.console, platform.rootSha256);
  const [email, password] = ['wang@platform.example', `demo ${platform.rootSha256.slice(0, 20)} Aa1`];
  const cli = openCli(path.join(scratch, 'operator'));
  const link = platform.setupLink ?? '';
  const identity = ['--root-sha256', platform.rootSha256];
  const person = ['--name', 'Wang Fang', '--email', email, '--password-file', '-'];
  await cli.call(['setup', '--link', link, ...identity, ...person], { input: password });
  const again = await cli.call(['setup', '--link', link, ...identity, ...person], { input: password, expect: 'any' });
  progress.held('the set-up link works once', again.code === 1);
  const session = await signIn(server, email, password);
  const { secret } = await clientOf(server, session).call('createToken', { body: { name: 'demo', days: 1 } });
  await cli.call(['login', '--server', server.url, ...identity, '--token-file', '-'], { input: secret });
  const operator: Operator = { client: clientOf(server, { token: secret }), cli, email, password, token: secret };
  const { uscc, name, representative, address } = platformParty;
  const particulars = ['--name', name, '--representative', representative, '--address', address];
  const bad = await cli.call(['platform', 'set', ...particulars, '--uscc', `${uscc.slice(0, 17)}X`, '--email', email], {
    expect: 'any',
  });
  progress.held(
    'a wrong check digit is refused',
    bad.code === 1 && bad.stderr.length + JSON.stringify(bad.json).length > 2,
  );
  await cli.call(['platform', 'set', ...particulars, '--uscc', uscc, '--email', email]);
  return { scratch, platform, server, operator, progress };
}

async function invite({ scratch, operator: { cli } }: World, plan: PartyPlan): Promise<string> {
  const { id, name, representative, address, register } = plan;
  const number =
    'uscc' in register ? ['--uscc', register.uscc] : ['--register', register.register, '--number', register.number];
  const who = ['--name', name, '--representative', representative, '--address', address];
  await cli.call(['party', 'add', id, ...who, ...number, '--email', `security@${id}.example`]);
  const params = path.join(scratch, `${id}-params.json`);
  await writeFile(params, JSON.stringify(shortened));
  await cli.call(['agreement', 'draft', id, '--params', params]);
  const { json } = await cli.call(['party', 'invite', id]);
  return textOf(json, 'link');
}

/** Before both signatures nothing of the party may come in: neither registration nor enrolment. */
async function tryTooEarly(world: World, party: Party): Promise<void> {
  const { progress, platform, server } = world;
  const params = { agreement: party.agreement };
  const body = { devices: [{ id: 'early-1', model: 'pump-2' }] };
  const refused = await codeOf(party.client.call('registerDevices', { params, body }));
  progress.held('before it is in force no device is registered', refused !== 'allowed', refused);
  const reply = await http(
    { url: `https://localhost:${platform.devicePort}`, rootPem: server.rootPem },
    {
      method: 'POST',
      path: `/.well-known/est/${party.plan.id}/simpleenroll`,
      headers: { authorization: `Basic ${Buffer.from('early-1:AAAAAAAAAAAAAAAAAAAAAAAAAA').toString('base64')}` },
      body: '{}',
    },
  );
  progress.held(
    'before it is in force nothing enrols',
    reply.status >= 400 && reply.status < 500,
    `HTTP ${reply.status}`,
  );
}

/** One agreement from draft to force: B joins, reads, hashes and signs with its own command line, A countersigns. */
export async function agree(world: World, plan: PartyPlan): Promise<Party> {
  const { scratch, progress, server, operator } = world;
  const link = await invite(world, plan);
  const cli = openCli(path.join(scratch, `${plan.id}-profile`));
  const keys = path.join(scratch, `${plan.id}-keys`);
  await mkdir(keys, { recursive: true, mode: 0o700 });
  const joined = await cli.call(['party', 'join', '--invite', link, '--dir', keys]);
  const agreement = objectOf(joined.json, 'agreement');
  const id = textOf(agreement, 'id');
  const created = await cli.call(['token', 'create', 'demo', '--days', '1']);
  const token = textOf(created.json, 'secret');
  const party: Party = {
    plan,
    agreement: id,
    log: textOf(agreement, 'logId'),
    origin: textOf(agreement, 'origin'),
    cli,
    keys,
    client: clientOf(server, { token }),
    token,
  };
  await tryTooEarly(world, party);
  const signed = await cli.call(['agreement', 'sign', '--yes']);
  const digest = textOf(signed.json, 'digest');
  await operator.cli.call(['agreement', 'countersign', '--agreement', plan.id, '--yes', '--digest', digest]);
  const { summary, signatures } = await party.client.call('agreement', { params: { agreement: id } });
  progress.held(`${plan.id}: both parties signed what B hashed`, summary.digest === digest && signatures.length === 2);
  progress.held(`${plan.id}: in force`, summary.state === 'in-force', summary.state);
  await readIt(world, party);
  return party;
}

/** The text for reading and printing, in both languages, from the platform. */
async function readIt({ progress }: World, { client, agreement, plan }: Party): Promise<void> {
  for (const [lang, word] of [
    ['zh', '协议'],
    ['en', 'Agreement'],
  ] as const) {
    const bytes = await client.call('agreementText', { params: { agreement }, query: { lang, format: 'html' } });
    const text = new TextDecoder().decode(bytes);
    progress.held(
      `${plan.id}: reads in ${lang}`,
      text.includes(word) && text.length > 10_000,
      `${text.length} characters`,
    );
  }
}

/** People come by one-time link; what each role sees is decided on the server. */
export async function invitePeople(world: World, [first, second]: readonly Party[]): Promise<void> {
  const { server, progress, operator } = world;
  if (!first || !second) throw new Error('the demo has two parties');
  const { link } = await first.client.call('invitePerson', { body: { role: 'b.engineer' } });
  const url = new URL(link);
  const token = new URLSearchParams(url.hash.slice(1)).get('token') ?? url.searchParams.get('token') ?? '';
  const body = { name: 'Chen Jie', email: 'chen@acme.example', password: 'a long demo passphrase 7' };
  await clientOf(server).call('acceptPerson', { params: { token }, body });
  const made = await first.client.call('createToken', { body: { name: 'engineer', days: 1, role: 'b.engineer' } });
  const engineer = clientOf(server, { token: made.secret });
  const own = await engineer.call('agreements', {});
  progress.held('an engineer of B sees the own agreement only', own.items.length === 1);
  const others = await codeOf(engineer.call('devices', { params: { agreement: second.agreement } }));
  progress.held("another party's devices are not found", others !== 'allowed', others);
  const people = await codeOf(engineer.call('people', {}));
  progress.held('an engineer does not manage people', people === 'auth/forbidden', people);
  const sign = await codeOf(
    operator.client.call('signAgreement', {
      params: { agreement: first.agreement },
      body: { jws: { payload: '', signatures: [{ protected: '', signature: '' }] } },
    }),
  );
  progress.held('A cannot sign for B', sign === 'auth/forbidden', sign);
  const nobody = await codeOf(clientOf(server).call('agreements', {}));
  progress.held('without sign-in nothing is shown', nobody === 'auth/required', nobody);
}
