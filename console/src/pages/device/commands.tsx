import { Button, Table, type TableColumnsType } from 'antd';
import { type ReactElement, useState } from 'react';
import type { Answer } from '../../app/api.ts';
import { liveMs } from '../../app/bounds.ts';
import { showValue } from '../../app/format.ts';
import { useWords, type Words } from '../../app/i18n.ts';
import { useMay } from '../../app/me.tsx';
import { useAsk } from '../../app/query.ts';
import { By } from '../../parts/by.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Panel } from '../../parts/page.tsx';
import { Pager, usePages } from '../../parts/pager.tsx';
import { Load } from '../../parts/states.tsx';
import { Tag, type Tone } from '../../parts/status.tsx';
import { Moment } from '../../parts/time.tsx';
import type { DeviceKey } from './device-page.tsx';
import { SendDialog } from './send-dialog.tsx';

type Command = Answer<'command'>;
const tones: Readonly<Record<Command['state'], Tone>> = {
  waiting: 'calm',
  delivered: 'info',
  accepted: 'info',
  done: 'good',
  failed: 'bad',
  expired: 'warn',
};

const columns = ({ w, locale }: Words): TableColumnsType<Command> => [
  { title: w('command.created'), key: 'created', render: (_, { createdAt }) => <Moment at={createdAt} /> },
  { title: w('command.name'), key: 'name', render: (_, { name }) => <code>{name}</code> },
  {
    title: w('common.state'),
    key: 'state',
    render: (_, { state }) => <Tag tone={tones[state]}>{w(`command.state.${state}`)}</Tag>,
  },
  { title: w('command.delivered'), key: 'delivered', render: (_, { deliveredAt }) => <Moment at={deliveredAt} /> },
  { title: w('command.finished'), key: 'finished', render: (_, { finishedAt }) => <Moment at={finishedAt} /> },
  {
    title: w('command.result'),
    key: 'result',
    render: (_, { result }) => <code className="break">{showValue(result, locale)}</code>,
  },
  { title: w('command.deadline'), key: 'deadline', render: (_, { deadline }) => <Moment at={deadline} age /> },
  { title: w('command.by'), key: 'by', render: (_, { by }) => <By by={by} /> },
];

/** Commands to the device, newest first, and the way to send one. */
export function CommandsTab({ at }: { readonly at: DeviceKey }): ReactElement {
  const words = useWords();
  const { w } = words;
  const may = useMay();
  const [sending, setSending] = useState(false);
  const pages = usePages();
  const { limit, after } = pages;
  const query = { limit, ...(after === undefined ? {} : { after }) };
  const commands = useAsk('commands', { params: { ...at }, query }, { every: liveMs, keep: true });
  return (
    <Panel
      flush
      title={w('device.tab.commands')}
      extra={
        may('sendCommand') && (
          <Button type="primary" size="small" icon={<Icon name="plus" size={14} />} onClick={() => setSending(true)}>
            {w('command.send')}
          </Button>
        )
      }
    >
      <Load
        query={commands}
        empty={({ items }) => items.length === 0 && pages.number === 1}
        emptyText={w('command.none')}
      >
        {({ items, next }) => (
          <>
            <Table<Command>
              size="small"
              rowKey="id"
              columns={columns(words)}
              dataSource={items}
              pagination={false}
              scroll={{ x: 'max-content' }}
            />
            <Pager pages={pages} next={next} />
          </>
        )}
      </Load>
      {sending && <SendDialog at={at} onClose={() => setSending(false)} />}
    </Panel>
  );
}
