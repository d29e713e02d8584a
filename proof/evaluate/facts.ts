import type { AgreementDocument } from '@pactgate/agreement';
import type { AgreementFacts } from './types.ts';

/**
 * What judging needs of the document that both parties signed. Whoever judges and whoever recomputes takes it from
 * there: with other values the judgements differ.
 */
export function factsOf(
  document: Pick<AgreementDocument, 'id' | 'params' | 'rows'> & {
    readonly anchors: Pick<AgreementDocument['anchors'], 'partyBThumbprint'>;
  },
): AgreementFacts {
  const { partyBThumbprint } = document.anchors;
  return {
    agreement: document.id,
    params: document.params,
    rows: document.rows,
    partyKeys: partyBThumbprint === undefined ? [] : [partyBThumbprint],
  };
}
