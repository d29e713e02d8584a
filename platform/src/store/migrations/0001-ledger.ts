import type { ColumnTypes } from '../db/columns.ts';
import { execute, type Migration } from '../db/migrate.ts';

/** Outbox with its sequences, logs, entries, tiles, checkpoints and cosignatures (design: ledger, section 2). */
export const ledger: Migration = {
  id: '0001-ledger',
  up: (db, types) => execute(db, [...outbox(types), ...log(types)]),
};

const outbox = ({ int, bytes, serial, end }: ColumnTypes): readonly string[] => [
  `create table ledger_log (
      no ${serial},
      id text not null unique,
      origin text not null unique,
      kind text not null check (kind in ('agreement', 'platform', 'master')),
      agreement text,
      vkey text not null,
      created ${int} not null,
      closed ${int},
      size ${int} not null check (size >= 0),
      edge ${bytes} not null,
      check ((kind = 'agreement') = (agreement is not null))
    ) ${end}`,
  `create table source_seq (
      source text not null,
      log ${int} not null references ledger_log (no),
      last ${int} not null,
      primary key (source, log)
    ) ${end}`,
  `create table outbox (
      pos ${serial},
      id text not null,
      log ${int} not null references ledger_log (no),
      source text not null,
      seq ${int} not null,
      kind text not null,
      duties text not null,
      outcome text not null,
      n ${int} not null check (n > 0),
      m text,
      time ${int} not null,
      flags text not null,
      salt ${bytes} not null,
      body text not null,
      disclosures text
    ) ${end}`,
  'create index outbox_log on outbox (log, pos)',
];

const log = ({ int, bytes, end }: ColumnTypes): readonly string[] => [
  `create table ledger_entry (
      log ${int} not null references ledger_log (no),
      idx ${int} not null,
      id text not null,
      kind text not null,
      time ${int} not null,
      leaf ${bytes} not null,
      salt ${bytes},
      body text,
      disclosures text,
      primary key (log, idx)
    ) ${end}`,
  'create index ledger_entry_kind on ledger_entry (log, kind, idx)',
  `create table ledger_tile (
      log ${int} not null references ledger_log (no),
      level ${int} not null,
      idx ${int} not null,
      hashes ${bytes} not null,
      primary key (log, level, idx)
    ) ${end}`,
  `create table ledger_checkpoint (
      log ${int} not null references ledger_log (no),
      size ${int} not null,
      note text not null,
      primary key (log, size)
    ) ${end}`,
  `create table ledger_cosignature (
      log ${int} not null,
      size ${int} not null,
      cosigner text not null,
      line text not null,
      time ${int} not null,
      primary key (log, size, cosigner),
      foreign key (log, size) references ledger_checkpoint (log, size)
    ) ${end}`,
];
