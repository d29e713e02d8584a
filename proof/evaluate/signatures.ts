import type { EvidenceRecord } from '@pactgate/protocol';
import { type Handlers, handle } from './handlers.ts';
import { keepNewest, maxNames, toSeen } from './newest.ts';
import type { AgreementFacts, AnyRecord, Ref, Seen } from './types.ts';

/** Id of the platform party in records; an agreement's log knows only it and the device party. */
const platformParty = 'platform';

/** What the parties signed: B's keys and the waivers in force. */
export interface Signatures {
  /** Thumbprints of keys of B, from the document and the log. */
  readonly keys: Set<string>;
  /** Newest waiver by row and subject. */
  readonly waivers: Map<string, Seen<'breach.waive'>>;
}

export const openSignatures = (facts: AgreementFacts): Signatures => ({
  keys: new Set(facts.partyKeys ?? []),
  waivers: new Map(),
});

const waiverKey = (row: string, subject: string | undefined): string => `${row} ${subject ?? ''}`;

function addKey(signatures: Signatures, { body }: EvidenceRecord<'party.key' | 'agreement.sign'>): void {
  if ('use' in body && body.use === 'witness') return; // cosigns logs, signs no documents
  if (body.party !== platformParty && signatures.keys.size < maxNames) signatures.keys.add(body.thumbprint);
}

const signatureHandlers: Handlers<Signatures> = {
  'party.key': addKey,
  'agreement.sign': addKey,
  'breach.waive': ({ waivers }, record, ref) => {
    keepNewest(waivers, waiverKey(record.body.row, record.body.subject), toSeen(record, ref));
  },
};

/** Folds a record of the agreement's log in. */
export const feedSignatures = (signatures: Signatures, record: AnyRecord, ref: Ref): void =>
  handle(signatureHandlers, signatures, record, ref);

/**
 * The waiver that excuses a subject at a moment; undefined when there is none, it has ended, or the party that owes
 * the duty signed it itself.
 */
export function waiverOf(
  signatures: Signatures,
  breach: { readonly row: string; readonly subject: string; readonly owner: 'A' | 'B' },
  at: number,
): Seen<'breach.waive'> | undefined {
  const candidates = [
    signatures.waivers.get(waiverKey(breach.row, breach.subject)),
    signatures.waivers.get(waiverKey(breach.row, undefined)),
  ];
  return candidates.find(
    (seen) =>
      seen !== undefined && at < seen.body.until && (seen.body.party === platformParty) === (breach.owner === 'B'),
  );
}
