import { checkDocument, draftDocument } from '@pactgate/agreement';
import { makeKey, makeRequest } from '@pactgate/device';
import {
  buildBundle,
  ProofError,
  parseBundle,
  parseCheckpoint,
  parseNote,
  readZip,
  verifyBundle,
} from '@pactgate/proof';
import { Problem } from '@pactgate/protocol';
import { nodeProofCrypto } from '../../platform/src/adapters/proof-crypto.ts';
import { readRequest } from '../../platform/src/adapters/x509/request.ts';
import { parseConfiguration } from '../../platform/src/config.ts';
import { checkModelFile, parseSbom } from '../../platform/src/duties/baseline/index.ts';
import {
  CborError,
  checkManifest,
  compileManifest,
  decodeCbor,
  MessageWriter,
  minimise,
  untaggedFields,
} from '../../platform/src/duties/data/index.ts';
import { readBody, readCredentials } from '../../platform/src/gateway/est/body.ts';
import { fuzzOne } from '../../platform/src/gateway/mqtt/codec/fuzz.ts';
import { days, instant } from '../../platform/src/kernel/time.ts';
import { makeBundle, makeWorld, witnessedAt } from '../../proof/testing/world.ts';
import { modelDocuments, simModels } from '../../sim/models.ts';
import { mutateBytes, mutateJson, type Pick, pickFrom } from './mutate.ts';

/** One parser under test: an input from a seed. Whatever it throws is a crash. */
export interface Target {
  readonly what: string;
  prepare(): Promise<(seed: number) => Promise<void> | void>;
}

/** Runs a parser; errors of the expected class are its way to say no. */
function refusing(run: () => unknown, expected: (error: unknown) => boolean): void {
  try {
    run();
  } catch (error) {
    if (!expected(error)) throw error;
  }
}

function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

const now = instant(Date.parse('2026-06-01T00:00:00Z'));
const documents = modelDocuments(simModels.pump, { party: 'acme', agreement: 'agr-1', version: 1, now });
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** What is stored of a message is CBOR of declared fields alone, whatever was sent. */
function minimiseOne(): (seed: number) => void {
  const manifest = compileManifest(documents.manifest);
  const channel = manifest.channels.get('status');
  demand(channel !== undefined, 'the sample has no channel');
  const out = new MessageWriter();
  const samples = [
    json({ temperature: 21.5, pressure: 400, vibration: 1e-3, running: true, site: 'hall 4 "é水" \\ \u0001' }),
    json({ pressure: 0, temperature: -40, extra: { deep: [1, { a: [] }] }, __proto__: 1 }),
    Buffer.from('{"temperature":2.15e1,"pressure":4E2,"\\u0073ite":"\\ud83d\\ude00"} '),
  ];
  return (seed) => {
    const pick = pickFrom(seed);
    const input = mutateBytes(samples[pick(samples.length)] ?? samples[0] ?? Buffer.alloc(0), pick);
    if (minimise(channel, input, out) !== undefined) return;
    decodeCbor(out.body.done());
    if (out.sealedFields > 0) decodeCbor(out.secret.done());
    demand(isJson(input), 'stored what JSON.parse refuses');
  };
}

/** The strictness that matters: what we store, every other reader of the standard must be able to read. */
function isJson(input: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(input));
    return true;
  } catch {
    return false;
  }
}

function cborOne(): (seed: number) => void {
  const out = new MessageWriter();
  const channel = compileManifest(documents.manifest).channels.get('status');
  demand(channel !== undefined, 'the sample has no channel');
  minimise(channel, json({ temperature: 21.5, pressure: 400, vibration: 2 ** 40, running: false, site: 'hall' }), out);
  const rows = [Buffer.from(out.body.done()), Buffer.from(out.secret.done())];
  return (seed) => {
    const pick = pickFrom(seed);
    const input = mutateBytes(rows[pick(rows.length)] ?? Buffer.alloc(0), pick);
    refusing(
      () => decodeCbor(input),
      (error) => error instanceof CborError,
    );
  };
}

function documentsOne(): (seed: number) => void {
  const context = { agreement: 'agr-1', party: 'acme', model: 'pump-2', now };
  const limits = { maxRetention: days(3_650), maxReviewAge: days(400) };
  return (seed) => {
    const pick = pickFrom(seed);
    const manifest = mutateJson(documents.manifest, pick);
    const checked = checkManifest(manifest, { ...context, ...limits } as never);
    untaggedFields(manifest);
    // What passed the check is compiled and meets messages: it must not fail then.
    if (checked.ok) compileManifest(checked.manifest);
    checkModelFile(mutateJson(documents.file, pick), context);
    parseSbom(mutateBytes(json(documents.sbom), pick));
    parseSbom(json(mutateJson(documents.sbom, pick)));
  };
}

function agreementOne(): (seed: number) => void {
  const side = {
    name: 'Maker',
    representative: 'Wang Min',
    address: '1 Test Road',
    register: { kind: 'other', registerName: 'Test', number: '1' },
    contactEmail: 'a@example.org',
  } as const;
  const coordinate = 'A'.repeat(43);
  const document = draftDocument({
    id: '01890a5d-ac96-774b-bcce-b302099a8057',
    draftedAt: '2026-06-01T00:00:00Z',
    partyA: side,
    partyB: side,
    anchors: {
      rootSha256: '0'.repeat(64),
      signingKey: { kty: 'EC', crv: 'P-256', x: coordinate, y: coordinate },
      logs: [],
    },
  });
  return (seed) => {
    checkDocument(mutateJson(document, pickFrom(seed)));
  };
}

async function bundleOne(): Promise<(seed: number) => Promise<void>> {
  const world = await makeWorld();
  const good = buildBundle(nodeProofCrypto, await makeBundle(world));
  const isRefusal = (error: unknown): boolean => error instanceof ProofError;
  const options = { now: witnessedAt * 1_000, crypto: nodeProofCrypto };
  return async (seed) => {
    const pick = pickFrom(seed);
    const input = mutateBytes(good, pick);
    refusing(() => readZip(input), isRefusal);
    refusing(() => parseBundle(nodeProofCrypto, input), isRefusal);
    const { exitCode } = await verifyBundle(input, world.anchors, options);
    demand(exitCode !== 0, 'a bundle without an evaluator is never complete');
    demand(exitCode === 1 || input.equals(good), `an altered bundle ended with ${exitCode}`);
  };
}

async function requestOne(): Promise<(seed: number) => void> {
  const good = Buffer.from(await makeRequest(makeKey(), 'dev-1'), 'base64');
  const forms = (der: Buffer): readonly Buffer[] => [
    der,
    Buffer.from(der.toString('base64')),
    Buffer.from(`-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`),
  ];
  return (seed) => {
    const pick = pickFrom(seed);
    readRequest(mutateBytes(good, pick));
    const body = forms(good)[pick(3)] ?? good;
    const der = readBody(mutateBytes(body, pick));
    if (der) readRequest(der);
    readCredentials(mutateBytes(Buffer.from('Basic ZGV2LTE6Y29kZQ=='), pick).toString('latin1'));
  };
}

const sampleNote =
  'a.example/logs/x/2026\n3\nqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=\n\n— a.example/logs/x/2026 AAAAAQ==\n';

function notesOne(): (seed: number) => void {
  const isRefusal = (error: unknown): boolean => error instanceof ProofError;
  return (seed) => {
    const pick = pickFrom(seed);
    const input = mutateBytes(Buffer.from(sampleNote), pick);
    refusing(() => parseCheckpoint(parseNote(input).text), isRefusal);
  };
}

function configurationOne(): (seed: number) => void {
  const sample = {
    name: 'x',
    mqtt: { port: 1, receiveMaximum: 5 },
    tripwire: { ports: [1_883] },
    log: { level: 'warn' },
  };
  return (seed) => {
    const pick: Pick = pickFrom(seed);
    const value = mutateJson(sample, pick);
    refusing(
      () => parseConfiguration(value, {}),
      (error) => error instanceof Problem,
    );
  };
}

/** Every parser that meets octets from outside, by name. */
export const targets: Readonly<Record<string, Target>> = {
  mqtt: { what: 'MQTT packets, whole and in pieces', prepare: () => Promise.resolve(fuzzOne) },
  json: { what: 'telemetry through the minimiser', prepare: () => Promise.resolve(minimiseOne()) },
  cbor: { what: 'stored rows', prepare: () => Promise.resolve(cborOne()) },
  bundle: { what: 'zip, bundle and its verification', prepare: bundleOne },
  documents: { what: 'manifest, security file, SBOM', prepare: () => Promise.resolve(documentsOne()) },
  agreement: { what: 'the document to be signed', prepare: () => Promise.resolve(agreementOne()) },
  requests: { what: 'certificate requests and credentials of EST', prepare: requestOne },
  notes: { what: 'signed notes and checkpoints', prepare: () => Promise.resolve(notesOne()) },
  configuration: { what: 'configuration', prepare: () => Promise.resolve(configurationOne()) },
};
