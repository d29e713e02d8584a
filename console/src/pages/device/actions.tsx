import { isolationLevels } from '@pactgate/protocol';
import { App, Button, Dropdown, Form, Input, InputNumber, Modal, Radio } from 'antd';
import { type ReactElement, useState } from 'react';
import { useWords } from '../../app/i18n.ts';
import { useMay } from '../../app/me.tsx';
import { useAct } from '../../app/query.ts';
import { Icon } from '../../parts/icons.tsx';
import { FormProblem } from '../../parts/states.tsx';
import { Tag } from '../../parts/status.tsx';
import { CodesDialog } from '../devices/register-dialog.tsx';
import type { DeviceKey, TabProps } from './device-page.tsx';

type Open = 'isolate' | 'revoke' | 'code';

/** What the role may do to the device. */
export function DeviceActions({ at, device }: TabProps): ReactElement {
  const { w } = useWords();
  const may = useMay();
  const [open, setOpen] = useState<Open>();
  const close = (): void => setOpen(undefined);
  const more = [
    ...(may('newCode') ? [{ key: 'code', label: w('device.newCode'), onClick: () => setOpen('code') }] : []),
    ...(may('revoke')
      ? [{ key: 'revoke', label: w('revoke.open'), danger: true, onClick: () => setOpen('revoke') }]
      : []),
  ];
  return (
    <>
      {may('isolate') && (
        <Button type="primary" icon={<Icon name="lock" />} onClick={() => setOpen('isolate')}>
          {w('isolation.open')}
        </Button>
      )}
      {more.length > 0 && (
        <Dropdown trigger={['click']} menu={{ items: more }}>
          <Button aria-label={w('common.more')}>⋯</Button>
        </Dropdown>
      )}
      {open === 'isolate' && <IsolateDialog at={at} level={device.summary.level} onClose={close} />}
      {open === 'revoke' && <RevokeDialog at={at} onClose={close} />}
      {open === 'code' && <NewCodeDialog at={at} device={device} onClose={close} />}
    </>
  );
}

/** The levels an order may set; revoking is an act of its own. */
const choices = isolationLevels.filter((row) => row.level <= 4);
type Choice = 0 | 1 | 2 | 3 | 4;
interface Order {
  readonly level: Choice;
  readonly reason: string;
  readonly minutes?: number | null;
}
interface DialogProps {
  readonly at: DeviceKey;
  readonly onClose: () => void;
}

function IsolateDialog({ at, level, onClose }: DialogProps & { readonly level: number }): ReactElement {
  const { w } = useWords();
  const { message } = App.useApp();
  const [form] = Form.useForm<Order>();
  const isolate = useAct('isolate', ['device', 'devices', 'sessions']);
  const submit = ({ level: wanted, reason, minutes }: Order): void =>
    isolate.mutate(
      { params: { ...at }, body: { level: wanted, reason, ...(minutes ? { minutes } : {}) } },
      {
        onSuccess: (done) => {
          void message.success(
            w('isolation.done', { level: done.level, cut: done.connectionsCut, ms: Math.round(done.commitToCutMs) }),
          );
          onClose();
        },
      },
    );
  return (
    <Modal
      open
      width={620}
      title={w('isolation.dialog', { device: at.device })}
      okText={w('isolation.apply')}
      confirmLoading={isolate.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form<Order>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ level: level >= 4 ? 0 : 4 }}
        onFinish={submit}
      >
        <Form.Item name="level" label={w('device.level')}>
          <LevelChoice now={level} />
        </Form.Item>
        <Form.Item
          name="reason"
          label={w('isolation.reason')}
          extra={w('isolation.reasonHelp')}
          rules={[{ required: true, min: 3, whitespace: true, message: w('common.required') }]}
        >
          <Input.TextArea rows={2} maxLength={500} showCount />
        </Form.Item>
        <Form.Item name="minutes" label={w('isolation.minutes')} extra={w('isolation.minutesHelp')}>
          <InputNumber min={1} max={525_600} precision={0} style={{ width: 160 }} />
        </Form.Item>
        <FormProblem error={isolate.error} />
      </Form>
    </Modal>
  );
}

interface LevelChoiceProps {
  readonly now: number;
  readonly value?: Choice;
  readonly onChange?: (level: Choice) => void;
}

function LevelChoice({ now, value, onChange }: LevelChoiceProps): ReactElement {
  const { w, locale } = useWords();
  return (
    <Radio.Group className="levels" value={value} onChange={({ target }) => onChange?.(target.value as Choice)}>
      {choices.map((row) => (
        <Radio key={row.level} value={row.level}>
          <span className="row">
            <strong>
              {row.level} · {row[locale]}
            </strong>
            {row.level === now && <Tag tone="calm">{w('isolation.now')}</Tag>}
          </span>
          <div className="quiet">{w(`isolation.level${row.level as Choice}`)}</div>
        </Radio>
      ))}
    </Radio.Group>
  );
}

function RevokeDialog({ at, onClose }: DialogProps): ReactElement {
  const { w } = useWords();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ reason: string }>();
  const revoke = useAct('revoke', ['device', 'devices', 'sessions']);
  const submit = ({ reason }: { readonly reason: string }): void =>
    revoke.mutate(
      { params: { ...at }, body: { reason } },
      {
        onSuccess: ({ revoked, connectionsCut }) => {
          void message.success(w('revoke.done', { n: revoked, cut: connectionsCut }));
          onClose();
        },
      },
    );
  return (
    <Modal
      open
      title={w('revoke.ask', { device: at.device })}
      okText={w('token.revoke')}
      okButtonProps={{ danger: true }}
      confirmLoading={revoke.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form<{ reason: string }> form={form} layout="vertical" requiredMark={false} onFinish={submit}>
        <p className="gap-below">{w('revoke.help')}</p>
        <Form.Item
          name="reason"
          label={w('common.reason')}
          extra={w('isolation.reasonHelp')}
          rules={[{ required: true, min: 3, whitespace: true, message: w('common.required') }]}
        >
          <Input.TextArea rows={2} maxLength={500} />
        </Form.Item>
        <FormProblem error={revoke.error} />
      </Form>
    </Modal>
  );
}

function NewCodeDialog({ at, device, onClose }: TabProps & DialogProps): ReactElement {
  const { w } = useWords();
  const issue = useAct('newCode', ['device']);
  if (issue.data) {
    const { id, pseudonym } = device.summary;
    return <CodesDialog codes={[{ id, pseudonym, ...issue.data }]} onClose={onClose} />;
  }
  return (
    <Modal
      open
      title={w('device.newCode')}
      okText={w('device.newCode')}
      confirmLoading={issue.isPending}
      onOk={() => issue.mutate({ params: { ...at } })}
      onCancel={onClose}
    >
      <p>{w('device.newCodeAsk')}</p>
      <FormProblem error={issue.error} />
    </Modal>
  );
}
