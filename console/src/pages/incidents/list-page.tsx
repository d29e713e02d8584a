import { type TableColumnsType } from 'antd';
import type { ReactElement } from 'react';
import { Link } from 'react-router';
import { useAgreementId } from '../../app/agreement.ts';
import type { Answer } from '../../app/api.ts';
import { liveMs } from '../../app/bounds.ts';
import { useWords, type Words } from '../../app/i18n.ts';
import { useAsk } from '../../app/query.ts';
import { Page, Panel } from '../../parts/page.tsx';
import { PagedTable } from '../../parts/paged-table.tsx';
import { usePages } from '../../parts/pager.tsx';
import { Moment } from '../../parts/time.tsx';
import { IncidentStateMark, SeverityMark } from './marks.tsx';
import { incidentName, summaryIn } from './names.ts';

type Incident = Answer<'incidents'>['items'][number];

const columns = ({ w, locale }: Words, agreement: string): TableColumnsType<Incident> => [
  {
    title: w('incident.type'),
    key: 'type',
    render: (_, { id, type }) => (
      <span className="said">
        <Link to={`/a/${agreement}/incidents/${id}`}>{incidentName(type, locale)}</Link>{' '}
        <code className="quiet">{type}</code>
      </span>
    ),
  },
  { title: w('incident.severity'), key: 'severity', render: (_, { severity }) => <SeverityMark severity={severity} /> },
  { title: w('common.state'), key: 'state', render: (_, { state }) => <IncidentStateMark state={state} /> },
  {
    title: w('incident.device'),
    key: 'device',
    render: (_, { device }) =>
      device === undefined ? '—' : <Link to={`/a/${agreement}/devices/${device}`}>{device}</Link>,
  },
  {
    title: w('incident.summary'),
    key: 'summary',
    render: (_, incident) => <div className="break summary-cell">{summaryIn(incident, locale)}</div>,
  },
  { title: w('incident.reports'), dataIndex: 'reports', align: 'right' },
  { title: w('incident.opened'), key: 'opened', render: (_, { openedAt }) => <Moment at={openedAt} /> },
];

/** Security incidents of the agreement, newest first. */
export function IncidentsPage(): ReactElement {
  const words = useWords();
  const { w } = words;
  const agreement = useAgreementId();
  const pages = usePages();
  const { limit, after } = pages;
  const query = { limit, ...(after === undefined ? {} : { after }) };
  const incidents = useAsk('incidents', { params: { agreement }, query }, { every: liveMs, keep: true });
  return (
    <Page title={w('nav.incidents')}>
      <Panel flush>
        <PagedTable<Incident>
          query={incidents}
          pages={pages}
          emptyText={w('incident.none')}
          rowKey="id"
          columns={columns(words, agreement)}
        />
      </Panel>
    </Page>
  );
}
