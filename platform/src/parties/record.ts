import type { RecordBody, RecordKind } from '@pactgate/protocol';

/**
 * An event to be recorded in the same transaction as the change it describes. The store's recorder turns it into an
 * outbox row; `body` is checked against its schema there.
 */
export interface NewRecord<K extends RecordKind = RecordKind> {
  /** Agreement whose log it belongs to; absent: the platform log. */
  readonly agreement?: string;
  /** Set for the master log alone, which covers the others. */
  readonly log?: 'master';
  readonly kind: K;
  readonly outcome: string;
  /** Events covered; absent: 1. */
  readonly n?: number;
  readonly body: RecordBody<K>;
  /** Personal values by name; they become salted disclosures, never part of a leaf. */
  readonly personal?: Readonly<Record<string, string>>;
}
