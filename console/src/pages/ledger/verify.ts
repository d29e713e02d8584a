import {
  agreedPolicy,
  type Checkpoint,
  commit,
  decodeBase64Url,
  encodeBase64,
  encodeHex,
  encodeLeaf,
  isJsonObject,
  type JsonValue,
  type Leaf,
  type NoteKey,
  type Policy,
  type ProofCrypto,
  ProofError,
  parseAnchors,
  parseCheckpoint,
  parseNote,
  parsePolicy,
  parseTlogProof,
  parseVkey,
  revealMembers,
  type TlogProof,
  treeHasher,
  verifyInclusion,
  verifyNote,
} from '@pactgate/proof';

/**
 * Verification of one record in the reader's browser: the steps of `proof/`, each told apart, so that a reader sees what
 * holds and on what it rests. Everything but the trust comes from the platform and is believed only as far as it checks.
 */

export type StepName = 'key' | 'proof' | 'signature' | 'cosignature' | 'inclusion' | 'body' | 'disclosures';
/** `open`: could not be checked, or there is nothing to check; it does not count as holding. */
export type StepState = 'holds' | 'open' | 'fails';
export type Saying =
  | 'key'
  | 'keyDiffers'
  | 'noKey'
  | 'proof'
  | 'proofOther'
  | 'signature'
  | 'cosignature'
  | 'noWitness'
  | 'notYet'
  | 'inclusion'
  | 'body'
  | 'bodyDiffers'
  | 'bodyAbsent'
  | 'disclosures'
  | 'noDisclosures'
  | 'error'
  | 'unable';
export interface Step {
  readonly name: StepName;
  readonly state: StepState;
  /** Which sentence of the console says it, with its values. */
  readonly says: Saying;
  readonly values?: Readonly<Record<string, string | number>>;
  /** Milliseconds since 1970, where the sentence has a time. */
  readonly time?: number;
}

/** What the platform served about the record. */
export interface Served {
  readonly index: number;
  readonly leaf: Readonly<Record<string, unknown>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** Base64url. */
  readonly salt?: string;
  readonly disclosures?: readonly string[];
  /** Text of the C2SP tlog-proof. */
  readonly proof: string;
  /** The log as the platform names it. */
  readonly origin: string;
  readonly vkey: string;
}

/** Whom the reader believes: keys of logs and of witnesses. */
export interface Trust {
  readonly logs: readonly NoteKey[];
  readonly witnesses: readonly NoteKey[];
}

const trustOf = ({ logs, witnesses }: Policy): Trust => ({
  logs: logs.map(({ key }) => key),
  witnesses: witnesses.map(({ key }) => key),
});

/** Trust in what the platform itself shows. */
export const trustVkey = (crypto: ProofCrypto, vkey: string): Trust => ({
  logs: [parseVkey(crypto, vkey)],
  witnesses: [],
});

/** Trust in the keys that stand in a signed agreement; undefined when the document names none. */
export function trustDocument(crypto: ProofCrypto, document: unknown): Trust | undefined {
  const anchors = isJsonObject(document as JsonValue) ? (document as { anchors?: unknown }).anchors : undefined;
  if (typeof anchors !== 'object' || anchors === null) return undefined;
  const { logs, witness } = anchors as { logs?: unknown; witness?: unknown };
  if (!Array.isArray(logs)) return undefined;
  const vkeys = logs.filter((vkey): vkey is string => typeof vkey === 'string');
  const named = typeof witness === 'string' ? { witness } : {};
  return trustOf(parsePolicy(crypto, agreedPolicy(crypto, { logs: vkeys, ...named })));
}

/** Trust in a file of the reader: the anchors that B's command line wrote, or a bare policy. `bad-anchors`, `bad-policy`. */
export function trustFile(crypto: ProofCrypto, bytes: Uint8Array): Trust {
  const text = new TextDecoder().decode(bytes);
  const policy = text.trimStart().startsWith('{') ? parseAnchors(crypto, bytes).policy : text;
  return trustOf(parsePolicy(crypto, policy));
}

/** Runs one check; its refusal is a step that fails, any other error one that could not be made. */
async function step(name: StepName, check: () => Promise<Step> | Step): Promise<Step> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof ProofError) return { name, state: 'fails', says: 'error', values: { detail: error.detail } };
    const detail = error instanceof Error ? error.message : String(error);
    return { name, state: 'open', says: 'unable', values: { detail } };
  }
}

function findKey(crypto: ProofCrypto, { origin, vkey }: Served, { logs }: Trust): { key?: NoteKey; step: Step } {
  const key = logs.find(({ name }) => name === origin);
  if (!key) return { step: { name: 'key', state: 'fails', says: 'noKey' } };
  const shown = parseVkey(crypto, vkey);
  const same = encodeHex(shown.publicKey) === encodeHex(key.publicKey);
  if (!same) return { step: { name: 'key', state: 'fails', says: 'keyDiffers' } };
  return { key, step: { name: 'key', state: 'holds', says: 'key', values: { origin, id: key.id } } };
}

function readProof({ proof, index }: Served): { proof?: TlogProof; step: Step } {
  const parsed = parseTlogProof(proof);
  const values = { index: parsed.index, n: parsed.path.length };
  if (parsed.index !== index) return { step: { name: 'proof', state: 'fails', says: 'proofOther', values } };
  return { proof: parsed, step: { name: 'proof', state: 'holds', says: 'proof', values } };
}

async function checkSignature(crypto: ProofCrypto, key: NoteKey, note: Uint8Array): Promise<Step> {
  const parsed = parseNote(note);
  const { size, root, origin } = parseCheckpoint(parsed.text);
  if (origin !== key.name) throw new ProofError('unknown-log', `checkpoint of ${origin}`);
  await verifyNote(crypto, parsed, [key]);
  const values = { size, root: encodeBase64(root).slice(0, 12) };
  return { name: 'signature', state: 'holds', says: 'signature', values };
}

async function checkCosignature(crypto: ProofCrypto, witnesses: readonly NoteKey[], note: Uint8Array): Promise<Step> {
  const parsed = parseNote(note);
  if (witnesses.length === 0) return { name: 'cosignature', state: 'open', says: 'noWitness' };
  const known = parsed.signatures.some(({ name, keyId }) =>
    witnesses.some((key) => key.name === name && key.id === keyId),
  );
  if (!known) return { name: 'cosignature', state: 'open', says: 'notYet' };
  const [first] = (await verifyNote(crypto, parsed, witnesses)).toSorted((a, b) => (b.time ?? 0) - (a.time ?? 0));
  const values = { name: first?.key.name ?? '' };
  return { name: 'cosignature', state: 'holds', says: 'cosignature', values, time: (first?.time ?? 0) * 1_000 };
}

function checkInclusion(crypto: ProofCrypto, served: Served, proof: TlogProof): Step {
  const hasher = treeHasher(crypto);
  // Encoded anew from its members: the bytes that are hashed are those of the one canonical spelling.
  const leafHash = hasher.leaf(encodeLeaf(served.leaf as unknown as Leaf));
  const { size, root }: Checkpoint = parseCheckpoint(parseNote(proof.checkpoint).text);
  verifyInclusion(hasher, proof.path, { index: served.index, size, leafHash, root });
  return {
    name: 'inclusion',
    state: 'holds',
    says: 'inclusion',
    values: { hash: encodeBase64(leafHash).slice(0, 12) },
  };
}

function checkBody(crypto: ProofCrypto, { body, salt, leaf }: Served): Step {
  if (body === undefined || salt === undefined) return { name: 'body', state: 'open', says: 'bodyAbsent' };
  const json = body as JsonValue;
  if (!isJsonObject(json)) throw new ProofError('bad-commitment', 'the body is no object');
  const holds = commit(crypto, decodeBase64Url(salt), json) === leaf['cm'];
  return { name: 'body', state: holds ? 'holds' : 'fails', says: holds ? 'body' : 'bodyDiffers' };
}

function checkDisclosures(crypto: ProofCrypto, { body, disclosures = [] }: Served): Step {
  const json = (body ?? {}) as JsonValue;
  if (!isJsonObject(json)) throw new ProofError('bad-disclosure', 'the body is no object');
  const { hidden } = revealMembers(crypto, json, disclosures);
  if (hidden.length === 0 && disclosures.length === 0)
    return { name: 'disclosures', state: 'holds', says: 'noDisclosures' };
  const values = { n: disclosures.length, hidden: hidden.length };
  return { name: 'disclosures', state: 'holds', says: 'disclosures', values };
}

/**
 * Checks a record in the order in which its parts rest on each other; a step that fails leaves those that rest on it
 * unmade.
 */
export async function verifyRecord(crypto: ProofCrypto, served: Served, trust: Trust): Promise<readonly Step[]> {
  const done: Step[] = [];
  const found: { key?: NoteKey; proof?: TlogProof } = {};
  done.push(
    await step('key', () => {
      const { key, step: told } = findKey(crypto, served, trust);
      if (key) found.key = key;
      return told;
    }),
    await step('proof', () => {
      const { proof, step: told } = readProof(served);
      if (proof) found.proof = proof;
      return told;
    }),
  );
  const { key, proof } = found;
  if (key && proof) {
    const signature = await step('signature', () => checkSignature(crypto, key, proof.checkpoint));
    done.push(signature);
    if (signature.state === 'holds')
      done.push(
        await step('cosignature', () => checkCosignature(crypto, trust.witnesses, proof.checkpoint)),
        await step('inclusion', () => checkInclusion(crypto, served, proof)),
      );
  }
  done.push(await step('body', () => checkBody(crypto, served)));
  if (served.body !== undefined) done.push(await step('disclosures', () => checkDisclosures(crypto, served)));
  return done;
}

/** The whole: fails when one step fails, open when a step is, and only then holds. */
export function conclude(steps: readonly Step[]): StepState {
  if (steps.some(({ state }) => state === 'fails')) return 'fails';
  const reached = steps.some(({ name }) => name === 'inclusion');
  return reached && steps.every(({ state }) => state === 'holds') ? 'holds' : 'open';
}
