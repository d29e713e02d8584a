import {
  type BundleLog,
  buildBundle,
  canonicalBytes,
  encodeUtf8,
  evaluationKind,
  type GeneralJws,
  gatherLog,
  type JsonObject,
  type JsonValue,
  type ProofCrypto,
  type RecordOpening,
} from '@pactgate/proof';
import { Problem, type RecordBody } from '@pactgate/protocol';
import { type LedgerStore, type LogEntry, maxBatch, type StoredCheckpoint } from '../ledger/index.ts';
import type { Agreement } from '../parties/agreement.ts';
import { cosignerOf, type LogReader } from './logs.ts';

export interface EvidenceParts<Tx> {
  readonly store: LedgerStore<Tx>;
  readonly crypto: Pick<ProofCrypto, 'sha256'>;
  readonly reader: LogReader;
  /** The agreed `policy.tlog` of an agreement. */
  readonly policyOf: (agreement: Agreement) => string;
  /** Vkey of the witness whose word the policy asks for. */
  readonly witness?: string;
}

/** Entries of one log a bundle may hold: what a verifier reads in memory. */
const maxEntries = 262_144;

/**
 * Builds the evidence bundle of an agreement: the signed document and, for each of its logs, checkpoint, tiles, entries
 * and every body the reader may see (ledger-and-evidence section 6).
 */
export async function exportEvidence<Tx>(
  parts: EvidenceParts<Tx>,
  agreement: Agreement,
  logs: readonly LogEntry[],
): Promise<{ readonly bytes: Uint8Array; readonly entries: number }> {
  if (agreement.document === undefined || agreement.jws === undefined)
    throw new Problem('agreement/not-in-force', 'there is no signed document yet');
  const heads = await headsOf(parts, logs);
  const parted = await Promise.all(heads.map(({ log, head }) => bundleLog(parts, log, head)));
  const bytes = buildBundle(parts.crypto, {
    policy: parts.policyOf(agreement),
    agreement: encodeUtf8(agreement.document),
    // Written by the flow of the agreement from verified signatures.
    signatures: canonicalBytes(JSON.parse(agreement.jws) as GeneralJws & JsonValue),
    logs: parted,
  });
  return { bytes, entries: parted.reduce((sum, log) => sum + log.records.length, 0) };
}

interface Head {
  readonly log: LogEntry;
  readonly head: StoredCheckpoint;
}

/** Earlier heads of the agreement's log that are looked at for one that fits. */
const maxHeads = 64;

/**
 * Heads that the party's witness signed and that fit together: a judgement in the agreement's log, the first, rests on
 * records of the others, which must be in the bundle for it to be recomputed. Where the witness has not seen them yet,
 * the agreement's log ends a little earlier.
 */
async function headsOf<Tx>(parts: EvidenceParts<Tx>, [own, ...others]: readonly LogEntry[]): Promise<readonly Head[]> {
  if (own === undefined) return [];
  const cosigner = parts.witness && cosignerOf(parts.witness);
  const newest = await parts.reader.witnessed(own, cosigner);
  const rest: Head[] = [];
  for (const log of others) rest.push({ log, head: await parts.reader.witnessed(log, cosigner) });
  const ends = new Map(rest.map(({ log, head }) => [log.origin, head.size]));
  let head = newest;
  for (let tries = 0; !(await restsWithin(parts, own, head.size, ends)); tries++) {
    const earlier = await parts.reader.witnessed(own, cosigner, head.size);
    // None is early enough: then the newest, and its last judgements are not recomputed.
    if (earlier.size >= head.size || tries === maxHeads) return [{ log: own, head: newest }, ...rest];
    head = earlier;
  }
  return [{ log: own, head }, ...rest];
}

/** Whether the last judgements before `size` rest on no record of another log beyond its end. */
async function restsWithin<Tx>(
  { store }: EvidenceParts<Tx>,
  own: LogEntry,
  size: number,
  ends: ReadonlyMap<string, number>,
): Promise<boolean> {
  const from = Math.max(0, size - maxBatch);
  const judgements = await store.recordsOfKinds(own.id, [evaluationKind], from, maxBatch);
  const last = judgements.filter(({ index, body }) => index < size && body !== undefined).slice(-maxRows);
  return last.every(({ body }) => {
    const { upTo } = JSON.parse(body ?? '') as RecordBody<'eval.result'>; // the recorder checked it
    return upTo.every((end) => end.size <= (ends.get(end.origin) ?? Number.POSITIVE_INFINITY));
  });
}

/** Judgements of one turn: what they rest on only grows, so the last turn has the furthest. */
const maxRows = 60;

async function bundleLog<Tx>(
  parts: EvidenceParts<Tx>,
  log: LogEntry,
  { size, note }: StoredCheckpoint,
): Promise<BundleLog> {
  if (size > maxEntries)
    throw new Problem('request/too-large', `${log.origin} has ${size} entries, a bundle takes ${maxEntries}`);
  const checkpoint = encodeUtf8(note);
  const tiles = await gatherLog(parts.crypto, parts.reader.tiles(log), checkpoint, { from: 0, to: size });
  const records: RecordOpening[] = [];
  for (let from = 0; from < size; from += maxBatch) {
    for (const { index, salt, body, disclosures } of await parts.store.records(
      log.id,
      from,
      Math.min(maxBatch, size - from),
    )) {
      if (body === undefined || salt === undefined) continue;
      // The recorder wrote it as canonical JSON of an object.
      records.push({ index, salt, body: JSON.parse(body) as JsonObject, disclosures: [...disclosures] });
    }
  }
  return { checkpoint, tiles, records, proofs: new Map() };
}
