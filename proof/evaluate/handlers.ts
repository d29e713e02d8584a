import type { EvidenceRecord, RecordKind } from '@pactgate/protocol';
import type { AnyRecord, Ref } from './types.ts';

/** What a fold does with each kind of record it reads; kinds that are not there are none of its business. */
export type Handlers<T> = {
  readonly [K in RecordKind]?: (facts: T, record: EvidenceRecord<K>, ref: Ref) => void;
};

/** Hands a record to the handler of its kind. */
export function handle<T>(handlers: Handlers<T>, facts: T, record: AnyRecord, ref: Ref): void {
  // The handler found under a record's kind takes records of that kind; the compiler does not follow the pairing.
  const handler = handlers[record.kind] as ((facts: T, record: AnyRecord, ref: Ref) => void) | undefined;
  handler?.(facts, record, ref);
}
