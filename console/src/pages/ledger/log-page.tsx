import { Button, Input, InputNumber, type TableColumnsType } from 'antd';
import { type ReactElement, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import type { Answer } from '../../app/api.ts';
import { liveMs } from '../../app/bounds.ts';
import { useWords, type Words } from '../../app/i18n.ts';
import { useAsk } from '../../app/query.ts';
import { KindName, OutcomeName } from '../../parts/code.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Page, Panel } from '../../parts/page.tsx';
import { PagedTable } from '../../parts/paged-table.tsx';
import { usePages } from '../../parts/pager.tsx';
import { Tag } from '../../parts/status.tsx';
import { Moment } from '../../parts/time.tsx';
import { looseLeaf } from './leaf.ts';
import { LogPanel } from './logs-page.tsx';

type LogRecord = Answer<'records'>['items'][number];

/** One log: how it stands, and its records. */
export function LogPage(): ReactElement {
  const { w } = useWords();
  const { log: id = '' } = useParams();
  const logs = useAsk('logs', {}, { every: liveMs });
  const log = logs.data?.items.find((each) => each.id === id);
  const evidence = log?.agreement;
  return (
    <Page
      title={log ? w(`ledger.kind.${log.kind}`) : w('nav.ledger')}
      up={{ to: '/ledger', text: w('nav.ledger') }}
      actions={
        evidence !== undefined && (
          <Button href={`/api/v1/agreements/${evidence}/evidence`} download icon={<Icon name="download" />}>
            {w('agreement.evidence')}
          </Button>
        )
      }
    >
      {log && <LogPanel log={log} />}
      <Records log={id} size={log?.size} />
    </Page>
  );
}

interface RecordsProps {
  readonly log: string;
  readonly size: number | undefined;
}

function Records({ log, size }: RecordsProps): ReactElement {
  const words = useWords();
  const { w } = words;
  const [kind, setKind] = useState('');
  const pages = usePages();
  const { limit, after } = pages;
  const query = { limit, ...(kind === '' ? {} : { kind }), ...(after === undefined ? {} : { after }) };
  const records = useAsk('records', { params: { log }, query }, { every: liveMs, keep: true });
  return (
    <Panel
      flush
      title={w('ledger.records')}
      extra={
        <Finder
          log={log}
          size={size}
          onKind={(text) => {
            pages.first();
            setKind(text);
          }}
        />
      }
    >
      <PagedTable<LogRecord>
        query={records}
        pages={pages}
        emptyText={w('ledger.noRecords')}
        rowKey="index"
        columns={columns(words, log)}
      />
    </Panel>
  );
}

function Finder({ log, size, onKind }: RecordsProps & { readonly onKind: (kind: string) => void }): ReactElement {
  const { w } = useWords();
  const go = useNavigate();
  return (
    <search className="row">
      <Input.Search
        allowClear
        size="small"
        style={{ width: 250 }}
        placeholder={w('ledger.kindFilter')}
        aria-label={w('ledger.kindFilter')}
        maxLength={64}
        onSearch={(text) => onKind(text.trim())}
      />
      <InputNumber
        size="small"
        min={0}
        precision={0}
        {...(size === undefined ? {} : { max: Math.max(0, size - 1) })}
        placeholder={w('ledger.goto')}
        aria-label={w('ledger.goto')}
        style={{ width: 120 }}
        onPressEnter={({ currentTarget }) => {
          const index = Number(currentTarget.value);
          if (currentTarget.value !== '' && Number.isSafeInteger(index)) void go(`/ledger/${log}/${index}`);
        }}
      />
    </search>
  );
}

const columns = ({ w }: Words, log: string): TableColumnsType<LogRecord> => [
  {
    title: w('ledger.index'),
    key: 'index',
    render: (_, { index }) => (
      <Link className="num" to={`/ledger/${log}/${index}`} aria-label={w('ledger.record', { index })}>
        {index}
      </Link>
    ),
  },
  { title: w('common.time'), key: 'time', render: (_, { leaf }) => <Moment at={looseLeaf(leaf).at} /> },
  { title: w('common.kind'), key: 'kind', render: (_, { leaf }) => <KindName code={looseLeaf(leaf).kind} /> },
  {
    title: w('ledger.outcome'),
    key: 'outcome',
    render: (_, { leaf }) => <OutcomeName code={looseLeaf(leaf).outcome} />,
  },
  {
    title: w('ledger.duties'),
    key: 'duties',
    render: (_, { leaf }) => (
      <span className="row">
        {looseLeaf(leaf).duties.map((duty) => (
          <Tag key={duty} tone="calm">
            {duty}
          </Tag>
        ))}
      </span>
    ),
  },
  { title: w('ledger.covers'), key: 'n', align: 'right', render: (_, { leaf }) => looseLeaf(leaf).count },
  { title: w('ledger.source'), key: 'source', render: (_, { leaf }) => <code>{looseLeaf(leaf).source}</code> },
];
