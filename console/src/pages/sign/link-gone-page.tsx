import type { ReactElement } from 'react';
import { Link } from 'react-router';
import { useWords } from '../../app/i18n.ts';
import { SignFrame } from './frame.tsx';

/** A one-time link that does not work any more, or that lost its secret on the way. */
export function LinkGonePage({ empty = false }: { readonly empty?: boolean }): ReactElement {
  const { w } = useWords();
  return (
    <SignFrame title={w(empty ? 'sign.linkEmpty' : 'sign.linkGone')}>
      <p>{w(empty ? 'sign.linkEmptyHelp' : 'sign.linkGoneHelp')}</p>
      <Link to="/">{w('sign.title')}</Link>
    </SignFrame>
  );
}
