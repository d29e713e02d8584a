import type { Role } from '@pactgate/protocol';
import { Button, Form, Input, InputNumber, Modal, Select, Table, type TableColumnsType, Tooltip } from 'antd';
import { type ReactElement, useState } from 'react';
import type { Answer } from '../../app/api.ts';
import { slowMs } from '../../app/bounds.ts';
import { useWords, type Words } from '../../app/i18n.ts';
import { useMe } from '../../app/me.tsx';
import { useAct, useAsk } from '../../app/query.ts';
import { roleName } from '../../app/shell.tsx';
import { CodeBlock } from '../../parts/copy.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Panel } from '../../parts/page.tsx';
import { FormProblem, Load } from '../../parts/states.tsx';
import { Tag } from '../../parts/status.tsx';
import { Moment } from '../../parts/time.tsx';

type Token = Answer<'tokens'>['items'][number];

/** Roles a token of this role may carry; the platform holds the same table and decides. */
const lesser: Partial<Readonly<Record<Role, readonly Role[]>>> = {
  'a.admin': ['a.admin', 'a.auditor'],
  'a.security': ['a.security', 'a.auditor'],
  'b.admin': ['b.admin', 'b.engineer'],
};

/** API tokens: make, see once, revoke. */
export function TokensPanel(): ReactElement {
  const words = useWords();
  const { w } = words;
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Token>();
  const tokens = useAsk('tokens', {}, { every: slowMs });
  return (
    <Panel
      flush
      title={w('token.title')}
      note={w('token.help')}
      extra={
        <Button size="small" icon={<Icon name="plus" size={14} />} onClick={() => setCreating(true)}>
          {w('token.new')}
        </Button>
      }
    >
      <Load query={tokens} empty={({ items }) => items.length === 0} emptyText={w('token.none')}>
        {({ items }) => (
          <Table<Token>
            size="small"
            rowKey="id"
            columns={columns(words, setRevoking)}
            dataSource={items}
            pagination={items.length > 25 ? { pageSize: 25, size: 'small' } : false}
            scroll={{ x: 'max-content' }}
          />
        )}
      </Load>
      {creating && <CreateDialog onClose={() => setCreating(false)} />}
      {revoking && <RevokeDialog token={revoking} onClose={() => setRevoking(undefined)} />}
    </Panel>
  );
}

const columns = ({ w, locale }: Words, onRevoke: (token: Token) => void): TableColumnsType<Token> => [
  {
    title: w('token.name'),
    key: 'name',
    render: (_, token) => (
      <span className="row">
        {token.name}
        {token.internal === true && (
          <Tooltip title={w('token.ownHelp')}>
            <span>
              <Tag tone="info">{w('token.own')}</Tag>
            </span>
          </Tooltip>
        )}
      </span>
    ),
  },
  { title: w('token.role'), key: 'role', render: (_, { role }) => roleName(role, locale) },
  { title: w('token.created'), key: 'created', render: (_, { createdAt }) => <Moment at={createdAt} /> },
  { title: w('token.expires'), key: 'expires', render: (_, { expiresAt }) => <Moment at={expiresAt} age /> },
  {
    title: w('token.used'),
    key: 'used',
    render: (_, { lastUsedAt }) =>
      lastUsedAt === undefined ? <span className="quiet">{w('token.never')}</span> : <Moment at={lastUsedAt} age />,
  },
  {
    key: 'acts',
    align: 'right',
    render: (_, token) => (
      <Button size="small" danger onClick={() => onRevoke(token)}>
        {w('token.revoke')}
      </Button>
    ),
  },
];

interface CloseProps {
  readonly onClose: () => void;
}
interface Values {
  readonly name: string;
  readonly days: number;
  readonly role: Role;
}

function CreateDialog({ onClose }: CloseProps): ReactElement {
  const { w, locale } = useWords();
  const me = useMe();
  const [form] = Form.useForm<Values>();
  const create = useAct('createToken', ['tokens']);
  const roles = lesser[me.role] ?? [me.role];
  if (create.data) return <SecretDialog secret={create.data.secret} onClose={onClose} />;
  return (
    <Modal
      open
      title={w('token.new')}
      okText={w('token.new')}
      confirmLoading={create.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form<Values>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ days: 30, role: roles.at(-1) }}
        onFinish={({ name, days, role }) => create.mutate({ body: { name: name.trim(), days, role } })}
      >
        <Form.Item
          name="name"
          label={w('token.name')}
          rules={[{ required: true, whitespace: true, message: w('common.required') }]}
        >
          <Input maxLength={100} autoFocus placeholder={w('token.namePlaceholder')} />
        </Form.Item>
        <Form.Item name="role" label={w('token.role')} extra={w('token.roleHelp')}>
          <Select options={roles.map((role) => ({ value: role, label: roleName(role, locale) }))} />
        </Form.Item>
        <Form.Item name="days" label={w('token.days')} rules={[{ required: true, message: w('common.required') }]}>
          <InputNumber min={1} max={365} precision={0} />
        </Form.Item>
        <FormProblem error={create.error} />
      </Form>
    </Modal>
  );
}

function SecretDialog({ secret, onClose }: CloseProps & { readonly secret: string }): ReactElement {
  const { w } = useWords();
  return (
    <Modal
      open
      title={w('token.secret')}
      closable={false}
      mask={{ closable: false }}
      keyboard={false}
      footer={
        <Button type="primary" onClick={onClose}>
          {w('common.done')}
        </Button>
      }
    >
      <div className="once">
        <p>{w('common.onceOnly')}</p>
        <p>{w('token.secretHelp')}</p>
      </div>
      <CodeBlock text={secret} what={w('token.secret')} />
    </Modal>
  );
}

function RevokeDialog({ token, onClose }: CloseProps & { readonly token: Token }): ReactElement {
  const { w } = useWords();
  const revoke = useAct('revokeToken', ['tokens']);
  return (
    <Modal
      open
      title={w('token.revoke')}
      okText={w('token.revoke')}
      okButtonProps={{ danger: true }}
      confirmLoading={revoke.isPending}
      onCancel={onClose}
      onOk={() => revoke.mutate({ params: { token: token.id } }, { onSuccess: onClose })}
    >
      <p className="gap-below">{w('token.revokeAsk', { name: token.name })}</p>
      <FormProblem error={revoke.error} />
    </Modal>
  );
}
