import { App, Button, Form, Input, InputNumber, Modal, Table, type TableColumnsType } from 'antd';
import { type ReactElement, useState } from 'react';
import type { Answer } from '../../app/api.ts';
import { liveMs } from '../../app/bounds.ts';
import { showValue } from '../../app/format.ts';
import { useWords, type Words } from '../../app/i18n.ts';
import { useMay } from '../../app/me.tsx';
import { useAct, useAsk } from '../../app/query.ts';
import { Icon } from '../../parts/icons.tsx';
import { Panel } from '../../parts/page.tsx';
import { Pager, usePages } from '../../parts/pager.tsx';
import { FormProblem, Load } from '../../parts/states.tsx';
import { Tag, type Tone } from '../../parts/status.tsx';
import { Moment } from '../../parts/time.tsx';
import type { DeviceKey } from './device-page.tsx';

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
  { title: w('command.by'), dataIndex: 'by' },
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

interface Values {
  readonly name: string;
  readonly payload?: string;
  readonly deadline: number;
}

/** A JSON object, or undefined for anything else. */
function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // not JSON at all: the same answer
  }
}
const isBlank = (text: string | undefined): boolean => (text ?? '').trim() === '';

function SendDialog({ at, onClose }: { readonly at: DeviceKey; readonly onClose: () => void }): ReactElement {
  const { w } = useWords();
  const { message } = App.useApp();
  const [form] = Form.useForm<Values>();
  const send = useAct('sendCommand', ['commands']);
  const submit = ({ name, payload, deadline }: Values): void => {
    const object = isBlank(payload) ? undefined : readObject(payload ?? '');
    const body = { name: name.trim(), deadlineSeconds: deadline, ...(object === undefined ? {} : { payload: object }) };
    send.mutate(
      { params: { ...at }, body },
      {
        onSuccess: () => {
          void message.success(w('command.sent'));
          onClose();
        },
      },
    );
  };
  return (
    <Modal
      open
      title={w('command.send')}
      okText={w('command.send')}
      confirmLoading={send.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form<Values> form={form} layout="vertical" requiredMark={false} initialValues={{ deadline: 300 }} onFinish={submit}>
        <Form.Item
          name="name"
          label={w('command.name')}
          extra={w('command.nameHelp')}
          rules={[{ required: true, pattern: /^\s*[A-Za-z0-9_-]{1,64}\s*$/, message: w('command.nameHelp') }]}
        >
          <Input autoFocus maxLength={66} spellCheck={false} className="mono" placeholder="set-interval" />
        </Form.Item>
        <Form.Item
          name="payload"
          label={`${w('command.payload')} (${w('common.optional')})`}
          validateTrigger="onBlur"
          rules={[
            {
              validator: (_, value: string | undefined) =>
                isBlank(value) || readObject(value ?? '') !== undefined
                  ? Promise.resolve()
                  : Promise.reject(new Error(w('command.notObject'))),
            },
          ]}
        >
          <Input.TextArea rows={5} spellCheck={false} className="mono" placeholder='{ "seconds": 30 }' />
        </Form.Item>
        <Form.Item
          name="deadline"
          label={w('command.deadline')}
          extra={w('command.deadlineHelp')}
          rules={[{ required: true, message: w('common.required') }]}
        >
          <InputNumber min={1} max={604_800} precision={0} suffix={w('command.seconds')} style={{ width: 180 }} />
        </Form.Item>
        <FormProblem error={send.error} />
      </Form>
    </Modal>
  );
}
