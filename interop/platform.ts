import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { canonicalBytes, encodeHex, type JsonObject, sha256 } from '@pactgate/proof';
import { documentTypes, type Role } from '@pactgate/protocol';
import type { Client } from '@pactgate/protocol/api';
import { makePartyKeys, type PartyKeys } from '../cli/src/party-keys.ts';
import { readLink } from '../cli/src/profile.ts';
import { signBytes } from '../cli/src/signed.ts';
import { modelDocuments, type SimModel, simModels } from '../sim/models.ts';
import { clientOf, http, pin, type Server, signIn } from '../tools/live/api.ts';
import { type LivePlatform, type PlatformOptions, signInLink, startPlatform } from '../tools/live/platform.ts';
import { closeClients } from './clients.ts';

/** Somebody with an API token: the client that carries it. */
export interface Caller {
  readonly client: Client;
  readonly token: string;
}

/** A device party whose agreement is in force, with everybody of its side. */
export interface PartySide {
  readonly id: string;
  readonly agreement: string;
  /** Origin and id of its log. */
  readonly origin: string;
  readonly log: string;
  readonly keys: PartyKeys;
  readonly admin: Caller;
  readonly engineer: Caller;
}

/** A running platform with two parties in force, active models and tokens of the administrator, an auditor, and both roles of each party. */
export interface Ready {
  readonly platform: LivePlatform;
  readonly server: Server;
  /** Scratch directory of the test; the data directory is in it. */
  readonly dir: string;
  readonly admin: Caller;
  readonly auditor: Caller;
  readonly parties: readonly [PartySide, PartySide];
  /** Stops the platform and removes its files; answers its exit code. */
  stop(): Promise<number>;
}

export interface ReadyOptions {
  /** Configuration by variable name without `PACTGATE_`. */
  readonly config?: Readonly<Record<string, string>>;
  /** Ids of the two parties. */
  readonly partyIds?: readonly [string, string];
  /** Messages a minute that the manifests agree on; default 120. */
  readonly perMinute?: number;
  /** Parent of the data directory; default a new scratch directory. */
  readonly dir?: string;
  /** Visible parameters of both agreements. */
  readonly params?: Readonly<Record<string, Readonly<Record<string, number | string>>>>;
}

const password = 'correct horse battery staple 7';

const particulars = (name: string) => ({
  name,
  representative: 'Wang Min',
  address: '1 Test Road, Xiamen',
  register: { kind: 'other' as const, registerName: 'Test register', number: `T-${name.length}` },
  contactEmail: 'office@example.org',
});

/** The first administrator: set-up link, sign-in link, API token; the way an operator goes with a browser and curl. */
export async function firstAdministrator(platform: LivePlatform, server: Server): Promise<Caller> {
  const { token } = readLink(platform.setupLink ?? '');
  await clientOf(server).call('setUp', { body: { token, name: 'Admin', email: 'admin@example.org', password } });
  return signedInToken(platform, server);
}

/** A new token of the administrator over the operator's one-time link. */
export async function signedInToken(platform: LivePlatform, server: Server): Promise<Caller> {
  const link = new URL(await signInLink(platform));
  const opened = await http(server, { method: 'GET', path: link.pathname + link.search });
  if (opened.status !== 303) throw new Error(`sign-in link: HTTP ${opened.status} ${opened.body.toString()}`);
  const person = clientOf(server, { cookie: opened.cookies.join('; ') });
  return tokenOf(server, person, 'a.admin');
}

async function tokenOf(server: Server, by: Client, role: Role): Promise<Caller> {
  const { secret } = await by.call('createToken', { body: { name: `test ${role}`, days: 1, role } });
  return { client: clientOf(server, { token: secret }), token: secret };
}

/**
 * A person of A who accepts an invitation, signs in with password and TOTP and makes a token of the own role.
 *
 * @param from loopback address of the machine of this person
 */
export async function personOf(at: Server, admin: Caller, role: Role, from: string): Promise<Caller> {
  const server = { ...at, from };
  const email = `${role}@example.org`;
  const { link } = await admin.client.call('invitePerson', { body: { role, email } });
  const params = { token: readLink(link).token };
  await clientOf(server).call('acceptPerson', { params, body: { name: role, email, password } });
  const { cookie } = await signIn(server, email, password);
  return tokenOf(at, clientOf(server, { cookie }), role);
}

interface PartyPlan {
  readonly id: string;
  readonly dir: string;
  readonly params: ReadyOptions['params'];
}

/** Registers, drafts, joins with keys of its own, signs what it fetched, A countersigns. */
async function bringIntoForce(server: Server, admin: Caller, plan: PartyPlan): Promise<PartySide> {
  const { id, dir, params } = plan;
  mkdirSync(dir, { recursive: true });
  const keys = await makePartyKeys(dir, `witness.${id}.example`);
  await admin.client.call('createParty', { body: { id, particulars: particulars(`Maker ${id}`) } });
  const drafted = await admin.client.call('draftAgreement', { body: { party: id, ...(params ? { params } : {}) } });
  const { link } = await admin.client.call('inviteParty', { params: { party: id }, body: {} });
  const { kty, crv, x, y } = keys.jwk;
  const joined = await clientOf(server).call('acceptParty', {
    params: { token: readLink(link).token },
    body: { key: { kty, crv, x, y }, witnessKey: keys.vkey },
  });
  const owner = { client: clientOf(server, { token: joined.token }), token: joined.token };
  const agreement = drafted.id;
  const bytes = await owner.client.call('agreementDocument', { params: { agreement } });
  const jws = await signBytes(bytes, documentTypes.agreement, keys);
  await owner.client.call('signAgreement', { params: { agreement }, body: { jws } });
  const digest = encodeHex(sha256(bytes));
  const { origin, logId } = await admin.client.call('countersignAgreement', {
    params: { agreement },
    body: { digest },
  });
  const engineer = await tokenOf(server, owner.client, 'b.engineer');
  return { id, agreement, origin, log: logId, keys, admin: owner, engineer };
}

interface ModelPlan {
  readonly model: SimModel;
  /** Messages a minute on each channel. */
  readonly perMinute?: number;
  /** Version of both documents. */
  readonly version?: number;
}

type Jws = Awaited<ReturnType<typeof signBytes>>;
interface SignedModel {
  readonly file: Jws;
  readonly manifest: Jws;
  readonly sbom: Readonly<Record<string, unknown>>;
  readonly manifestDigest: string;
}

/** The documents of a model, signed by their party, and the digest of the manifest that A countersigns. */
export async function signedModel(
  side: PartySide,
  { model, perMinute = 120, version = 1 }: ModelPlan,
): Promise<SignedModel> {
  const { agreement, id: party, keys } = side;
  const made = modelDocuments(model, { party, agreement, version, now: Date.now() });
  const channels = Object.entries(made.manifest.channels).map(([name, channel]) => [
    name,
    { ...channel, maxPerMinute: perMinute },
  ]);
  const manifest = { ...made.manifest, channels: Object.fromEntries(channels) };
  // Documents of ours hold JSON values only.
  const signed = (document: unknown, typ: (typeof documentTypes)[keyof typeof documentTypes]) =>
    signBytes(canonicalBytes(document as JsonObject), typ, keys);
  return {
    file: await signed(made.file, documentTypes.modelFile),
    manifest: await signed(manifest, documentTypes.manifest),
    sbom: made.sbom,
    manifestDigest: encodeHex(sha256(canonicalBytes(manifest))),
  };
}

/** Submits the signed documents of a model; A countersigns its manifest and activates it. */
export async function activateModel(ready: Pick<Ready, 'admin'>, side: PartySide, plan: ModelPlan): Promise<void> {
  const params = { agreement: side.agreement, model: plan.model.id };
  const { manifestDigest, ...body } = await signedModel(side, plan);
  await side.admin.client.call('putModel', { params, body });
  await ready.admin.client.call('activateModel', { params, body: { manifestDigest } });
}

/**
 * Starts a platform in a scratch directory and takes it to the point where devices can enrol: particulars, two parties
 * with agreements in force, the pump model active at both, tokens of the administrator, an auditor, and both roles of each party.
 */
export async function readyPlatform(options: ReadyOptions = {}): Promise<Ready> {
  const dir = options.dir ?? mkdtempSync(path.join(tmpdir(), 'pactgate-interop-'));
  const started = await startPlatform({ data: path.join(dir, 'data'), ...configOf(options) });
  try {
    return await furnish(started, dir, options);
  } catch (error) {
    await started.process.stop();
    throw new Error(`the platform started but could not be furnished:\n${started.process.tail()}`, { cause: error });
  }
}

const configOf = ({ config }: ReadyOptions): Pick<PlatformOptions, 'config'> => (config ? { config } : {});

async function furnish(platform: LivePlatform, dir: string, options: ReadyOptions): Promise<Ready> {
  const server = await pin(platform.console, platform.rootSha256);
  writeFileSync(path.join(dir, 'root.pem'), server.rootPem);
  const admin = await firstAdministrator(platform, server);
  await admin.client.call('setPlatformParticulars', { body: particulars('Platform operator') });
  const auditor = await tokenOf(server, admin.client, 'a.auditor');
  const plan = (id: string): PartyPlan => ({ id, dir: path.join(dir, id), params: options.params });
  const [first, second] = options.partyIds ?? ['acme', 'borealis'];
  const parties = [
    await bringIntoForce(server, admin, plan(first)),
    await bringIntoForce(server, admin, plan(second)),
  ] as const;
  const perMinute = options.perMinute === undefined ? {} : { perMinute: options.perMinute };
  for (const side of parties) await activateModel({ admin }, side, { model: simModels.pump, ...perMinute });
  const stop = async (): Promise<number> => {
    closeClients();
    const code = await platform.process.stop(20_000);
    rmSync(dir, { recursive: true, force: true });
    return code;
  };
  return { platform, server, dir, admin, auditor, parties, stop };
}
