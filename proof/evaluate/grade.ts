import type { CatalogueRow } from '@pactgate/agreement';

/** Kinds that rest on the word of the party that owes, signed with its key or sent over its devices' sessions. */
const statements: ReadonlySet<string> = new Set([
  'model.profile.sign',
  'sbom.ingest',
  'schema.publish',
  'device.ports.report',
  'incident.selftest',
  'version.report',
]);
/** Kinds that the other party made or that prove themselves. */
const attested: ReadonlySet<string> = new Set(['ledger.cosign', 'ledger.conflict', 'evidence.challenge']);

/** Who collects a kind of evidence, and so answers for its absence: B what its devices and witness send, else A. */
export const collectorOf = (kind: string): 'A' | 'B' => (statements.has(kind) || kind === 'ledger.cosign' ? 'B' : 'A');

/** Grade of one kind: 3 seen by the counterparty or attested, 2 seen by the platform, 1 signed statement. */
export function gradeOfKind(kind: string): number {
  if (attested.has(kind)) return 3;
  return statements.has(kind) ? 1 : 2;
}

/** Grade of a row: the lowest among the kinds of evidence it requires. */
export const gradeOf = (row: Pick<CatalogueRow, 'evidence'>): number =>
  Math.min(3, ...row.evidence.filter(({ required }) => required).map(({ kind }) => gradeOfKind(kind)));
