import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { type ReactElement, useState } from 'react';
import { useLocation } from 'react-router';
import { proveFactor, signIn } from '../../app/auth.ts';
import { useWords } from '../../app/i18n.ts';
import { useRefreshMe } from '../../app/me.tsx';
import { useAsk } from '../../app/query.ts';
import { FormProblem } from '../../parts/states.tsx';
import type { Word } from '../../texts/words.ts';
import { EmailItem } from './fields.tsx';
import { SignFrame } from './frame.tsx';

interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** Word to show after a one-time page sent the person here. */
const arrivals: Readonly<Record<string, Word>> = { created: 'sign.created', recovered: 'sign.recovered' };

/** Name and password, then the second factor where the account has one. */
export function SignInPage(): ReactElement {
  const { w } = useWords();
  const [codeDue, setCodeDue] = useState(false);
  return (
    <SignFrame title={codeDue ? w('sign.codeTitle') : w('sign.title')}>
      {codeDue ? <CodeForm again={() => setCodeDue(false)} /> : <PasswordForm codeDue={() => setCodeDue(true)} />}
    </SignFrame>
  );
}

function PasswordForm({ codeDue }: { readonly codeDue: () => void }): ReactElement {
  const { w } = useWords();
  const refresh = useRefreshMe();
  const { data: platform } = useAsk('platform', {});
  const { state } = useLocation() as { state: { from?: string } | null };
  const arrival = state?.from === undefined ? undefined : arrivals[state.from];
  const entry = useMutation({
    mutationFn: async ({ email, password }: Credentials) => {
      if ((await signIn(email.trim(), password)) === 'code') codeDue();
      else await refresh();
    },
  });
  return (
    <Form<Credentials> layout="vertical" requiredMark={false} onFinish={(values) => entry.mutate(values)}>
      {arrival && <Alert type="success" showIcon title={w(arrival)} className="gap-below" />}
      {platform?.setupNeeded && <Alert type="info" showIcon title={w('sign.setupNeeded')} className="gap-below" />}
      <EmailItem autoFocus />
      <Form.Item name="password" label={w('sign.password')} rules={[{ required: true, message: w('common.required') }]}>
        <Input.Password autoComplete="current-password" maxLength={200} />
      </Form.Item>
      <FormProblem error={entry.error} />
      <Button type="primary" htmlType="submit" block loading={entry.isPending}>
        {w('sign.title')}
      </Button>
      <p className="quiet sign-help">{w('sign.forgot')}</p>
    </Form>
  );
}

/** Asks for a code of the authenticator or a backup code; also for an open session that still owes it. */
export function CodeForm({ again }: { readonly again?: () => void }): ReactElement {
  const { w } = useWords();
  const refresh = useRefreshMe();
  const proof = useMutation({
    mutationFn: async ({ code }: { readonly code: string }) => {
      await proveFactor(code);
      await refresh();
    },
  });
  return (
    <Form<{ code: string }> layout="vertical" requiredMark={false} onFinish={(values) => proof.mutate(values)}>
      <Form.Item
        name="code"
        label={w('sign.code')}
        extra={w('sign.codeHelp')}
        rules={[{ required: true, message: w('common.required') }]}
      >
        <Input autoComplete="one-time-code" autoFocus inputMode="text" maxLength={34} className="code-input" />
      </Form.Item>
      <FormProblem error={proof.error} />
      <Button type="primary" htmlType="submit" block loading={proof.isPending}>
        {w('sign.verify')}
      </Button>
      {again && (
        <Button type="link" block onClick={again}>
          {w('sign.again')}
        </Button>
      )}
    </Form>
  );
}
