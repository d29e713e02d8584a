import type { ReactElement, ReactNode } from 'react';
import { useEffect, useRef } from 'react';
import { Link } from 'react-router';
import { useWords } from '../app/i18n.ts';
import { Icon } from './icons.tsx';

/** The first page of a visit leaves the focus where the browser put it. */
let visited = false;

/** Names the browser's tab after the page. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === '' ? 'Pactgate' : `${title} · Pactgate`;
  }, [title]);
}

interface PageProps {
  readonly title: string;
  /** Beside the title: tags of state. */
  readonly marks?: ReactNode;
  /** Below the title: one line. */
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  /** Way up. */
  readonly up?: { readonly to: string; readonly text: string };
  readonly children: ReactNode;
}

/** A page: its heading takes the focus when it is opened, so that keyboard and screen reader start there. */
export function Page({ title, marks, note, actions, up, children }: PageProps): ReactElement {
  const heading = useRef<HTMLHeadingElement>(null);
  const { w } = useWords();
  useTitle(title);
  useEffect(() => {
    if (visited) heading.current?.focus({ preventScroll: true });
    visited = true;
  }, []);
  return (
    <div className="page">
      <header className="page-head">
        <div className="page-words">
          {up && (
            <Link className="page-up" to={up.to} aria-label={`${w('common.back')}: ${up.text}`}>
              <Icon name="back" size={14} /> {up.text}
            </Link>
          )}
          <div className="page-title">
            <h1 ref={heading} tabIndex={-1}>
              {title}
            </h1>
            {marks}
          </div>
          {note && <div className="page-note">{note}</div>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

interface PanelProps {
  readonly title?: ReactNode;
  readonly note?: ReactNode;
  readonly extra?: ReactNode;
  /** No inner space: for tables. */
  readonly flush?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A framed part of a page. */
export function Panel({ title, note, extra, flush = false, className = '', children }: PanelProps): ReactElement {
  return (
    <section className={`panel ${flush ? 'panel-flush' : ''} ${className}`}>
      {(title !== undefined || extra !== undefined) && (
        <header className="panel-head">
          <div>
            {title !== undefined && <h2>{title}</h2>}
            {note !== undefined && <p className="quiet">{note}</p>}
          </div>
          {extra}
        </header>
      )}
      <div className="panel-body">{children}</div>
    </section>
  );
}

export interface Fact {
  readonly label: ReactNode;
  readonly value: ReactNode;
  /** Takes the whole line. */
  readonly wide?: boolean;
}

/** Names and values, two or more beside each other where there is room. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }): ReactElement {
  return (
    <dl className="facts">
      {facts.map(({ label, value, wide = false }, i) => (
        <div key={i} className={wide ? 'wide' : undefined}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
