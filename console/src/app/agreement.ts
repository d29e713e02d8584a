import { useEffect } from 'react';
import { useParams } from 'react-router';
import type { Answer } from './api.ts';
import { slowMs } from './bounds.ts';
import { useAsk } from './query.ts';

export type AgreementSummary = Answer<'agreements'>['items'][number];
const key = 'pactgate.agreement';

/** Agreements the person may see. */
export const useAgreements = (): ReturnType<typeof useAsk<'agreements'>> => useAsk('agreements', {}, { every: slowMs });

/** Which of them the reader worked with last: the first one in force otherwise. */
export function preferred(items: readonly AgreementSummary[]): AgreementSummary | undefined {
  const kept = localStorage.getItem(key);
  return items.find(({ id }) => id === kept) ?? items.find(({ state }) => state === 'in-force') ?? items[0];
}

/** The agreement of the address; only on pages below `/a/:agreement`. */
export function useAgreementId(): string {
  const { agreement = '' } = useParams();
  useEffect(() => {
    if (agreement !== '') localStorage.setItem(key, agreement);
  }, [agreement]);
  return agreement;
}
