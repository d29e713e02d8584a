import type { EvidenceRecord, RecordKind } from '@pactgate/protocol';
import type { Ref, Seen } from './types.ts';

/** Whether a record is newer than another; ties go by place, so that the order of two logs does not matter. */
function isNewer(
  a: { readonly at: number; readonly ref: Ref },
  b: { readonly at: number; readonly ref: Ref },
): boolean {
  if (a.at !== b.at) return a.at > b.at;
  return a.ref.origin === b.ref.origin ? a.ref.index > b.ref.index : a.ref.origin > b.ref.origin;
}

/** A record as what was seen newest of its kind. */
export const toSeen = <K extends RecordKind>(record: EvidenceRecord<K>, ref: Ref): Seen<K> => ({
  at: record.at,
  ref,
  body: record.body,
});

/** The newer of two; the first may be missing. */
export const newer = <T extends { readonly at: number; readonly ref: Ref }>(old: T | undefined, seen: T): T =>
  old === undefined || isNewer(seen, old) ? seen : old;

/** Sets a map's entry to the newer record, as long as the map has room: names come from records, not from us. */
export function keepNewest<T extends { readonly at: number; readonly ref: Ref }>(
  map: Map<string, T>,
  key: string,
  seen: T,
): void {
  if (map.has(key) || map.size < maxNames) map.set(key, newer(map.get(key), seen));
}
/** Names of one sort (models, listeners, issuers, logs) that are kept. */
export const maxNames = 1_024;

/** Keeps the newest `max` records, newest last. */
export function keepRecent<T extends { readonly at: number; readonly ref: Ref }>(
  list: T[],
  seen: T,
  max: number,
): void {
  let place = list.length;
  while (place > 0 && isNewer(list[place - 1] ?? seen, seen)) place--;
  list.splice(place, 0, seen);
  if (list.length > max) list.shift();
}
