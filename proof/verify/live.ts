import type { Texts } from '@pactgate/protocol';
import type { Anchors } from '../anchors.ts';
import { parseRecord } from '../bundle/record.ts';
import type { VerifiedCheckpoint } from '../checkpoint.ts';
import { commit, revealMembers } from '../commitment.ts';
import { type ProofCrypto, webProofCrypto } from '../crypto.ts';
import { demand } from '../error.ts';
import type { JsonValue } from '../json.ts';
import { parseLeaf } from '../leaf.ts';
import { treeHasher } from '../merkle/hasher.ts';
import type { Policy } from '../policy.ts';
import { entriesPath, tilePath } from '../tiles/path.ts';
import type { TileReader, VerifiedLog } from '../tiles/reader.ts';
import { checkAgreement, type SignedDocument } from './agreement.ts';
import { checkAnchors } from './anchors.ts';
import { checkBothHeads, checkConsistency } from './consistency.ts';
import { checkLogSignature, isLogOf } from './log-signature.ts';
import type { LogState, VerifyOptions } from './options.ts';
import { checkCosignatureTimes, checkQuorum } from './quorum.ts';
import { type ExitCode, exitCodeOf, Report, type VerifyFinding } from './report.ts';
import { checkTiles } from './tiles.ts';
import type { LogSummary } from './verifier.ts';

/**
 * A platform as its other party reaches it. Nothing it answers is trusted.
 *
 * Each call answers the whole resource, or `undefined` when the platform has none for this caller (404, 403); failures
 * of transport reject and end the verification. Bounds on time and size are the implementation's: at most 64 KiB for a
 * checkpoint, 8 KiB for a tile, 16 MiB for a bundle of entries. Several calls may be under way at once.
 */
export interface LivePort {
  /** Newest checkpoint with the cosignatures it has. */
  readonly readCheckpoint: (origin: string) => Promise<Uint8Array | undefined>;
  /** Newest checkpoint whose cosignatures make the quorum; absent where the platform does not keep it apart. */
  readonly readWitnessed?: (origin: string) => Promise<Uint8Array | undefined>;
  /** A path below the log's prefix, `tile/...`. */
  readonly readFile: (origin: string, path: string) => Promise<Uint8Array | undefined>;
  /** Record opening as parsed JSON (`recordToJson`); absent where the caller cannot read any. */
  readonly readRecord?: (origin: string, index: number) => Promise<JsonValue | undefined>;
  /** The signed document; absent where the caller cannot read it. */
  readonly readAgreement?: () => Promise<SignedDocument | undefined>;
}

export interface LiveOptions extends VerifyOptions {
  /** Heads seen on earlier visits; a log without one has nothing to be compared with yet. */
  readonly remembered?: readonly LogState[];
  /** Leaves drawn from each log. Default 16, at most 1,000. */
  readonly samples?: number;
  /** A random whole number from 0 to below `bound`; unforeseeable for the platform. */
  readonly random: (bound: number) => number;
}

/** What was drawn at random from one log and held. */
export interface LiveSample {
  readonly origin: string;
  /** Leaves proven to be in the tree. */
  readonly records: number;
  /** Those among them whose body the caller may read and that is what was committed to. */
  readonly bodies: number;
}

/** What a live verification found. */
export interface LiveVerdict {
  readonly exitCode: ExitCode;
  readonly findings: readonly VerifyFinding[];
  readonly logs: readonly LogSummary[];
  /** One for each of `logs`: how much of it this verdict rests on. */
  readonly samples: readonly LiveSample[];
  /** Heads to remember for the next visit; only those that were fully verified, old ones where not. */
  readonly remember: readonly LogState[];
}

const defaultSamples = 16;
const maxSamples = 1000;

interface Context {
  readonly report: Report;
  readonly crypto: ProofCrypto;
  readonly policy: Policy;
  readonly port: LivePort;
  readonly options: LiveOptions;
}

/**
 * Verifies a running platform against trust anchors: for every log of the policy the checkpoint, its witnesses, that
 * it grew from what was seen before, its tiles, and leaves drawn at random with their bodies. Proves less than a
 * bundle, which holds every leaf, but can be run daily. Faults are findings; transport errors reject.
 */
export async function verifyLive(port: LivePort, anchors: Anchors, options: LiveOptions): Promise<LiveVerdict> {
  const report = new Report();
  const crypto = options.crypto ?? webProofCrypto;
  const policy = await checkAnchors(report, crypto, anchors, undefined);
  const summaries: LogSummary[] = [];
  const samples: LiveSample[] = [];
  const remember = new Map((options.remembered ?? []).map((state) => [state.origin, state]));
  if (policy !== undefined) {
    const signed = await port.readAgreement?.();
    if (signed !== undefined) await checkAgreement(report, crypto, { anchors, policy, signed });
    for (const { key } of policy.logs) {
      const head = await verifyLiveLog({ report, crypto, policy, port, options }, key.name, anchors.agreement);
      if (head === undefined) continue;
      summaries.push(head.summary);
      samples.push(head.sample);
      if (head.isTrue) remember.set(key.name, head.state);
    }
  }
  const { findings } = report;
  return { exitCode: exitCodeOf(findings), findings, logs: summaries, samples, remember: [...remember.values()] };
}

interface LiveHead {
  readonly summary: LogSummary;
  readonly sample: LiveSample;
  readonly state: LogState;
  /** No step of this log failed as invalid. */
  readonly isTrue: boolean;
}

async function verifyLiveLog(context: Context, origin: string, agreement: string): Promise<LiveHead | undefined> {
  const { report, crypto, policy, port, options } = context;
  const newest = await readHead(context, origin, agreement);
  if (newest === undefined) return undefined;
  const witnessed = newest.quorum ? newest : ((await readWitnessed(context, origin)) ?? newest);
  checkQuorum(report, witnessed, policy, 'stale');
  checkCosignatureTimes(report, witnessed, options);
  // The log may have grown and been witnessed between the two answers: the larger head is the one to look at.
  const [head, other] = witnessed.checkpoint.size > newest.checkpoint.size ? [witnessed, newest] : [newest, witnessed];
  const log = await checkTiles(report, crypto, tilesOf(port, origin), head);
  if (log === undefined) return undefined;
  const hasher = treeHasher(crypto);
  const before = options.remembered?.find((state) => state.origin === origin);
  if (before !== undefined) await checkConsistency(report, hasher, log, before);
  if (other !== head) await checkBothHeads(report, hasher, log, other.checkpoint);
  const sample = await checkSamples(context, log, origin);
  const times = witnessed.cosignatures.map(({ time }) => time);
  const witnessedAt = times.length === 0 ? {} : { witnessedAt: Math.max(...times) };
  const isTrue = report.findings.every((f) => f.ok || f.log !== origin || f.severity !== 'invalid');
  const { size, root } = head.checkpoint;
  const summary = { origin, size, leaves: sample.records, ...witnessedAt };
  return { summary, sample, state: { origin, size, root }, isTrue };
}

const tilesOf = (port: LivePort, origin: string): TileReader => ({
  readTile: (tile) => port.readFile(origin, tilePath(tile)),
  readEntries: (entries) => port.readFile(origin, entriesPath(entries)),
});

async function readHead(context: Context, origin: string, agreement: string): Promise<VerifiedCheckpoint | undefined> {
  const { report, crypto, policy, port } = context;
  const bytes = await port.readCheckpoint(origin);
  if (bytes === undefined) {
    const text = { zh: '日志不提供检查点', en: 'The log serves no checkpoint' };
    report.fails('log-signature', isLogOf(origin, agreement) ? 'invalid' : 'incomplete', text, origin);
    return undefined;
  }
  const opened = await checkLogSignature(report, crypto, bytes, policy);
  if (opened === undefined || opened.checkpoint.origin === origin) return opened;
  const text = { zh: '提供的是另一个日志的检查点', en: `It serves a checkpoint of ${opened.checkpoint.origin}` };
  report.fails('log-signature', 'invalid', text, origin);
  return undefined;
}

/** The newest witnessed checkpoint of this log, verified; undefined when there is none that makes the quorum. */
async function readWitnessed(
  { report, crypto, policy, port }: Context,
  origin: string,
): Promise<VerifiedCheckpoint | undefined> {
  const bytes = await port.readWitnessed?.(origin);
  if (bytes === undefined) return undefined;
  const opened = await checkLogSignature(report, crypto, bytes, policy);
  return opened?.quorum === true && opened.checkpoint.origin === origin ? opened : undefined;
}

/** Draws different indexes; the last leaf is always among them, as the newest is the easiest to fake. */
function drawIndexes(size: number, { samples = defaultSamples, random }: LiveOptions): readonly number[] {
  const wanted = Math.min(Math.max(1, Math.floor(samples)), maxSamples, size);
  const drawn = new Set(size > 0 ? [size - 1] : []);
  // Twice as many draws as wanted: repeats make the sample smaller, never the loop endless.
  for (let draw = 0; draw < 2 * wanted && drawn.size < wanted; draw++) drawn.add(random(size));
  return [...drawn].filter((index) => Number.isSafeInteger(index) && index >= 0 && index < size);
}

async function checkSamples(context: Context, log: VerifiedLog, origin: string): Promise<LiveSample> {
  const { report, options } = context;
  const text = { zh: '抽查的记录不成立', en: 'A record drawn at random does not hold' };
  let records = 0;
  let bodies = 0;
  for (const index of drawIndexes(log.head.size, options)) {
    const isOpen = await report.attempt('entries', text, () => checkSample(context, log, origin, index), origin);
    if (isOpen === undefined) continue;
    records++;
    if (isOpen) bodies++;
  }
  const sample = { origin, records, bodies };
  if (report.isClean('entries', origin)) report.holds('entries', sampleInWords(sample), origin);
  return sample;
}

/** Only what was checked: bodies that nobody showed are not mentioned as if they had been compared. */
function sampleInWords({ records, bodies }: LiveSample): Texts {
  const inTree = {
    zh: `随机抽查的 ${records} 条记录都在树中`,
    en:
      records === 1 ? '1 record drawn at random is in the tree' : `${records} records drawn at random are in the tree`,
  };
  if (bodies === 0) return inTree;
  const compared = bodies === 1 ? '1 body is what was committed to' : `${bodies} bodies are what was committed to`;
  return { zh: `${inTree.zh}，其中 ${bodies} 条的正文与承诺值一致`, en: `${inTree.en}; ${compared}` };
}

/** Proves one leaf and, when it is to be had, its body; true when there was a body. */
async function checkSample(context: Context, log: VerifiedLog, origin: string, index: number): Promise<boolean> {
  const { crypto, port } = context;
  const leaf = parseLeaf(await log.entry(index));
  const answer = await port.readRecord?.(origin, index);
  if (answer === undefined) return false;
  const opening = parseRecord(answer);
  demand(opening.index === index, 'bad-commitment', `asked for record ${index}, got ${opening.index}`);
  const same = commit(crypto, opening.salt, opening.body) === leaf.cm;
  demand(same, 'bad-commitment', `the body of record ${index} is not the one committed to`);
  revealMembers(crypto, opening.body, opening.disclosures);
  return true;
}
