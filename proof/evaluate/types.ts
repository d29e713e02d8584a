import type { CatalogueRow, Overrides, SubDutyId } from '@pactgate/agreement';
import type { EvidenceRecord, RecordBody, RecordKind } from '@pactgate/protocol';
import type { Why } from './why.ts';

/** Statuses of a subject and of a row, worst first: a row has the worst of its subjects. */
export const statuses = ['breached', 'unknown', 'at-risk', 'met', 'waived', 'n/a'] as const;
export type Status = (typeof statuses)[number];

/** What the parties agreed, as far as judging needs it; from the agreement document, never from a log. */
export interface AgreementFacts {
  /** Id of the agreement: the middle of its log's origin, `<host>/logs/<agreement>/<shard>`. */
  readonly agreement: string;
  /** Agreed values that differ from the defaults; `evidence.<kind>` of a row shortens an age, see {@link ageOf}. */
  readonly params: Overrides;
  /** Rows of the edition in force; absent: the standard edition. */
  readonly rows?: readonly CatalogueRow[];
  /** Thumbprints of B's keys known from outside the log (the document's anchor); those of the log are added. */
  readonly partyKeys?: readonly string[];
  /** False: the parties agreed no witness of B, and nobody owes a cosignature. Absent: agreed. */
  readonly witness?: boolean;
}

/** Where a record stands. */
export interface Ref {
  readonly origin: string;
  readonly index: number;
  /** Ledger time of the record, epoch milliseconds. */
  readonly at: number;
}

/** A record whose kind tells the type of its body. */
export type AnyRecord = { [K in RecordKind]: EvidenceRecord<K> }[RecordKind];

/** Newest record of a kind about a subject. */
export interface Seen<K extends RecordKind> {
  /** Ledger time, epoch milliseconds. */
  readonly at: number;
  readonly ref: Ref;
  readonly body: RecordBody<K>;
}

/** Judgement of one subject: a device (pseudonym), model, listener, log, case, or the population of a share. */
export interface Finding {
  readonly subject: string;
  readonly status: Status;
  readonly why: Why;
  readonly refs: readonly Ref[];
  /** Breached: the code of the row that names it. */
  readonly code?: string;
  /** Breached: who owes it where the row alone does not say. */
  readonly owner?: 'A' | 'B';
  /** Breached: milliseconds from the opening to the deadline; absent: as the row says; null: no deadline. */
  readonly cureMs?: number | null;
  /** Unknown for want of evidence: the kind that is missing or too old, and since when (epoch milliseconds). */
  readonly kind?: RecordKind;
  readonly since?: number;
}

/** Judgement of one row at one moment. Equal records up to the same places give an equal judgement, to anybody. */
export interface Judgement {
  readonly row: SubDutyId;
  readonly status: Status;
  /** Ledger time of the judgement, epoch milliseconds. */
  readonly at: number;
  /** Every subject, worst first, then by name. */
  readonly subjects: readonly Finding[];
  /** Subjects by status, and what the row counts beside, for example `silent` devices. */
  readonly counts: Readonly<Record<string, number>>;
  /** At most 32 records it rests on, those of the worst subjects first. */
  readonly evidence: readonly Ref[];
  /** Time of the newest record among `evidence`; absent when there is none. */
  readonly evidenceAt?: number;
  /** Lowest grade of the evidence: 3 counterparty or attested, 2 platform, 1 signed statement, 0 unsigned. */
  readonly grade: number;
}
