import { useMutation } from '@tanstack/react-query';
import { App, Button, Form, Input, Modal } from 'antd';
import { type ReactElement, useState } from 'react';
import { changePassword, renewBackupCodes } from '../../app/auth.ts';
import { useWords } from '../../app/i18n.ts';
import { useMe } from '../../app/me.tsx';
import { Panel } from '../../parts/page.tsx';
import { FormProblem } from '../../parts/states.tsx';
import { BackupCodes } from '../sign/factor-page.tsx';
import { NewPasswordItems } from '../sign/fields.tsx';

/** Password and backup codes. */
export function SecurityPanel(): ReactElement {
  const { w } = useWords();
  const me = useMe();
  const [open, setOpen] = useState<'password' | 'codes'>();
  const close = (): void => setOpen(undefined);
  return (
    <Panel title={w('account.security')}>
      <div className="row">
        <Button onClick={() => setOpen('password')}>{w('account.password')}</Button>
        {me.secondFactor && <Button onClick={() => setOpen('codes')}>{w('account.codes')}</Button>}
      </div>
      {open === 'password' && <PasswordDialog onClose={close} />}
      {open === 'codes' && <CodesDialog onClose={close} />}
    </Panel>
  );
}

interface CloseProps {
  readonly onClose: () => void;
}
interface Passwords {
  readonly old: string;
  readonly password: string;
}

function PasswordDialog({ onClose }: CloseProps): ReactElement {
  const { w } = useWords();
  const { message } = App.useApp();
  const [form] = Form.useForm<Passwords>();
  const change = useMutation({
    mutationFn: ({ old, password }: Passwords) => changePassword(old, password),
    onSuccess: () => {
      void message.success(w('account.passwordDone'));
      onClose();
    },
  });
  return (
    <Modal
      open
      title={w('account.password')}
      okText={w('account.password')}
      confirmLoading={change.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form<Passwords> form={form} layout="vertical" requiredMark={false} onFinish={(values) => change.mutate(values)}>
        <p className="gap-below">{w('account.passwordHelp')}</p>
        <OldPassword />
        <NewPasswordItems label={w('account.passwordNew')} />
        <FormProblem error={change.error} />
      </Form>
    </Modal>
  );
}

function OldPassword(): ReactElement {
  const { w } = useWords();
  return (
    <Form.Item name="old" label={w('account.passwordOld')} rules={[{ required: true, message: w('common.required') }]}>
      <Input.Password autoComplete="current-password" maxLength={200} />
    </Form.Item>
  );
}

function CodesDialog({ onClose }: CloseProps): ReactElement {
  const { w } = useWords();
  const [form] = Form.useForm<{ old: string }>();
  const renew = useMutation({ mutationFn: ({ old }: { readonly old: string }) => renewBackupCodes(old) });
  return (
    <Modal
      open
      title={w('account.codes')}
      okText={w('account.codes')}
      confirmLoading={renew.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
      {...(renew.data ? { footer: null, closable: false, mask: { closable: false } } : {})}
    >
      {renew.data ? (
        <BackupCodes codes={renew.data} done={onClose} doneText={w('common.done')} />
      ) : (
        <Form<{ old: string }>
          form={form}
          layout="vertical"
          requiredMark={false}
          onFinish={(values) => renew.mutate(values)}
        >
          <p className="gap-below">{w('account.codesHelp')}</p>
          <OldPassword />
          <FormProblem error={renew.error} />
        </Form>
      )}
    </Modal>
  );
}
