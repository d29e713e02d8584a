import { mkdir, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import path from 'node:path';
import { makeRequest, readCertificates } from '../device/certificates.ts';
import type { Load } from './load.ts';
import { agree, modelId, newKey, party, publishModel, type World } from './party.ts';
import { makePeerCertificates, type Platform } from './servers.ts';

/** A real platform with enrolled devices, and what the other servers need. */
export interface Ready extends World {
  /** Directory of the other servers and of the certificates for their devices. */
  readonly peers: string;
}

/** Names as the load generator forms them. */
export const deviceName = (n: number, prefix = 'dev-'): string => `${prefix}${String(n).padStart(6, '0')}`;

/** Enrolments under way at once: the platform has one core. */
const parallel = 6;
const timeout = 60_000;

interface Est {
  readonly port: number;
  readonly rootPem: string;
  readonly agent: Agent;
}

/** One `simpleenroll` over a kept connection, as a factory's enrolment station sends it; answers the body. */
function simpleEnroll(
  { port, rootPem, agent }: Est,
  device: { readonly id: string; readonly code: string },
  body: string,
): Promise<string> {
  const headers = {
    authorization: `Basic ${Buffer.from(`${device.id}:${device.code}`).toString('base64')}`,
    'content-type': 'application/pkcs10',
    'content-length': String(body.length),
  };
  const to = { host: 'localhost', port, path: `/.well-known/est/${party}/simpleenroll`, method: 'POST' };
  const signal = AbortSignal.timeout(timeout);
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...to, agent, ca: rootPem, headers, signal }, (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(parts).toString('latin1');
        if (incoming.statusCode === 200) resolve(text);
        else reject(new Error(`EST: HTTP ${incoming.statusCode} ${text.slice(0, 300)}`));
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function enrolOne(
  server: Est,
  directory: string,
  device: { readonly id: string; readonly code: string },
): Promise<void> {
  const key = newKey();
  const answer = await simpleEnroll(server, device, await makeRequest(key, device.id));
  const [certificate] = readCertificates(answer);
  if (!certificate) throw new Error(`no certificate for ${device.id}`);
  await writeFile(path.join(directory, `${device.id}.crt`), certificate.toString());
  await writeFile(path.join(directory, `${device.id}.key`), key, { mode: 0o600 });
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

/** Registers devices through the API and enrols each with its one-time code. */
async function enrol(world: World, server: Est, certificates: string, names: readonly string[]): Promise<void> {
  for (let at = 0; at < names.length; at += 1_000) {
    const { devices } = await world.engineer.call('registerDevices', {
      params: { agreement: world.agreement },
      body: { devices: names.slice(at, at + 1_000).map((id) => ({ id, model: modelId })) },
    });
    await inParallel(devices, (device) => enrolOne(server, certificates, device));
  }
}

/** Devices that only warm a server up, so that the memory of the others is theirs alone. */
export const warmPrefix = 'warm-';

/** Devices to enrol: those of the load, and those of the warm-up. */
export interface Counts {
  readonly devices: number;
  readonly warm: number;
}

/**
 * Makes a platform ready through its public interfaces: administrator, agreement signed by both, model with three
 * declared fields, `count` devices enrolled. Certificates and keys are written where the load generator looks.
 */
export async function setUp(
  platform: Platform,
  load: Load,
  scratch: string,
  { counts, say }: { readonly counts: Counts; readonly say: (line: string) => void },
): Promise<Ready> {
  const { certificates } = platform;
  await mkdir(certificates, { recursive: true, mode: 0o700 });
  const world = await agree(platform, scratch);
  await publishModel(world);
  const server: Est = {
    port: platform.devicePort,
    rootPem: world.api.rootPem,
    agent: new Agent({ keepAlive: true, maxSockets: parallel }),
  };
  const started = performance.now();
  const names = Array.from({ length: counts.devices }, (_, i) => deviceName(i));
  const warm = Array.from({ length: counts.warm }, (_, i) => deviceName(i, warmPrefix));
  await enrol(world, server, certificates, [...names, ...warm]);
  say(
    `enrolled ${names.length + warm.length} devices over EST in ${((performance.now() - started) / 1_000).toFixed(1)} s`,
  );
  server.agent.destroy();
  await writeFile(path.join(certificates, 'ca.crt'), world.api.rootPem);
  const peers = path.join(scratch, 'peers');
  await makePeerCertificates(load, peers, { ...counts, prefix: warmPrefix });
  return { ...world, peers };
}
