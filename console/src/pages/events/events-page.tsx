import { Input, type TableColumnsType } from 'antd';
import { type ReactElement, useState } from 'react';
import { Link } from 'react-router';
import { liveMs } from '../../app/bounds.ts';
import { showValue } from '../../app/format.ts';
import { useWords, type Words } from '../../app/i18n.ts';
import { Only } from '../../app/only.tsx';
import { useAsk } from '../../app/query.ts';
import { CauseName, isCause, KindName, OutcomeName } from '../../parts/code.tsx';
import { Page, Panel } from '../../parts/page.tsx';
import { PagedTable } from '../../parts/paged-table.tsx';
import { usePages } from '../../parts/pager.tsx';
import { Moment } from '../../parts/time.tsx';

type Event = Readonly<Record<string, unknown>>;

/** Events of the platform log, newest first. */
export function EventsPage(): ReactElement {
  return (
    <Only route="platformEvents">
      <Events />
    </Only>
  );
}

function Events(): ReactElement {
  const words = useWords();
  const { w } = words;
  const [kind, setKind] = useState('');
  const pages = usePages();
  const { limit, after } = pages;
  const query = { limit, ...(kind === '' ? {} : { kind }), ...(after === undefined ? {} : { after }) };
  const events = useAsk('platformEvents', { query }, { every: liveMs, keep: true });
  return (
    <Page title={w('nav.events')} note={w('event.help')}>
      <search className="filters">
        <Input.Search
          allowClear
          style={{ width: 320, maxWidth: '100%' }}
          placeholder={w('event.kindFilter')}
          aria-label={w('event.kindFilter')}
          maxLength={64}
          onSearch={(text) => {
            pages.first();
            setKind(text.trim());
          }}
        />
      </search>
      <Panel flush>
        <PagedTable<Event>
          query={events}
          pages={pages}
          emptyText={w('event.none')}
          rowKey={(event) => JSON.stringify(event)}
          columns={columns(words)}
          className="stacking"
        />
      </Panel>
    </Page>
  );
}

const timeOf = ({ at }: Event): number | undefined => (typeof at === 'number' ? at : undefined);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
/** Members of bodies that may hold the code of a problem. */
const causes: ReadonlySet<string> = new Set(['code', 'reason']);
/** What the record says: its members without the digests of concealed ones. */
function bodyOf({ body }: Event): readonly (readonly [string, unknown])[] {
  if (typeof body !== 'object' || body === null) return [];
  return Object.entries(body).filter(([name]) => name !== '_sd');
}

function Detail({ event }: { readonly event: Event }): ReactElement {
  const { locale } = useWords();
  return (
    <div className="event-cell">
      {bodyOf(event).map(([name, value]) => (
        <span key={name} className="event-member">
          <span className="quiet">{name}</span>{' '}
          <span className="break">
            {causes.has(name) && isCause(value) ? <CauseName code={value} /> : showValue(value, locale)}
          </span>
        </span>
      ))}
    </div>
  );
}

function Index({ event: { index } }: { readonly event: Event }): ReactElement | null {
  const { data } = useAsk('logs', {});
  const log = data?.items.find(({ kind }) => kind === 'platform')?.id;
  if (typeof index !== 'number') return null;
  if (log === undefined) return <span className="num">{index}</span>;
  return (
    <Link className="num" to={`/ledger/${log}/${index}`}>
      {index}
    </Link>
  );
}

const columns = ({ w }: Words): TableColumnsType<Event> => [
  { title: w('ledger.index'), key: 'index', render: (_, event) => <Index event={event} /> },
  { title: w('common.time'), key: 'at', render: (_, event) => <Moment at={timeOf(event)} /> },
  { title: w('common.kind'), key: 'kind', render: (_, { kind }) => <KindName code={textOf(kind)} /> },
  {
    title: w('ledger.outcome'),
    key: 'outcome',
    render: (_, { outcome }) => <OutcomeName code={textOf(outcome)} />,
  },
  { title: w('event.detail'), key: 'detail', render: (_, event) => <Detail event={event} /> },
];
