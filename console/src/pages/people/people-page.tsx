import { isPlatformRole, type Role, roleNames } from '@pactgate/protocol';
import { App, Button, Form, Modal, Select, Table, type TableColumnsType } from 'antd';
import { type ReactElement, useState } from 'react';
import type { Answer } from '../../app/api.ts';
import { slowMs } from '../../app/bounds.ts';
import { useWords, type Words } from '../../app/i18n.ts';
import { useMe } from '../../app/me.tsx';
import { Only } from '../../app/only.tsx';
import { useAct, useAsk } from '../../app/query.ts';
import { roleName } from '../../app/shell.tsx';
import { Icon } from '../../parts/icons.tsx';
import { LinkDialog } from '../../parts/link-dialog.tsx';
import { Page, Panel } from '../../parts/page.tsx';
import { FormProblem, Load } from '../../parts/states.tsx';
import { Tag } from '../../parts/status.tsx';
import { Moment } from '../../parts/time.tsx';

type Person = Answer<'people'>['items'][number];
type Open = { readonly kind: 'invite' } | { readonly kind: 'remove' | 'recover'; readonly person: Person };

/** People of the own party: who they are, inviting, recovering, removing. */
export function PeoplePage(): ReactElement {
  return (
    <Only route="people">
      <People />
    </Only>
  );
}

function People(): ReactElement {
  const words = useWords();
  const { w } = words;
  const me = useMe();
  const [open, setOpen] = useState<Open>();
  const close = (): void => setOpen(undefined);
  const people = useAsk('people', {}, { every: slowMs });
  return (
    <Page
      title={w('nav.people')}
      actions={
        <Button type="primary" icon={<Icon name="plus" />} onClick={() => setOpen({ kind: 'invite' })}>
          {w('people.invite')}
        </Button>
      }
    >
      <Panel flush>
        <Load query={people} empty={({ items }) => items.length === 0} emptyText={w('people.none')}>
          {({ items }) => (
            <Table<Person>
              size="small"
              rowKey="id"
              columns={columns(words, me.id, setOpen)}
              dataSource={items}
              pagination={items.length > 50 ? { pageSize: 50, size: 'small' } : false}
              scroll={{ x: 'max-content' }}
            />
          )}
        </Load>
      </Panel>
      <Roles roles={ownRoles(me.role)} />
      {open?.kind === 'invite' && <InviteDialog roles={ownRoles(me.role)} onClose={close} />}
      {open?.kind === 'remove' && <RemoveDialog person={open.person} onClose={close} />}
      {open?.kind === 'recover' && <RecoverDialog person={open.person} onClose={close} />}
    </Page>
  );
}

/** Roles of the side the role belongs to. */
const ownRoles = (role: Role): readonly Role[] =>
  roleNames.filter((name) => isPlatformRole(name) === isPlatformRole(role));

const columns = ({ w, locale }: Words, me: string, onOpen: (open: Open) => void): TableColumnsType<Person> => [
  {
    title: w('common.name'),
    key: 'name',
    render: (_, { id, name }) => (
      <span className="row">
        {name} {id === me && <Tag tone="calm">{w('people.you')}</Tag>}
      </span>
    ),
  },
  { title: w('sign.email'), dataIndex: 'email' },
  { title: w('sign.role'), key: 'role', render: (_, { role }) => roleName(role, locale) },
  {
    title: w('people.factor'),
    key: 'factor',
    render: (_, { secondFactor }) => (
      <Tag tone={secondFactor ? 'good' : 'warn'} icon={secondFactor ? 'check' : 'alert'}>
        {w(secondFactor ? 'people.factorOn' : 'people.factorOff')}
      </Tag>
    ),
  },
  { title: w('people.since'), key: 'since', render: (_, { createdAt }) => <Moment at={createdAt} /> },
  {
    key: 'acts',
    align: 'right',
    render: (_, person) =>
      person.id !== me && (
        <span className="row">
          <Button size="small" onClick={() => onOpen({ kind: 'recover', person })}>
            {w('people.recover')}
          </Button>
          <Button size="small" danger onClick={() => onOpen({ kind: 'remove', person })}>
            {w('people.remove')}
          </Button>
        </span>
      ),
  },
];

function Roles({ roles }: { readonly roles: readonly Role[] }): ReactElement {
  const { w, locale } = useWords();
  return (
    <Panel title={w('people.roles')}>
      <dl className="pairs">
        {roles.map((role) => (
          <div key={role}>
            <dt>{roleName(role, locale)}</dt>
            <dd>{w(`role.${role}`)}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

interface CloseProps {
  readonly onClose: () => void;
}

function InviteDialog({ roles, onClose }: CloseProps & { readonly roles: readonly Role[] }): ReactElement {
  const { w, locale } = useWords();
  const invite = useAct('invitePerson');
  return (
    <LinkDialog<{ role: Role }>
      title={w('people.invite')}
      help={w('people.inviteHelp')}
      askEmail
      items={
        <Form.Item
          name="role"
          label={w('sign.role')}
          extra={w('token.roleHelp')}
          rules={[{ required: true, message: w('common.required') }]}
        >
          <Select
            options={roles.map((role) => ({ value: role, label: roleName(role, locale), help: w(`role.${role}`) }))}
            optionRender={({ data }) => (
              <>
                <div>{data.label}</div>
                <div className="quiet option-help">{data.help}</div>
              </>
            )}
          />
        </Form.Item>
      }
      busy={invite.isPending}
      error={invite.error}
      made={invite.data}
      onMake={({ role, email }) => invite.mutate({ body: { role, ...(email ? { email: email.trim() } : {}) } })}
      onClose={onClose}
    />
  );
}

function RecoverDialog({ person, onClose }: CloseProps & { readonly person: Person }): ReactElement {
  const { w } = useWords();
  const recover = useAct('recoverPerson');
  return (
    <LinkDialog<object>
      title={w('people.recover')}
      help={w('people.recoverAsk', { name: person.name })}
      askEmail={false}
      busy={recover.isPending}
      error={recover.error}
      made={recover.data}
      onMake={() => recover.mutate({ params: { person: person.id } })}
      onClose={onClose}
    />
  );
}

function RemoveDialog({ person, onClose }: CloseProps & { readonly person: Person }): ReactElement {
  const { w } = useWords();
  const { message } = App.useApp();
  const remove = useAct('removePerson', ['people']);
  return (
    <Modal
      open
      title={w('people.remove')}
      okText={w('people.remove')}
      okButtonProps={{ danger: true }}
      confirmLoading={remove.isPending}
      onCancel={onClose}
      onOk={() =>
        remove.mutate(
          { params: { person: person.id } },
          {
            onSuccess: () => {
              void message.success(w('people.removed'));
              onClose();
            },
          },
        )
      }
    >
      <p className="gap-below">{w('people.removeAsk', { name: person.name })}</p>
      <FormProblem error={remove.error} />
    </Modal>
  );
}
