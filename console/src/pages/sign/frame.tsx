import type { ReactElement, ReactNode } from 'react';
import { useWords } from '../../app/i18n.ts';
import { useAsk } from '../../app/query.ts';
import { LanguageSwitch } from '../../app/shell.tsx';
import { Mark } from '../../parts/icons.tsx';
import { useTitle } from '../../parts/page.tsx';

interface FrameProps {
  readonly title: string;
  readonly note?: ReactNode;
  readonly wide?: boolean;
  readonly children: ReactNode;
}

/** Pages before the console opens: one thing to do, in the middle. */
export function SignFrame({ title, note, wide = false, children }: FrameProps): ReactElement {
  const { w } = useWords();
  const { data } = useAsk('platform', {});
  useTitle(title);
  return (
    <div className="sign">
      <header className="sign-bar">
        <span className="brand">
          <Mark size={30} />
          <span className="brand-name">{data?.name ?? 'Pactgate'}</span>
        </span>
        <LanguageSwitch />
      </header>
      <main className={wide ? 'sign-card sign-wide' : 'sign-card'}>
        <h1>{title}</h1>
        {note !== undefined && <div className="sign-note">{note}</div>}
        {children}
      </main>
      <footer className="sign-foot">
        <p>{w('tagline')}</p>
        {data && (
          <p className="quiet">
            {data.domain} · Pactgate {data.version}
          </p>
        )}
      </footer>
    </div>
  );
}
