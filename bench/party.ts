import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { DataManifest, ModelFile } from '@pactgate/protocol';
import { documentTypes } from '@pactgate/protocol';
import type { Client } from '@pactgate/protocol/api';
import { makePartyKeys, type PartyKeys } from '../cli/src/party-keys.ts';
import { canonical, signBytes } from '../cli/src/signed.ts';
import { type Server as Api, clientOf, pin, signIn } from '../tools/live/api.ts';
import type { Platform } from './servers.ts';

/** Both parties of the benchmark's agreement, which is in force. */
export interface World {
  readonly api: Api;
  /** Party A's administrator. */
  readonly operator: Client;
  /** Party B's administrator. */
  readonly engineer: Client;
  readonly party: string;
  readonly agreement: string;
  readonly keys: PartyKeys;
}

export const party = 'bench';
export const modelId = 'sensor-1';
const email = 'bench@platform.example';

const tokenOf = (link: string): string => new URLSearchParams(new URL(link).hash.slice(1)).get('token') ?? '';

/** The first administrator by the set-up link, signed in with password and TOTP; answers an API token's client. */
async function operatorOf(api: Api, setupLink: string): Promise<Client> {
  const password = randomBytes(18).toString('base64url');
  const body = { token: tokenOf(setupLink), name: 'Bench Operator', email, password };
  await clientOf(api).call('setUp', { body });
  const session = clientOf(api, await signIn(api, email, password));
  const { secret } = await session.call('createToken', { body: { name: 'bench', days: 1 } });
  return clientOf(api, { token: secret });
}

const register = (number: string) => ({ kind: 'other', registerName: 'Benchmarks', number }) as const;

/** The agreement from draft to force, each party with its own key. */
export async function agree(platform: Platform, scratch: string): Promise<World> {
  const api = await pin(platform.console, platform.rootSha256);
  const operator = await operatorOf(api, platform.setupLink);
  const common = { representative: 'Bench', address: '1 Bench Road', contactEmail: email };
  await operator.call('setPlatformParticulars', {
    body: { name: 'Bench Platform', ...common, register: register('A-1') },
  });
  const particulars = { name: 'Bench Devices', ...common, register: register('B-1') };
  await operator.call('createParty', { body: { id: party, particulars } });
  const { id: agreement } = await operator.call('draftAgreement', { body: { party } });
  const { link } = await operator.call('inviteParty', { params: { party }, body: {} });
  const directory = path.join(scratch, 'party');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const keys = await makePartyKeys(directory, `${party}.localhost/witness`);
  const joined = await clientOf(api).call('acceptParty', {
    params: { token: tokenOf(link) },
    body: { key: { ...keys.jwk }, witnessKey: keys.vkey },
  });
  const engineer = clientOf(api, { token: joined.token });
  const document = await engineer.call('agreementDocument', { params: { agreement } });
  const jws = await signBytes(document, documentTypes.agreement, keys);
  const { digest = '' } = await engineer.call('signAgreement', { params: { agreement }, body: { jws } });
  await operator.call('countersignAgreement', { params: { agreement }, body: { digest } });
  return { api, operator, engineer, party, agreement, keys };
}

/** Three declared fields, none sealed; what else a payload holds is dropped and counted. */
function documents(agreement: string): { readonly file: ModelFile; readonly manifest: DataManifest } {
  const now = Date.now();
  const field = {
    channel: 'status',
    class: 'internal',
    personal: false,
    purpose: ['operate'],
    retention: 'P30D',
  } as const;
  const common = { personal: field.personal, purpose: [...field.purpose] };
  return {
    file: {
      v: 'pactgate/model-file/1',
      model: modelId,
      party,
      version: 1,
      contact: { name: 'Bench', email: 'security@bench.example' },
      supportEnd: new Date(now + 3 * 365 * 86_400_000).toISOString().slice(0, 10),
      tamperClass: 'evident',
      interfaces: [{ kind: 'network', name: 'Ethernet', enabled: true }],
      threats: [{ threat: 'forged readings', control: 'mutual TLS' }],
      firmware: [{ version: '1.0.0' }],
    },
    manifest: {
      v: 'pactgate/manifest/1',
      agreement,
      party,
      model: modelId,
      version: 1,
      validFrom: new Date(now - 60_000).toISOString(),
      reviewBy: new Date(now + 300 * 86_400_000).toISOString().slice(0, 10),
      purposes: { operate: { zh: '运行监测', en: 'operation', basis: 'agreement' } },
      channels: { status: { media: 'json', maxBytes: 1_024, maxPerMinute: 60_000 } },
      fields: [
        { ...field, ...common, path: '/temperature', type: 'number', required: true, unit: 'Cel' },
        { ...field, ...common, path: '/humidity', type: 'number', required: true },
        { ...field, ...common, path: '/note', type: 'string', maxLength: 128 },
      ],
    },
  };
}

const sbom = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: { component: { type: 'firmware', name: modelId, version: '1.0.0' } },
  components: [{ type: 'library', name: 'mbedtls', version: '3.6.4', purl: 'pkg:generic/mbedtls@3.6.4' }],
};

/** The model of the benchmark, submitted and signed by B, countersigned by A. */
export async function publishModel({ engineer, operator, agreement, keys }: World): Promise<void> {
  const { file, manifest } = documents(agreement);
  // Both are JSON by their schemas.
  const own = canonical(JSON.parse(JSON.stringify(file)));
  const declared = canonical(JSON.parse(JSON.stringify(manifest)));
  const params = { agreement, model: modelId };
  const body = {
    file: await signBytes(own.bytes, documentTypes.modelFile, keys),
    manifest: await signBytes(declared.bytes, documentTypes.manifest, keys),
    sbom: { ...sbom, metadata: { timestamp: manifest.validFrom, ...sbom.metadata } },
  };
  await engineer.call('putModel', { params, body });
  await operator.call('activateModel', { params, body: { manifestDigest: declared.digest } });
}

export const newKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
