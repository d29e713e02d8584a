import type { ReactElement } from 'react';
import { Link } from 'react-router';
import { useWords } from '../app/i18n.ts';
import { recordAddress } from '../app/log-id.ts';

interface EvidenceRef {
  readonly origin: string;
  readonly index: number;
}

/** Links to the ledger records something rests on. */
export function Refs({ refs }: { readonly refs: readonly EvidenceRef[] }): ReactElement {
  const { w } = useWords();
  return (
    <span className="refs">
      {refs.map(({ origin, index }) => (
        <Link key={`${origin} ${index}`} to={recordAddress(origin, index)} className="num">
          {w('duty.record', { index })}
        </Link>
      ))}
    </span>
  );
}
