import type { Tables, TablesOf } from '../columns.ts';

/** Outbox, logs, entries, tiles, checkpoints. Rows of the big tables name a log by its short number `no`. */
export const ledgerTables = {
  /** One shard; `size` and `edge` are the committed head. */
  ledger_log: {
    no: 'serial',
    id: 'text',
    origin: 'text',
    kind: 'text',
    agreement: 'text?',
    vkey: 'text',
    created: 'int',
    closed: 'int?',
    size: 'int',
    edge: 'bytes',
  },
  /** Last number given to a source in a log. */
  source_seq: { source: 'text', log: 'int', last: 'int' },
  outbox: {
    pos: 'serial',
    id: 'text',
    log: 'int',
    source: 'text',
    seq: 'int',
    kind: 'text',
    duties: 'text',
    outcome: 'text',
    n: 'int',
    m: 'text?',
    time: 'int',
    flags: 'text',
    salt: 'bytes',
    body: 'text',
    disclosures: 'text?',
  },
  ledger_entry: {
    log: 'int',
    idx: 'int',
    id: 'text',
    kind: 'text',
    time: 'int',
    leaf: 'bytes',
    salt: 'bytes?',
    body: 'text?',
    disclosures: 'text?',
  },
  /** `hashes` grows up to 256 * 32 bytes; `idx` is the tile's index within its level. */
  ledger_tile: { log: 'int', level: 'int', idx: 'int', hashes: 'bytes' },
  ledger_checkpoint: { log: 'int', size: 'int', note: 'text' },
  ledger_cosignature: { log: 'int', size: 'int', cosigner: 'text', line: 'text', time: 'int' },
} as const satisfies Tables;
export type LedgerTables = TablesOf<typeof ledgerTables>;
