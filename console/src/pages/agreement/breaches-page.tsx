import { type TableColumnsType } from 'antd';
import type { ReactElement } from 'react';
import type { Answer } from '../../app/api.ts';
import { liveMs } from '../../app/bounds.ts';
import { useWords, type Words } from '../../app/i18n.ts';
import { useAsk } from '../../app/query.ts';
import { Panel } from '../../parts/page.tsx';
import { PagedTable } from '../../parts/paged-table.tsx';
import { usePages } from '../../parts/pager.tsx';
import { Tag, type Tone } from '../../parts/status.tsx';
import { Moment } from '../../parts/time.tsx';
import { AgreementPage, DutyLink, useAgreement } from './frame.tsx';

type Breach = Answer<'breaches'>['items'][number];
const tones: Readonly<Record<Breach['state'], Tone>> = { open: 'bad', cured: 'good', closed: 'calm' };

const columns = ({ w, say }: Words): TableColumnsType<Breach> => [
  {
    title: w('common.state'),
    key: 'state',
    render: (_, { state }) => <Tag tone={tones[state]}>{w(`breach.state.${state}`)}</Tag>,
  },
  { title: w('breach.row'), key: 'row', render: (_, { row }) => <DutyLink row={row}>{row}</DutyLink> },
  { title: w('breach.code'), key: 'code', render: (_, { code }) => <code>{code}</code> },
  { title: w('board.owner'), key: 'owner', render: (_, { owner }) => ownerWord(owner, w) },
  { title: w('breach.subject'), key: 'subject', render: (_, { subject }) => <span className="break">{subject}</span> },
  {
    title: w('breach.observed'),
    key: 'observed',
    width: 320,
    render: (_, { observed }) => <span className="break">{say(observed)}</span>,
  },
  { title: w('breach.opened'), key: 'opened', render: (_, { openedAt }) => <Moment at={openedAt} /> },
  { title: w('breach.deadline'), key: 'deadline', render: (_, { deadline }) => <Moment at={deadline} age /> },
  { title: w('breach.notified'), key: 'notified', render: (_, { notifiedAt }) => <Moment at={notifiedAt} /> },
  { title: w('breach.cured'), key: 'cured', render: (_, { curedAt, closedAt }) => <Moment at={curedAt ?? closedAt} /> },
];

const ownerWord = (owner: string, w: Words['w']): string =>
  owner === 'A' || owner === 'B' || owner === 'AB' ? w(`board.owner.${owner}`) : owner;

/** Every breach that was opened, newest first. */
export function BreachesPage(): ReactElement {
  const words = useWords();
  const { summary } = useAgreement();
  const pages = usePages();
  const { limit, after } = pages;
  const query = { limit, ...(after === undefined ? {} : { after }) };
  const breaches = useAsk('breaches', { params: { agreement: summary.id }, query }, { every: liveMs, keep: true });
  return (
    <AgreementPage>
      <Panel flush>
        <PagedTable<Breach>
          query={breaches}
          pages={pages}
          emptyText={words.w('breach.none')}
          rowKey="id"
          columns={columns(words)}
        />
      </Panel>
    </AgreementPage>
  );
}
