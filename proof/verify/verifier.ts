import type { Anchors } from '../anchors.ts';
import { type Bundle, type BundleLog, tilesFromMap } from '../bundle/bundle.ts';
import { type ProofCrypto, webProofCrypto } from '../crypto.ts';
import type { JsonObject } from '../json.ts';
import { treeHasher } from '../merkle/hasher.ts';
import type { Policy } from '../policy.ts';
import { type EntryTile, parseLogPath } from '../tiles/path.ts';
import { checkAgreement } from './agreement.ts';
import { checkAnchors } from './anchors.ts';
import { checkBounds } from './bounds.ts';
import { checkEntries } from './entries.ts';
import { checkEvaluations } from './evaluations.ts';
import { checkLogSignature, isLogOf } from './log-signature.ts';
import { checkManifestStep } from './manifest.ts';
import type { BundleOptions, VerifiedRecord } from './options.ts';
import { checkProofs } from './proofs.ts';
import { checkCosignatureTimes, checkQuorum } from './quorum.ts';
import { checkRecords } from './records.ts';
import { type ExitCode, exitCodeOf, Report, type VerifyFinding } from './report.ts';
import { checkSequences } from './sequences.ts';
import { checkTiles } from './tiles.ts';

/** One log as the verification found it. */
export interface LogSummary {
  readonly origin: string;
  readonly size: number;
  /** Leaves that were proven here. */
  readonly leaves: number;
  /** Newest witness time, seconds since 1970; absent without a cosignature. */
  readonly witnessedAt?: number;
}

/** What a bundle's verification found. */
export interface BundleVerdict {
  readonly exitCode: ExitCode;
  readonly findings: readonly VerifyFinding[];
  readonly logs: readonly LogSummary[];
  /** Proven records, for showing; not to be believed when `exitCode` is 1. */
  readonly records: readonly VerifiedRecord[];
  /** The signed document, when it was confirmed. */
  readonly agreement?: JsonObject;
}

interface Context {
  readonly report: Report;
  readonly crypto: ProofCrypto;
  readonly policy: Policy;
  readonly options: BundleOptions;
}

interface VerifiedPart {
  readonly summary: LogSummary;
  readonly records: readonly VerifiedRecord[];
}

/**
 * Verifies an evidence bundle against trust anchors from outside it, without believing a byte of it before that byte
 * is proven. Never throws for what the bundle holds: every fault is a finding. An error means that the verifier
 * itself failed, and then nothing is verified.
 */
export async function verifyBundle(
  bytes: Uint8Array,
  anchors: Anchors,
  options: BundleOptions,
): Promise<BundleVerdict> {
  const report = new Report();
  const crypto = options.crypto ?? webProofCrypto;
  const bundle = await checkManifestStep(report, crypto, bytes, options.limits);
  const policy = await checkAnchors(report, crypto, anchors, bundle?.policy);
  if (bundle === undefined || policy === undefined) return verdict(report, [], undefined);

  const signed = { document: bundle.agreement, signatures: bundle.signatures };
  const agreement = await checkAgreement(report, crypto, { anchors, policy, signed });
  const parts = await verifyLogs({ report, crypto, policy, options }, bundle, anchors.agreement);
  if (agreement !== undefined) {
    const records = parts.flatMap((part) => part.records);
    await checkEvaluations(report, options.evaluator, { records, agreement });
  }
  return verdict(report, parts, agreement);
}

function verdict(report: Report, parts: readonly VerifiedPart[], agreement: JsonObject | undefined): BundleVerdict {
  return {
    exitCode: exitCodeOf(report.findings),
    findings: report.findings,
    logs: parts.map(({ summary }) => summary),
    records: parts.flatMap(({ records }) => records),
    ...(agreement === undefined ? {} : { agreement }),
  };
}

async function verifyLogs(context: Context, bundle: Bundle, agreementId: string): Promise<readonly VerifiedPart[]> {
  const { report } = context;
  const parts: VerifiedPart[] = [];
  const origins = new Set<string>();
  for (const log of bundle.logs) {
    const part = await verifyLog(context, log);
    if (part === undefined) continue;
    const { origin } = part.summary;
    if (origins.has(origin)) {
      report.fails('log-signature', 'invalid', { zh: '同一日志出现两次', en: 'The log is there twice' }, origin);
    }
    origins.add(origin);
    parts.push(part);
  }
  if (![...origins].some((origin) => isLogOf(origin, agreementId))) {
    const text = { zh: '证据包中没有该协议的有效日志', en: 'The bundle holds no valid log of the agreement' };
    report.fails('log-signature', 'invalid', text);
  }
  return parts;
}

/** The steps of one log, in order; a step that fails ends those that rest on it. */
async function verifyLog(context: Context, log: BundleLog): Promise<VerifiedPart | undefined> {
  const { report, crypto, policy, options } = context;
  const opened = await checkLogSignature(report, crypto, log.checkpoint, policy);
  if (opened === undefined) return undefined;
  checkQuorum(report, opened, policy, 'invalid');
  checkCosignatureTimes(report, opened, options);
  const verified = await checkTiles(report, crypto, tilesFromMap(log.tiles), opened);
  if (verified === undefined) return undefined;
  const { origin, size } = opened.checkpoint;
  const range = await checkEntries(report, verified, origin, entryTilesIn(log));
  if (range === undefined) return undefined;
  await checkBounds(report, treeHasher(crypto), verified, range);
  await checkProofs(report, { crypto, policy }, log.proofs, range);
  const records = await checkRecords(report, crypto, log.records, range);
  await checkSequences(report, origin, records);
  const times = opened.cosignatures.map(({ time }) => time);
  const witnessed = times.length === 0 ? {} : { witnessedAt: Math.max(...times) };
  return { summary: { origin, size, leaves: range.leaves.length, ...witnessed }, records };
}

/** The entry bundles that are there, in order. */
function entryTilesIn(log: BundleLog): readonly EntryTile[] {
  return [...log.tiles.keys()]
    .map((path) => parseLogPath(path))
    .flatMap((path) => (path.kind === 'entries' ? [path.entries] : []))
    .toSorted((a, b) => a.index - b.index);
}
