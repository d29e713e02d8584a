import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type FleetDevice, modelDocuments, simModels } from '@pactgate/sim';
import { run } from '../live/process.ts';
import { rogueIds } from './plan.ts';
import type { Party, World } from './world.ts';

/** B declares its models with its own key; A looks at them and countersigns. */
export async function declareModels({ scratch, operator, progress }: World, party: Party): Promise<void> {
  const { plan, agreement, cli, client } = party;
  const folder = path.join(scratch, `${plan.id}-models`);
  await mkdir(folder, { recursive: true });
  for (const { model } of plan.models) {
    const documents = modelDocuments(model, { party: plan.id, agreement, version: 1, now: Date.now() });
    const file = async (name: keyof typeof documents): Promise<string> => {
      const at = path.join(folder, `${model.id}.${name}.json`);
      await writeFile(at, JSON.stringify(documents[name], null, 2));
      return at;
    };
    const before = ['model', 'put', model.id, '--file', await file('file')];
    const incomplete = await cli.call(before);
    const early = await operator.cli.call(['model', 'activate', model.id, '--agreement', plan.id, '--yes'], {
      expect: 'any',
    });
    progress.held(`${model.id}: no activation without manifest and SBOM`, early.code === 1, `exit ${early.code}`);
    progress.held(`${model.id}: what is missing is named`, JSON.stringify(incomplete.json).includes('missing'));
    await cli.call(['model', 'put', model.id, '--manifest', await file('manifest'), '--sbom', await file('sbom')]);
    await operator.cli.call(['model', 'activate', model.id, '--agreement', plan.id, '--yes']);
    const { summary } = await client.call('model', { params: { agreement, model: model.id } });
    progress.held(`${model.id}: active and countersigned`, summary.state === 'active' && summary.countersigned);
  }
}

const numbered = (prefix: string, n: number): string => `${prefix}-${String(n).padStart(3, '0')}`;
/** A device that shows that standard tools suffice: curl and openssl enrol it, mosquitto speaks for it. */
export const toolDevice = 'pump-tools';
/** An honest device whose maintenance port was left open: a breach that is cured before the story ends. */
export const openPortDevice = 'door-001';
const telnet = 23;

interface Codes {
  readonly devices: readonly { readonly id: string; readonly code: string }[];
}

/** Registers a party's devices with its command line; the codes are in a file that only it can read. */
export async function registerDevices({ scratch, progress }: World, party: Party): Promise<readonly FleetDevice[]> {
  const { plan, cli } = party;
  const wanted = plan.models.flatMap(({ model, devices, prefix }) =>
    Array.from({ length: devices }, (_, i) => ({ id: numbered(prefix, i + 1), model })),
  );
  const isFirst = plan.network === 1;
  const rogues = isFirst ? rogueIds.map((name) => ({ id: `rogue-${name}`, model: simModels.pump })) : [];
  const tools = isFirst ? [{ id: toolDevice, model: simModels.pump }] : [];
  const all = [...wanted, ...rogues, ...tools];
  const list = path.join(scratch, `${plan.id}-devices.csv`);
  await writeFile(list, all.map(({ id, model }) => `${id},${model.id}\n`).join(''));
  const output = path.join(scratch, `${plan.id}-codes.json`);
  await cli.call(['device', 'register', '--file', list, '--output', output]);
  const { devices } = JSON.parse(await readFile(output, 'utf8')) as Codes;
  const codes = new Map(devices.map(({ id, code }) => [id, code]));
  const strong = devices.every(({ code }) => code.replaceAll(/[^A-Za-z0-9]/g, '').length >= 22);
  progress.held(
    `${plan.id}: ${devices.length} one-time codes of at least 128 bits`,
    strong && codes.size === all.length,
  );
  return all.map(({ id, model }, i) => ({
    id,
    party: plan.id,
    model,
    code: codes.get(id) ?? '',
    localAddress: `127.0.${plan.network}.${i + 1}`,
    ...(id === openPortDevice ? { ports: [telnet, ...model.ports] } : {}),
  }));
}

/** Files of a device that standard tools use. */
export interface ToolFiles {
  readonly device: string;
  readonly root: string;
  readonly certificate: string;
  readonly key: string;
}

async function must(command: string, args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, input === undefined ? {} : { input });
  if (code !== 0) throw new Error(`${command} ${args.slice(0, 3).join(' ')}: exit ${code}: ${stderr}`);
  return stdout;
}

const isInstalled = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(path.join(folder, program)));

/** Debian packages of the programs that are not here, of those a part of the demo needs. */
export const missingPackages = (needed: Readonly<Record<string, string>>): readonly string[] => [
  ...new Set(Object.keys(needed).flatMap((program) => (isInstalled(program) ? [] : (needed[program] ?? [])))),
];
export const enrolTools: Readonly<Record<string, string>> = { curl: 'curl', openssl: 'openssl' };

/** Enrols one device with `openssl req` and `curl` alone (RFC 7030), once; the second use of its code must fail. */
export async function enrolWithTools(world: World, plan: FleetDevice): Promise<ToolFiles> {
  const { scratch, progress, platform, server } = world;
  const folder = path.join(scratch, plan.id);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const at = (name: string): string => path.join(folder, name);
  await writeFile(at('root.pem'), server.rootPem);
  await must('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', at('device.key')]);
  const subject = ['-subj', `/CN=${plan.id}`];
  await must('openssl', [
    'req',
    '-new',
    '-key',
    at('device.key'),
    ...subject,
    '-outform',
    'DER',
    '-out',
    at('csr.der'),
  ]);
  await must('openssl', ['base64', '-in', at('csr.der'), '-out', at('csr.b64')]);
  const est = `https://localhost:${platform.devicePort}/.well-known/est/${plan.party}`;
  const trust = ['--silent', '--show-error', '--cacert', at('root.pem')];
  const ask = [...trust, '-u', `${plan.id}:${plan.code}`, '-H', 'Content-Type: application/pkcs10'];
  const enrol = [...ask, '--data-binary', `@${at('csr.b64')}`, `${est}/simpleenroll`];
  const pems = async (base64: string): Promise<string> => {
    await writeFile(at('answer.p7'), Buffer.from(base64, 'base64'));
    return must('openssl', ['pkcs7', '-inform', 'DER', '-in', at('answer.p7'), '-print_certs']);
  };
  const chain = await pems(await must('curl', [...trust, '--fail', `${est}/cacerts`]));
  const own = await pems(await must('curl', [...enrol, '--fail']));
  await writeFile(at('device.pem'), own + chain);
  const again = await must('curl', [...enrol, '--output', '/dev/null', '--write-out', '%{http_code}']);
  progress.held('curl and openssl enrol a device', own.includes('BEGIN CERTIFICATE'));
  progress.held('its one-time code works once', again.trim() === '401', `HTTP ${again.trim()}`);
  return { device: plan.id, root: at('root.pem'), certificate: at('device.pem'), key: at('device.key') };
}
