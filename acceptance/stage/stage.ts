import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { documentTypes } from '@pactgate/protocol';
import type { Client } from '@pactgate/protocol/api';
import { modelDocuments, type SimModel, simModels } from '@pactgate/sim';
import { platformParty } from '../../tools/demo/plan.ts';
import { clientOf, pin, type Server, signIn } from '../../tools/live/api.ts';
import { type LivePlatform, startPlatform } from '../../tools/live/platform.ts';
import { StageDevice } from './device.ts';
import { joinParty, type StageParty } from './party.ts';

/** One platform for all scripts of a run. */
export interface Theatre {
  readonly platform: LivePlatform;
  readonly server: Server;
  readonly operator: Client;
  close(): Promise<void>;
}

/** Starts a platform in a scratch directory and makes party A able to act. */
export async function openTheatre(): Promise<Theatre> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'pactgate-acceptance-'));
  const platform = await startPlatform({ data: path.join(scratch, 'data') });
  const server = await pin(platform.console, platform.rootSha256);
  const setup = new URL(platform.setupLink ?? 'https://localhost');
  const token = new URLSearchParams(setup.hash.slice(1)).get('token') ?? setup.searchParams.get('token') ?? '';
  const [email, password] = ['operator@platform.example', 'acceptance passphrase 41'];
  await clientOf(server).call('setUp', { body: { token, name: 'Wang Fang', email, password } });
  const session = await signIn(server, email, password);
  const { secret } = await clientOf(server, session).call('createToken', { body: { name: 'acceptance', days: 1 } });
  const operator = clientOf(server, { token: secret });
  const { uscc, ...rest } = platformParty;
  const body = { ...rest, register: { kind: 'uscc', number: uscc } as const, contactEmail: email };
  await operator.call('setPlatformParticulars', { body });
  return {
    platform,
    server,
    operator,
    close: async () => {
      await platform.process.stop();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

/** Agreed numbers of a script: windows of a minute, and its own row judged every two seconds. */
function paramsFor(row: string): Record<string, Record<string, number>> {
  const windows = ['B2.2.4', 'A3.1.3', 'A3.4.1'].map((id) => [id, { window: 1 }] as const);
  const params: Record<string, Record<string, number>> = Object.fromEntries(windows);
  return { ...params, [row]: { ...params[row], evaluateEvery: 2 } };
}

/** The stage of one script: a device party of its own, so that no script judges what another did. */
export class Stage {
  readonly theatre: Theatre;
  readonly name: string;
  readonly startedAt = Date.now();
  /** Network of its devices: 127.N.0.x. */
  readonly #network: number;
  readonly #row: string;
  readonly #devices = new Map<string, StageDevice>();
  readonly #versions = new Map<string, number>();
  #party: StageParty | undefined;
  /** Problem code of the last call of the API that was refused; empty: it was not. */
  lastCode = '';
  /** Bundle that was exported last. */
  bundle: Uint8Array | undefined;

  constructor(theatre: Theatre, row: string, network: number) {
    this.theatre = theatre;
    this.name = `${row.toLowerCase().replaceAll('.', '-')}-${network}`;
    this.#row = row;
    this.#network = network;
  }

  get party(): StageParty {
    if (this.#party === undefined) throw new Error('no party has joined');
    return this.#party;
  }

  /** Runs a call of the API and keeps its refusal. */
  async ask(call: () => Promise<unknown>): Promise<void> {
    this.lastCode = '';
    try {
      await call();
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error)) throw error;
      this.lastCode = String(error.code);
    }
  }

  /** A party is registered, its agreement drafted, and it joins with its keys. */
  async join(): Promise<StageParty> {
    const { operator } = this.theatre;
    // Public forms are limited by address: each party comes from its own.
    const server = { ...this.theatre.server, from: this.addressOf(250) };
    const { name } = this;
    const register = { kind: 'other', registerName: 'Companies House', number: `N-${this.#network}` } as const;
    const particulars = { name: `Party ${name}`, representative: 'Li Na', address: '1 Road', register };
    await operator.call('createParty', {
      body: { id: name, particulars: { ...particulars, contactEmail: `b@${name}.example` } },
    });
    await operator.call('draftAgreement', {
      body: { party: name, params: paramsFor(this.#row) },
    });
    const { link } = await operator.call('inviteParty', { params: { party: name }, body: {} });
    const url = new URL(link);
    const token = new URLSearchParams(url.hash.slice(1)).get('token') ?? url.searchParams.get('token') ?? '';
    this.#party = await joinParty(server, name, token);
    return this.#party;
  }

  async enforce(): Promise<void> {
    const party = await this.join();
    const digest = await party.signAgreement();
    const params = { agreement: party.agreement };
    await this.theatre.operator.call('countersignAgreement', { params, body: { digest } });
  }

  modelOf(id: string): SimModel {
    const model = Object.values(simModels).find((one) => one.id === id);
    if (model === undefined) throw new Error(`the world has no model ${id}`);
    return model;
  }

  /** Submits the documents of a model that are named. */
  async submit(model: string, parts: readonly ('file' | 'manifest' | 'sbom')[], change: Change = {}): Promise<void> {
    const { party } = this;
    const version = (this.#versions.get(model) ?? 0) + 1;
    this.#versions.set(model, version);
    const of = { party: party.id, agreement: party.agreement, version, now: Date.now() };
    const documents = modelDocuments(this.modelOf(model), of);
    const { file, manifest, sbom } = documents;
    const body = {
      ...(parts.includes('file')
        ? { file: await party.sign({ ...file, ...change.file }, documentTypes.modelFile) }
        : {}),
      ...(parts.includes('manifest')
        ? { manifest: await party.sign({ ...manifest, ...change.manifest }, documentTypes.manifest) }
        : {}),
      ...(parts.includes('sbom') ? { sbom: { ...sbom } } : {}),
    };
    await party.client.call('putModel', { params: { agreement: party.agreement, model }, body });
  }

  async activate(model: string): Promise<void> {
    const { operator } = this.theatre;
    const params = { agreement: this.party.agreement, model };
    const { manifestDigest } = await this.digestOf(model);
    await operator.call('activateModel', { params, body: { manifestDigest } });
  }

  /** Digest of the manifest, computed here from what the platform shows. */
  async digestOf(model: string): Promise<{ readonly manifestDigest: string }> {
    const { canonicalBytes, encodeHex, isJsonObject, jwsPayload, parseCanonical, parseJws, sha256 } = await import(
      '@pactgate/proof'
    );
    const params = { agreement: this.party.agreement, model };
    const found = await this.theatre.operator.call('model', { params });
    const shown = found.manifest as Parameters<typeof canonicalBytes>[0] | undefined;
    if (shown === undefined) return { manifestDigest: '0'.repeat(64) };
    const isSigned = isJsonObject(shown) && 'signatures' in shown;
    const bytes = isSigned ? canonicalBytes(parseCanonical(jwsPayload(parseJws(shown)))) : canonicalBytes(shown);
    return { manifestDigest: encodeHex(sha256(bytes)) };
  }

  /** Registers a device and answers its actor; `enrol` also gets its certificate. */
  async register(id: string, model: string): Promise<StageDevice> {
    const { party } = this;
    const params = { agreement: party.agreement };
    const { devices } = await party.client.call('registerDevices', { params, body: { devices: [{ id, model }] } });
    const device = new StageDevice(this.theatre.platform, party.id, id, this.addressOf(this.#devices.size + 1));
    this.#devices.set(id, device);
    this.codes.set(id, devices[0]?.code ?? '');
    return device;
  }
  readonly codes = new Map<string, string>();

  addressOf(host: number): string {
    return `127.${this.#network}.0.${host}`;
  }
  /** An address in another network than that of its devices. */
  get elsewhere(): string {
    return `127.${this.#network}.9.9`;
  }

  device(id: string): StageDevice {
    const device = this.#devices.get(id);
    if (device === undefined) throw new Error(`the script has no device ${id}`);
    return device;
  }

  close(): void {
    for (const device of this.#devices.values()) device.leave();
  }
}

/** Members of the documents that a script replaces. */
export interface Change {
  readonly file?: Readonly<Record<string, unknown>>;
  readonly manifest?: Readonly<Record<string, unknown>>;
}
