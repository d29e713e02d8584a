import { type TableColumnsType, Tooltip } from 'antd';
import type { ReactElement } from 'react';
import type { Answer } from '../../app/api.ts';
import { liveMs } from '../../app/bounds.ts';
import { nothing, showCount } from '../../app/format.ts';
import { useWords, type Words } from '../../app/i18n.ts';
import { useAsk } from '../../app/query.ts';
import { CauseName } from '../../parts/code.tsx';
import { Panel } from '../../parts/page.tsx';
import { PagedTable } from '../../parts/paged-table.tsx';
import { usePages } from '../../parts/pager.tsx';
import { Tag } from '../../parts/status.tsx';
import { Moment } from '../../parts/time.tsx';
import type { DeviceKey } from './device-page.tsx';

type Session = Answer<'sessions'>['items'][number];

const columns = ({ w, locale }: Words): TableColumnsType<Session> => [
  { title: w('session.opened'), key: 'opened', render: (_, { openedAt }) => <Moment at={openedAt} /> },
  {
    title: w('session.closed'),
    key: 'closed',
    render: (_, { closedAt }) =>
      closedAt === undefined ? <Tag tone="good">{w('session.open')}</Tag> : <Moment at={closedAt} />,
  },
  {
    title: w('session.reason'),
    key: 'reason',
    render: (_, { reason }) => (reason ? <CauseName code={reason} /> : '—'),
  },
  { title: w('session.transport'), dataIndex: 'transport' },
  {
    title: w('session.tls'),
    key: 'tls',
    render: (_, { tls, suite, group, resumed }) => (
      <span className="row">
        <span>{[tls, suite, group].filter((part) => part !== undefined).join(' · ')}</span>
        {resumed && <Tag tone="calm">{w('session.resumed')}</Tag>}
      </span>
    ),
  },
  { title: w('session.address'), key: 'address', render: (_, { address }) => <code>{address ?? '—'}</code> },
  { title: w('session.client'), key: 'client', render: (_, { clientId }) => <code>{clientId}</code> },
  {
    title: w('session.traffic'),
    key: 'traffic',
    align: 'right',
    render: (_, { received, sent, closedAt }) =>
      closedAt === undefined ? (
        <Tooltip title={w('session.trafficOpen')}>
          <button type="button" className="plain">
            {nothing}
          </button>
        </Tooltip>
      ) : (
        <span className="num">
          {showCount(received, locale)} / {showCount(sent, locale)}
        </span>
      ),
  },
];

/** Connections of the device, newest first. */
export function SessionsTab({ at }: { readonly at: DeviceKey }): ReactElement {
  const words = useWords();
  const pages = usePages();
  const { limit, after } = pages;
  const query = { limit, ...(after === undefined ? {} : { after }) };
  const sessions = useAsk('sessions', { params: { ...at }, query }, { every: liveMs, keep: true });
  return (
    <Panel flush>
      <PagedTable<Session>
        query={sessions}
        pages={pages}
        emptyText={words.w('session.none')}
        rowKey="conn"
        columns={columns(words)}
      />
    </Panel>
  );
}
