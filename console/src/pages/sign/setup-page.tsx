import { Button, Form, Input } from 'antd';
import type { ReactElement } from 'react';
import { useNavigate } from 'react-router';
import { useWords } from '../../app/i18n.ts';
import { useAct } from '../../app/query.ts';
import { FormProblem } from '../../parts/states.tsx';
import { EmailItem, NewPasswordItems } from './fields.tsx';
import { SignFrame } from './frame.tsx';
import { useLink } from './link.ts';
import { LinkGonePage } from './link-gone-page.tsx';

interface NewAccount {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** Name, address and password of a new account. */
export function AccountForm({
  email,
  busy,
  error,
  onSubmit,
}: {
  readonly email?: string | undefined;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onSubmit: (account: NewAccount) => void;
}): ReactElement {
  const { w } = useWords();
  return (
    <Form<NewAccount>
      layout="vertical"
      requiredMark={false}
      initialValues={{ email }}
      onFinish={({ name, email: address, password }) =>
        onSubmit({ name: name.trim(), email: address.trim(), password })
      }
    >
      <Form.Item
        name="name"
        label={w('sign.name')}
        rules={[{ required: true, whitespace: true, message: w('common.required') }]}
      >
        <Input autoComplete="name" autoFocus maxLength={100} />
      </Form.Item>
      <EmailItem />
      <NewPasswordItems />
      <FormProblem error={error} />
      <Button type="primary" htmlType="submit" block loading={busy}>
        {w('sign.create')}
      </Button>
    </Form>
  );
}

/** `/setup#token=`: the first administrator of a fresh platform. */
export function SetupPage(): ReactElement {
  const { w } = useWords();
  const { token } = useLink();
  const go = useNavigate();
  const setUp = useAct('setUp', ['platform']);
  if (token === undefined) return <LinkGonePage empty />;
  const submit = (account: NewAccount): void =>
    setUp.mutate(
      { body: { token, ...account } },
      { onSuccess: () => void go('/', { replace: true, state: { from: 'created' } }) },
    );
  return (
    <SignFrame title={w('sign.setup')} note={w('sign.setupHelp')}>
      <AccountForm busy={setUp.isPending} error={setUp.error} onSubmit={submit} />
    </SignFrame>
  );
}
