import { type Overrides, rowOf, valuesOf } from '@pactgate/agreement';
import {
  canonicalBytes,
  decodeUtf8,
  encodeHex,
  type GeneralJws,
  type JsonValue,
  jwkThumbprint,
  type ProofCrypto,
  ProofError,
  type PublicJwk,
  parseCanonical,
  verifyJws,
} from '@pactgate/proof';
import { type DataManifest, documentTypes, Problem, type ProblemCode } from '@pactgate/protocol';
import {
  checkModelFile,
  type ModelFacts,
  mayActivate,
  missingParts,
  readSbom,
  sbomRecord,
  supportEndOf,
} from '../duties/baseline/index.ts';
import { checkManifest, untaggedFields } from '../duties/data/index.ts';
import { type Clock, type Duration, days, type Instant, instant } from '../kernel/time.ts';
import type { Transact } from '../kernel/transact.ts';
import type { NewRecord } from '../parties/record.ts';
import type { ModelRow, ModelStore } from './ports.ts';
import type { Recorder } from './recorder.ts';

export interface ModelParts<Tx> {
  readonly store: ModelStore<Tx>;
  readonly recorder: Recorder<Tx>;
  readonly transact: Transact<Tx>;
  readonly crypto: ProofCrypto;
  readonly clock: Clock;
  readonly overrides: (agreement: string) => Overrides;
  /** The key the party signed its agreement with. */
  readonly keyOf: (party: string) => Promise<PublicJwk | undefined>;
  /** The model changed: its runtime is to be made anew. */
  readonly changed: (model: ModelRow) => Promise<void>;
  /** The model was activated: its devices may come in. */
  readonly activated: (party: string, model: string, by: string) => Promise<void>;
}

export interface ModelFiles {
  readonly file?: GeneralJws;
  readonly manifest?: GeneralJws;
  readonly sbom?: JsonValue;
}

/** Whose model it is; the agreement must be in force. */
export interface ModelOwner {
  readonly agreement: string;
  readonly party: string;
  readonly model: string;
}

/** Device models: files that B signs, the manifest that A countersigns, activation (B2.1.1, B2.4.1, B2.4.2). */
export interface Models {
  put(owner: ModelOwner, files: ModelFiles): Promise<ModelRow>;
  /** Countersigns the manifest of this digest and activates the model; `model/*` says what is missing. */
  activate(owner: ModelOwner, manifestDigest: string, by: string): Promise<ModelRow>;
}

/** Longest retention a manifest may agree: the archive of the agreement. */
const maxRetention = days(3 * 365);

export function makeModels<Tx>(parts: ModelParts<Tx>): Models {
  return {
    put: (owner, files) => put(parts, owner, files),
    activate: (owner, digest, by) => activate(parts, owner, digest, by),
  };
}

const daysOf = (overrides: Overrides, row: 'B2.1.1' | 'B2.4.2', name: string): Duration => {
  const value = valuesOf(rowOf(row), overrides)[name];
  return days(typeof value === 'number' ? value : 365);
};

interface Draft {
  row: ModelRow;
  readonly records: NewRecord[];
}

async function put<Tx>(parts: ModelParts<Tx>, owner: ModelOwner, files: ModelFiles): Promise<ModelRow> {
  const known = await parts.store.model(owner.agreement, owner.model);
  const now = parts.clock.now();
  const base: ModelRow = known ?? {
    agreement: owner.agreement,
    model: owner.model,
    state: 'draft',
    missing: [],
    changedAt: now,
  };
  const draft: Draft = { row: { ...base, changedAt: now }, records: [] };
  if (files.file) await takeFile(parts, owner, draft, files.file);
  if (files.sbom !== undefined) takeSbom(parts, owner, draft, files.sbom);
  if (files.manifest) await takeManifest(parts, owner, draft, files.manifest);
  const missing = missingOf(draft.row);
  const signed = missing.length === 0 && draft.row.manifest !== undefined;
  const state = draft.row.state === 'active' ? 'active' : signed ? 'signed' : 'draft';
  const row: ModelRow = { ...draft.row, missing, state };
  await parts.transact(async (tx) => {
    await parts.store.put(tx, row);
    await parts.recorder.recordIn(tx, draft.records);
  });
  await parts.changed(row);
  return row;
}

/** Parts of the security file that are not there, the SBOM among them. */
function missingOf({ file, sbom }: ModelRow): readonly string[] {
  const parts = missingParts(file === undefined ? {} : JSON.parse(file));
  return sbom ? parts : [...parts, 'sbom'];
}

/** What the proof package refuses is refused with this code. */
async function proved<T>(code: ProblemCode, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof ProofError ? new Problem(code, cause.message, { cause }) : cause;
  }
}

/** The payload a party signed as a document of this kind; `model/signature-invalid` otherwise. */
async function payloadOf<Tx>(
  parts: ModelParts<Tx>,
  party: string,
  jws: GeneralJws,
  { typ, invalid }: { readonly typ: string; readonly invalid: ProblemCode },
): Promise<{ readonly text: string; readonly value: JsonValue; readonly signer: string }> {
  const key = await parts.keyOf(party);
  if (!key) throw new Problem('model/signature-invalid', 'the party has no signing key');
  const bytes = await proved('model/signature-invalid', () => verifyJws(parts.crypto, jws, key, typ));
  const value = await proved(invalid, () => parseCanonical(bytes));
  return { text: decodeUtf8(bytes), value, signer: jwkThumbprint(parts.crypto, key) };
}

const digestOf = (crypto: Pick<ProofCrypto, 'sha256'>, value: JsonValue): string =>
  encodeHex(crypto.sha256(canonicalBytes(value)));

const listed = (faults: readonly { readonly path: string; readonly fault: string }[]): string =>
  faults
    .slice(0, 10)
    .map(({ path, fault }) => `${path || 'document'} ${fault}`)
    .join('; ');

async function takeFile<Tx>(parts: ModelParts<Tx>, owner: ModelOwner, draft: Draft, jws: GeneralJws): Promise<void> {
  const { text, value, signer } = await payloadOf(parts, owner.party, jws, {
    typ: documentTypes.modelFile,
    invalid: 'model/file-incomplete',
  });
  const previous = versionOf(draft.row.file);
  const checked = checkModelFile(value, { ...owner, now: parts.clock.now(), ...previous });
  if (!checked.ok)
    throw new Problem(
      'model/file-incomplete',
      [...checked.missing.map((part) => `${part} is missing`), listed(checked.faults)].filter(Boolean).join('; '),
    );
  draft.row = { ...draft.row, file: text, fileJws: JSON.stringify(jws), fileAt: draft.row.changedAt };
  draft.records.push({
    agreement: owner.agreement,
    kind: 'model.profile.sign',
    outcome: 'signed',
    body: {
      model: owner.model,
      version: checked.file.version,
      digest: digestOf(parts.crypto, value),
      signer,
      supportEnd: checked.supportEnd,
      missing: [],
    },
  });
}

/** Greatest version published so far of a stored file or manifest. */
function versionOf(text: string | undefined): { readonly previous?: number } {
  if (text === undefined) return {};
  const { version } = JSON.parse(text) as { version: number }; // checked when it was put
  return { previous: version };
}

function takeSbom<Tx>(parts: ModelParts<Tx>, owner: ModelOwner, draft: Draft, sbom: JsonValue): void {
  const reading = readSbom(sbom);
  if (!reading.ok) throw new Problem('model/sbom-invalid', reading.fault);
  const digest = digestOf(parts.crypto, sbom);
  const { format, components } = reading;
  draft.row = { ...draft.row, sbom: { text: JSON.stringify(sbom), format, digest, components } };
  const body = sbomRecord(owner.model, digest, reading);
  draft.records.push({ agreement: owner.agreement, kind: 'sbom.ingest', outcome: 'parsed', body });
}

async function takeManifest<Tx>(
  parts: ModelParts<Tx>,
  owner: ModelOwner,
  draft: Draft,
  jws: GeneralJws,
): Promise<void> {
  const { text, value, signer } = await payloadOf(parts, owner.party, jws, {
    typ: documentTypes.manifest,
    invalid: 'data/manifest-invalid',
  });
  const reviewMaxAge = daysOf(parts.overrides(owner.agreement), 'B2.4.2', 'reviewMaxAge');
  const checked = checkManifest(value, {
    ...owner,
    maxRetention,
    reviewMaxAge,
    now: parts.clock.now(),
    ...versionOf(draft.row.manifest),
  });
  if (!checked.ok) throw new Problem('data/manifest-invalid', listed(checked.faults));
  const digest = digestOf(parts.crypto, value);
  const { countersignedAt: _, countersignedBy: __, ...rest } = draft.row;
  // A changed manifest needs A's signature again; until then the devices of the model send nothing.
  const state = rest.state === 'active' ? 'signed' : rest.state;
  draft.row = { ...rest, state, manifest: text, manifestJws: JSON.stringify(jws), manifestDigest: digest };
  const { manifest } = checked;
  draft.records.push({
    agreement: owner.agreement,
    kind: 'schema.publish',
    outcome: 'published',
    body: {
      model: owner.model,
      version: manifest.version,
      digest,
      fields: manifest.fields.length,
      untagged: [...untaggedFields(value)],
      reviewBy: reviewOf(manifest),
      signer,
    },
  });
}

const reviewOf = (manifest: DataManifest): Instant => instant(Date.parse(`${manifest.reviewBy}T00:00:00Z`));

/** What is on record of a model; its documents were checked when they were put. */
function factsOf(row: ModelRow): ModelFacts {
  const file = row.file === undefined ? undefined : (JSON.parse(row.file) as { supportEnd: string });
  const supportEnd = file && supportEndOf(file.supportEnd);
  const manifest = row.manifest === undefined ? undefined : (JSON.parse(row.manifest) as DataManifest);
  return {
    ...(supportEnd !== undefined && row.fileAt !== undefined
      ? { file: { signedAt: row.fileAt, supportEnd, missing: missingParts(file) } }
      : {}),
    ...(row.sbom ? { sbom: { parsed: true } } : {}),
    ...(manifest ? { manifest: { reviewBy: reviewOf(manifest), untagged: untaggedFields(manifest) } } : {}),
  };
}

async function activate<Tx>(parts: ModelParts<Tx>, owner: ModelOwner, digest: string, by: string): Promise<ModelRow> {
  const row = await parts.store.model(owner.agreement, owner.model);
  const now = parts.clock.now();
  const limits = { fileMaxAge: daysOf(parts.overrides(owner.agreement), 'B2.1.1', 'fileMaxAge') };
  const faults = mayActivate(row ? factsOf(row) : {}, limits, now);
  const [first] = faults;
  if (first) throw new Problem(first.code, faults.map(({ detail }) => detail).join('; '));
  if (row?.manifest === undefined || row.manifestDigest !== digest)
    throw new Problem('request/conflict', `the manifest in question has digest ${row?.manifestDigest ?? 'none'}`);
  const manifest = JSON.parse(row.manifest) as DataManifest; // checked when it was put
  const active: ModelRow = { ...row, state: 'active', countersignedBy: by, countersignedAt: now, changedAt: now };
  await parts.transact(async (tx) => {
    await parts.store.put(tx, active);
    await parts.recorder.recordIn(tx, [
      {
        agreement: owner.agreement,
        kind: 'schema.countersign',
        outcome: 'countersigned',
        body: { model: owner.model, version: manifest.version, digest, by },
      },
      { agreement: owner.agreement, kind: 'model.activate', outcome: 'activated', body: { model: owner.model, by } },
    ]);
  });
  await parts.changed(active);
  await parts.activated(owner.party, owner.model, by);
  return active;
}
