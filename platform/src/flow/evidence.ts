import {
  type BundleLog,
  buildBundle,
  canonicalBytes,
  encodeUtf8,
  type GeneralJws,
  gatherLog,
  type JsonObject,
  type JsonValue,
  type ProofCrypto,
  type RecordOpening,
} from '@pactgate/proof';
import { Problem } from '@pactgate/protocol';
import { type LedgerStore, type LogEntry, maxBatch } from '../ledger/index.ts';
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
  const parted = await Promise.all(logs.map((log) => bundleLog(parts, log)));
  const bytes = buildBundle(parts.crypto, {
    policy: parts.policyOf(agreement),
    agreement: encodeUtf8(agreement.document),
    // Written by the flow of the agreement from verified signatures.
    signatures: canonicalBytes(JSON.parse(agreement.jws) as GeneralJws & JsonValue),
    logs: parted,
  });
  return { bytes, entries: parted.reduce((sum, log) => sum + log.records.length, 0) };
}

async function bundleLog<Tx>(parts: EvidenceParts<Tx>, log: LogEntry): Promise<BundleLog> {
  const { size, note } = await parts.reader.witnessed(log, parts.witness && cosignerOf(parts.witness));
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
