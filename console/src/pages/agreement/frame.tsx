import { Button } from 'antd';
import type { ReactElement } from 'react';
import { Link, NavLink, Outlet, useLocation, useOutletContext } from 'react-router';
import { useAgreementId } from '../../app/agreement.ts';
import type { Answer } from '../../app/api.ts';
import { slowMs } from '../../app/bounds.ts';
import { showTime } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useMay } from '../../app/me.tsx';
import { useAsk } from '../../app/query.ts';
import { Icon } from '../../parts/icons.tsx';
import { Page } from '../../parts/page.tsx';
import { Load } from '../../parts/states.tsx';
import { AgreementMark } from '../../parts/status.tsx';

export type OneAgreement = Answer<'agreement'>;

/** The agreement of the address, for every page below it. */
export const useAgreement = (): OneAgreement => useOutletContext<OneAgreement>();

/** Reads the agreement once for its pages; another party's does not exist here. */
export function AgreementFrame(): ReactElement {
  const agreement = useAgreementId();
  const query = useAsk('agreement', { params: { agreement } }, { every: slowMs });
  const { w } = useWords();
  if (query.data === undefined)
    return (
      <Page title={w('agreement.title')}>
        <Load query={query}>{() => null}</Load>
      </Page>
    );
  return <Outlet context={query.data} />;
}

/** The three faces of an agreement: board, document, breaches, under one heading. */
export function AgreementPage({ children }: { readonly children: ReactElement }): ReactElement {
  const { w, locale } = useWords();
  const may = useMay();
  const { summary } = useAgreement();
  const base = `/a/${summary.id}`;
  return (
    <Page
      title={w('agreement.with', { party: summary.partyName })}
      marks={<AgreementMark state={summary.state} />}
      note={
        <>
          {summary.edition}
          {summary.inForceAt !== undefined &&
            ` · ${w('agreement.since', { time: showTime(summary.inForceAt, locale) })}`}
        </>
      }
      actions={
        <>
          {may('evidence') && summary.state !== 'draft' && (
            <Button href={`/api/v1/agreements/${summary.id}/evidence`} download icon={<Icon name="download" />}>
              {w('agreement.evidence')}
            </Button>
          )}
        </>
      }
    >
      <nav className="sub-tabs" aria-label={w('agreement.title')}>
        <NavLink to={base} end>
          {w('agreement.tab.board')}
        </NavLink>
        <NavLink to={`${base}/document`}>{w('agreement.tab.document')}</NavLink>
        <NavLink to={`${base}/breaches`}>{w('agreement.tab.breaches')}</NavLink>
      </nav>
      {children}
    </Page>
  );
}

/** Link to one duty, as a drawer over the page it stands on. */
export function DutyLink({ row, children }: { readonly row: string; readonly children: string }): ReactElement {
  const { w } = useWords();
  const { search } = useLocation();
  const { summary } = useAgreement();
  const query = new URLSearchParams(search);
  query.set('duty', row);
  return (
    <Link to={`/a/${summary.id}?${query}`} aria-label={w('duty.open', { row })} preventScrollReset>
      {children}
    </Link>
  );
}
