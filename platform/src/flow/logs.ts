import {
  addSignatures,
  decodeUtf8,
  encodeEntries,
  encodeHex,
  encodeUtf8,
  formatNote,
  formatTlogProof,
  type ProofCrypto,
  parseCheckpoint,
  parseNote,
  parseSignatureLine,
  proveConsistency,
  proveInclusion,
  type TileReader,
  type TreeHasher,
  tileWidth,
  VerifiedLog,
} from '@pactgate/proof';
import { Problem } from '@pactgate/protocol';
import type { LedgerRecord, LedgerStore, LogEntry, StoredCheckpoint } from '../ledger/index.ts';

export interface LogReaderParts<Tx> {
  readonly store: LedgerStore<Tx>;
  readonly crypto: Pick<ProofCrypto, 'sha256'>;
  readonly hasher: TreeHasher;
}

/** Who asks for a log: the agreements it may see, and whether one of them is in force. */
export interface LogCaller {
  readonly platform: boolean;
  readonly agreements: readonly string[];
  readonly inForce: boolean;
}

/** The ledger as its readers see it: nothing past the newest stored checkpoint exists. */
export interface LogReader {
  /** Takes a new log into the index. */
  add(log: LogEntry): void;
  /** Proofs that were asked for and given since the start (A3.4.6); a question no log can answer counts as answered. */
  readonly counters: { readonly requests: number; readonly answered: number };
  logs(): readonly LogEntry[];
  /** By the lower-case hex SHA-256 of its origin; `ledger/not-found` also where the caller may not see it. */
  find(id: string, caller: LogCaller): LogEntry;
  byOrigin(origin: string, caller: LogCaller): LogEntry;
  /** Newest checkpoint with the cosignature lines it has; `ledger/not-found` before the first one. */
  checkpoint(log: LogEntry): Promise<StoredCheckpoint>;
  /**
   * Newest checkpoint that carries a cosignature, of this cosigner where one is named: several parties witness the
   * platform log, and each trusts its own. The newest of all where none has signed yet. With `below`, the newest of
   * those of fewer entries.
   */
  witnessed(log: LogEntry, cosigner?: string, below?: number): Promise<StoredCheckpoint>;
  tiles(log: LogEntry): TileReader;
  /** An offline proof (`c2sp.org/tlog-proof@v1`) of one entry against the newest checkpoint. */
  proof(log: LogEntry, index: number): Promise<string>;
  consistency(log: LogEntry, from: number, to: number): Promise<readonly Uint8Array[]>;
  record(log: LogEntry, index: number): Promise<LedgerRecord>;
}

/** Name under which the store keeps the cosignatures of a key. */
export const cosignerOf = (vkey: string): string => vkey.split('+', 2).join('+');

/** Id of a log in addresses. */
export const logIdOf = (crypto: Pick<ProofCrypto, 'sha256'>, origin: string): string =>
  encodeHex(crypto.sha256(encodeUtf8(origin)));

/** The master log is public, the platform log for every agreement in force, an agreement's own for its parties. */
export function maySee(log: LogEntry, caller: LogCaller): boolean {
  if (log.kind === 'master' || caller.platform) return true;
  if (log.kind === 'platform') return caller.inForce;
  return log.agreement !== undefined && caller.agreements.includes(log.agreement);
}

const notFound = (what: string): Problem => new Problem('ledger/not-found', what);

const visible = (log: LogEntry | undefined, caller: LogCaller): LogEntry => {
  if (!log || !maySee(log, caller)) throw notFound('no such log');
  return log;
};

export function makeLogReader<Tx>(parts: LogReaderParts<Tx>, known: readonly LogEntry[]): LogReader {
  const byId = new Map<string, LogEntry>();
  const add = (log: LogEntry): void => void byId.set(logIdOf(parts.crypto, log.origin), log);
  for (const log of known) add(log);
  const counters = { requests: 0, answered: 0 };
  const reader: LogReader = {
    add,
    counters,
    logs: () => [...byId.values()],
    find: (id, caller) => visible(byId.get(id), caller),
    byOrigin: (origin, caller) => visible(byId.get(logIdOf(parts.crypto, origin)), caller),
    checkpoint: (log) => newestNote(parts, log),
    witnessed: async (log, cosigner, below) => {
      const cosigned = await parts.store.newestCosigned(log.id, cosigner, below);
      return cosigned ? withCosignatures(parts, log, cosigned) : newestNote(parts, log);
    },
    tiles: (log) => tileReader(parts, log),
    proof: async (log, index) => {
      counters.requests++;
      try {
        const proof = await proofOf(parts, log, index);
        counters.answered++;
        return proof;
      } catch (error) {
        if (error instanceof Problem) counters.answered++;
        throw error;
      }
    },
    consistency: async (log, from, to) => {
      const { note } = await newestNote(parts, log);
      const verified = openLog(parts, log, note);
      if (from < 1 || from > to || to > verified.head.size)
        throw notFound(`sizes must be 1 <= old <= new <= ${verified.head.size}`);
      return proveConsistency(parts.hasher, verified, { oldSize: from, newSize: to });
    },
    record: async (log, index) => {
      const { size } = await newestNote(parts, log);
      const record = index < size ? await parts.store.record(log.id, index) : undefined;
      if (!record) throw notFound(`the newest checkpoint covers ${size} entries`);
      return record;
    },
  };
  return reader;
}

function openLog<Tx>(parts: LogReaderParts<Tx>, log: LogEntry, note: string): VerifiedLog {
  const head = parseCheckpoint(parseNote(encodeUtf8(note)).text);
  // The head bounds every read: no tile has to ask again how far the log is published.
  const tiles = tileReader(parts, log, () => Promise.resolve(head.size));
  return new VerifiedLog(parts.hasher, tiles, head);
}

async function proofOf<Tx>(parts: LogReaderParts<Tx>, log: LogEntry, index: number): Promise<string> {
  const { note } = await newestNote(parts, log);
  const verified = openLog(parts, log, note);
  if (index >= verified.head.size) throw notFound(`the newest checkpoint covers ${verified.head.size} entries`);
  const path = await proveInclusion(parts.hasher, verified, { index, size: verified.head.size });
  return formatTlogProof({ index, path, checkpoint: encodeUtf8(note) });
}

async function newestNote<Tx>(parts: LogReaderParts<Tx>, log: LogEntry): Promise<StoredCheckpoint> {
  const newest = await parts.store.checkpoint(log.id);
  if (!newest) throw notFound(`${log.origin} has no checkpoint yet`);
  return withCosignatures(parts, log, newest);
}

/** A stored checkpoint with the cosignature lines it has. */
async function withCosignatures<Tx>(
  parts: LogReaderParts<Tx>,
  log: LogEntry,
  newest: StoredCheckpoint,
): Promise<StoredCheckpoint> {
  const cosigned = await parts.store.cosignatures(log.id, newest.size);
  if (cosigned.length === 0) return newest;
  const note = parseNote(encodeUtf8(newest.note));
  const lines = cosigned.map(({ line }) => parseSignatureLine(`${line}\n`));
  return { size: newest.size, note: decodeUtf8(formatNote(addSignatures(note, lines))) };
}

const publishedSize =
  <Tx>({ store }: LogReaderParts<Tx>, log: LogEntry) =>
  async (): Promise<number> =>
    (await store.checkpoint(log.id))?.size ?? 0;

/** Tiles and entry bundles from the store, only as far as `published` entries: those of a checkpoint that is stored. */
function tileReader<Tx>(
  parts: LogReaderParts<Tx>,
  log: LogEntry,
  published: () => Promise<number> = publishedSize(parts, log),
): TileReader {
  return {
    readTile: async ({ level, index, width }) => {
      const hashes = Math.floor((await published()) / tileWidth ** level);
      if (index * tileWidth + width > hashes) return undefined;
      return parts.store.tile(log.id, level, index, width);
    },
    readEntries: async ({ index, width }) => {
      const from = index * tileWidth;
      if (from + width > (await published())) return undefined;
      const entries = await parts.store.entries(log.id, from, from + width);
      return entries.length === width ? encodeEntries(entries) : undefined;
    },
  };
}
