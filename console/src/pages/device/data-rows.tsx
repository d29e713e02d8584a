import { Table, type TableColumnsType, Tooltip } from 'antd';
import type { ReactElement } from 'react';
import type { Answer } from '../../app/api.ts';
import { liveMs } from '../../app/bounds.ts';
import { showValue } from '../../app/format.ts';
import { useWords, type Words } from '../../app/i18n.ts';
import { useAsk } from '../../app/query.ts';
import { Icon } from '../../parts/icons.tsx';
import { Panel } from '../../parts/page.tsx';
import { Pager, usePages } from '../../parts/pager.tsx';
import { Load } from '../../parts/states.tsx';
import { Moment, useNow } from '../../parts/time.tsx';
import type { Channel } from './data.tsx';
import type { DeviceKey } from './device-page.tsx';
import { type RangeName, windowOf } from './series.ts';
import { valueAt } from './values.ts';

type Row = Answer<'telemetry'>['items'][number];
interface RowsProps {
  readonly at: DeviceKey;
  readonly channel: Channel;
  readonly range: RangeName;
}

/** Newest messages of a channel, as the role may see them. */
export function DataRows({ at, channel, range }: RowsProps): ReactElement {
  const words = useWords();
  const { w } = words;
  const pages = usePages();
  const { limit, after } = pages;
  const { from } = windowOf(range, useNow());
  const query = {
    channel: channel.channel,
    from,
    limit,
    order: 'desc' as const,
    ...(after === undefined ? {} : { after }),
  };
  const rows = useAsk('telemetry', { params: { ...at }, query }, { every: liveMs, keep: true });
  const masked = rows.data?.masked ?? [];
  return (
    <Panel
      flush
      title={w('data.rows')}
      {...(masked.length > 0 ? { note: w('data.maskedNote', { fields: masked.join(', ') }) } : {})}
    >
      <Load query={rows} empty={({ items }) => items.length === 0 && pages.number === 1} emptyText={w('data.noPoints')}>
        {(data) => (
          <>
            <Table<Row>
              size="small"
              rowKey={(row) => `${row.at} ${row.received}`}
              columns={columns(words, channel, data.masked)}
              dataSource={data.items}
              pagination={false}
              scroll={{ x: 'max-content' }}
            />
            <Pager pages={pages} next={data.next} />
          </>
        )}
      </Load>
    </Panel>
  );
}

const columns = ({ w, locale }: Words, channel: Channel, masked: readonly string[]): TableColumnsType<Row> => [
  { title: w('data.at'), key: 'at', render: (_, { at }) => <Moment at={at} /> },
  ...channel.fields.map(({ path, unit, class: name }) => ({
    key: path,
    title: masked.includes(path) ? (
      <Tooltip title={w('data.maskedHelp', { class: name })}>
        <span className="masked">
          <Icon name="eyeOff" size={13} /> {path}
          <span className="hidden">{w('data.masked')}</span>
        </span>
      </Tooltip>
    ) : (
      <span>
        {path} {unit && <span className="quiet">({unit})</span>}
      </span>
    ),
    render: (_: unknown, { values }: Row) => {
      const value = valueAt(values, path);
      return value === undefined && masked.includes(path) ? (
        <span className="masked">{w('data.masked')}</span>
      ) : (
        <span className="num">{showValue(value, locale)}</span>
      );
    },
  })),
  { title: w('data.received'), key: 'received', render: (_, { received }) => <Moment at={received} age /> },
];
