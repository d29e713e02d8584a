import type { ReactElement } from 'react';
import { useWords } from '../app/i18n.ts';
import { Mark } from './icons.tsx';

/** While it is not known yet who is there. */
export function Splash(): ReactElement {
  const { w } = useWords();
  return (
    <div className="splash" role="status" aria-label={w('common.loading')}>
      <Mark size={44} />
    </div>
  );
}
