import path from 'node:path';
import { directoryStore, type Identity, openIdentity } from '@pactgate/device';
import type { Command, Input } from '../command.ts';
import { Failure } from '../failure.ts';
import { readSecret, writePrivate } from '../files.ts';
import { both } from '../language.ts';
import { type Output, time } from '../output.ts';
import { readFingerprint } from '../profile.ts';
import { facts } from '../vocabulary.ts';

/** Where EST answers and what to trust: from the options alone, or from the platform of the profile. */
async function openHere(input: Input): Promise<{ readonly identity: Identity; readonly directory: string }> {
  const device = input.arg(0);
  const directory = path.resolve(input.text('dir') ?? device);
  const store = await directoryStore(directory);
  const [host, party] = [input.text('host'), input.text('party')];
  if (host !== undefined) {
    const root = { sha256: readFingerprint(input.demand('root-sha256')) };
    const port = input.whole('port', 1, 65_535) ?? 8_444;
    const identity = await openIdentity({ host, port, party: input.demand('party'), device, root, store });
    return { identity, directory };
  }
  const session = await input.context.session();
  const about = await session.client.call('platform', {});
  const own = party ?? session.profile.party;
  if (own === undefined) throw new Failure('usage', both('缺少 --party', '--party is missing'));
  const root = { pem: session.profile.rootPem };
  // The address of the console may be a proxy's; devices are served under the public host.
  const identity = await openIdentity({
    host: about.publicHost,
    port: input.whole('port', 1, 65_535) ?? about.devicePort,
    party: own,
    device,
    root,
    store,
  });
  return { identity, directory };
}

/** PEM files as curl, mosquitto and openssl take them, beside the SDK's own state. */
async function writePems({ context }: Input, identity: Identity, directory: string): Promise<Output> {
  const { rootPem, certificatePem, keyPem, notAfter } = identity.credentials();
  const files = {
    root: path.join(directory, 'root.pem'),
    certificate: path.join(directory, 'device.pem'),
    key: path.join(directory, 'device.key'),
  };
  await writePrivate(files.root, rootPem);
  await writePrivate(files.key, keyPem);
  await writePrivate(files.certificate, certificatePem);
  const json = { device: identity.device, party: identity.party, ...files, notAfter, renewAt: identity.renewAt };
  const text = facts(
    {
      device: `${identity.party}/${identity.device}`,
      root: files.root,
      certificate: files.certificate,
      key: files.key,
      until: time(notAfter),
      renewAt: time(identity.renewAt),
    },
    context.locale,
  );
  return { json, text };
}

async function enrol(input: Input): Promise<Output> {
  const { identity, directory } = await openHere(input);
  const file = input.text('code-file');
  const code = file === undefined ? input.demand('code') : await readSecret(file);
  input.context.step(both('申请证书', 'asking for a certificate'));
  await identity.enrol(code);
  return writePems(input, identity, directory);
}

async function renew(input: Input): Promise<Output> {
  const { identity, directory } = await openHere(input);
  if (!identity.enrolled)
    throw new Failure(
      'refused',
      both(`${directory} 中没有已注册的设备`, `no enrolled device in ${directory}`),
      both('请先运行 pactgate device enrol。', 'Run pactgate device enrol first.'),
    );
  await identity.renew({ newKey: !input.flag('same-key') });
  return writePems(input, identity, directory);
}

const device = [{ name: 'DEVICE', summary: both('设备标识', 'device id') }];
const where = {
  dir: {
    type: 'string',
    value: 'DIR',
    summary: both('设备的目录（默认为设备标识）', 'directory of the device (default: its id)'),
  },
  host: {
    type: 'string',
    value: 'HOST',
    summary: both(
      '平台主机（不用配置档时，另需 --party 与 --root-sha256）',
      'host of the platform (without a profile; with --party and --root-sha256)',
    ),
  },
  port: { type: 'string', value: 'N', summary: both('EST 端口（默认 8444）', 'port of EST (default: 8444)') },
  party: { type: 'string', value: 'PARTY', summary: both('设备方标识', 'id of the device party') },
} as const;

export const enrolCommands: readonly Command[] = [
  {
    name: 'device enrol',
    summary: both(
      '作为设备：生成密钥，用一次性注册码取得证书（EST）',
      'as a device: make a key, get a certificate with the one-time code (EST)',
    ),
    arguments: device,
    options: {
      ...where,
      code: { type: 'string', value: 'CODE', summary: both('注册码', 'enrolment code') },
      'code-file': {
        type: 'string',
        value: 'FILE',
        summary: both('含注册码的文件（- 为标准输入）', 'file with the code (-: stdin)'),
      },
    },
    examples: [
      'device enrol pump-7 --code CODE',
      'device enrol pump-7 --host localhost --party acme --root-sha256 HEX --code-file code.txt --dir ./pump-7',
    ],
    uses: ['platform'],
    run: enrol,
  },
  {
    name: 'device renew',
    summary: both('作为设备：续期证书（EST）', 'as a device: renew the certificate (EST)'),
    arguments: device,
    options: { ...where, 'same-key': { type: 'boolean', summary: both('沿用原密钥', 'keep the key') } },
    examples: ['device renew pump-7 --dir ./pump-7'],
    uses: ['platform'],
    run: renew,
  },
];
