import { useMutation, useQuery } from '@tanstack/react-query';
import { Button, Form, Input, QRCode, Steps } from 'antd';
import { type ReactElement, useState } from 'react';
import { hasFactor, type NewFactor, proveFactor, signOut, startFactor } from '../../app/auth.ts';
import { useWords } from '../../app/i18n.ts';
import { useMe, useRefreshMe } from '../../app/me.tsx';
import { roleName } from '../../app/shell.tsx';
import { CodeBlock, Id, saveFile } from '../../parts/copy.tsx';
import { FormProblem, Load } from '../../parts/states.tsx';
import { SignFrame } from './frame.tsx';
import { CodeForm } from './sign-in-page.tsx';

/** For a session that owes its second factor: prove the one there is, or set one up. */
export function FactorPage(): ReactElement {
  const { w } = useWords();
  const refresh = useRefreshMe();
  const has = useQuery({ queryKey: ['factor'], queryFn: hasFactor, staleTime: Number.POSITIVE_INFINITY });
  const leave = useMutation({
    mutationFn: async () => {
      await signOut();
      await refresh();
    },
  });
  return (
    <SignFrame title={w(has.data === true ? 'sign.codeTitle' : 'factor.title')}>
      <Load query={has}>
        {(already) =>
          already ? (
            <>
              <p>{w('factor.prove')}</p>
              <CodeForm />
            </>
          ) : (
            <FactorSteps done={refresh} />
          )
        }
      </Load>
      <FormProblem error={leave.error} />
      <Button type="link" block onClick={() => leave.mutate()}>
        {w('sign.out')}
      </Button>
    </SignFrame>
  );
}

/** Password, secret and first code, backup codes. */
export function FactorSteps({ done }: { readonly done: () => Promise<void> }): ReactElement {
  const { w } = useWords();
  const [factor, setFactor] = useState<NewFactor>();
  const [proved, setProved] = useState(false);
  const step = factor === undefined ? 0 : proved ? 2 : 1;
  return (
    <>
      <Steps
        size="small"
        current={step}
        responsive={false}
        titlePlacement="vertical"
        className="gap-below"
        items={[
          { title: w('factor.steps.password') },
          { title: w('factor.steps.scan') },
          { title: w('factor.steps.keep') },
        ]}
      />
      {factor === undefined && <PasswordStep onStarted={setFactor} />}
      {factor !== undefined && !proved && <ScanStep factor={factor} onProved={() => setProved(true)} />}
      {factor !== undefined && proved && <BackupCodes codes={factor.backupCodes} done={done} />}
    </>
  );
}

function PasswordStep({ onStarted }: { readonly onStarted: (factor: NewFactor) => void }): ReactElement {
  const { w, locale } = useWords();
  const me = useMe();
  const start = useMutation({
    mutationFn: ({ password }: { readonly password: string }) => startFactor(password),
    onSuccess: onStarted,
  });
  return (
    <Form<{ password: string }> layout="vertical" requiredMark={false} onFinish={(values) => start.mutate(values)}>
      <p>{w('factor.help', { role: roleName(me.role, locale) })}</p>
      <Form.Item name="password" label={w('sign.password')} rules={[{ required: true, message: w('common.required') }]}>
        <Input.Password autoComplete="current-password" autoFocus maxLength={200} />
      </Form.Item>
      <FormProblem error={start.error} />
      <Button type="primary" htmlType="submit" block loading={start.isPending}>
        {w('factor.start')}
      </Button>
    </Form>
  );
}

interface ScanProps {
  readonly factor: NewFactor;
  readonly onProved: () => void;
}

function ScanStep({ factor, onProved }: ScanProps): ReactElement {
  const { w } = useWords();
  const proof = useMutation({
    mutationFn: ({ code }: { readonly code: string }) => proveFactor(code),
    onSuccess: onProved,
  });
  return (
    <Form<{ code: string }> layout="vertical" requiredMark={false} onFinish={(values) => proof.mutate(values)}>
      <p>{w('factor.scan')}</p>
      <div className="qr" role="img" aria-label={w('factor.qr')}>
        <QRCode value={factor.uri} size={168} type="svg" bordered={false} />
      </div>
      <dl className="problem-text gap-below">
        <div>
          <dt>{w('factor.secret')}</dt>
          <dd data-secret={factor.secret}>
            <Id text={factor.secret} what={w('factor.secret')} keep={0} />
          </dd>
        </div>
      </dl>
      <details className="gap-below">
        <summary>{w('factor.uri')}</summary>
        <code className="break">{factor.uri}</code>
      </details>
      <Form.Item name="code" label={w('sign.code')} rules={[{ required: true, message: w('common.required') }]}>
        <Input autoComplete="one-time-code" autoFocus inputMode="numeric" maxLength={7} className="code-input" />
      </Form.Item>
      <FormProblem error={proof.error} />
      <Button type="primary" htmlType="submit" block loading={proof.isPending}>
        {w('sign.verify')}
      </Button>
    </Form>
  );
}

interface CodesProps {
  readonly codes: readonly string[];
  readonly done: () => Promise<void> | void;
  readonly doneText?: string;
}

/** Backup codes, shown this once. */
export function BackupCodes({ codes, done, doneText }: CodesProps): ReactElement {
  const { w } = useWords();
  const text = codes.join('\n');
  return (
    <>
      <h2 className="small-head">{w('factor.backup')}</h2>
      <p>{w('factor.backupHelp')}</p>
      <CodeBlock text={text} what={w('factor.backup')} />
      <div className="row gap-below">
        <Button onClick={() => saveFile('pactgate-backup-codes.txt', 'text/plain', `${text}\n`)}>
          {w('common.download')}
        </Button>
      </div>
      <Button type="primary" block onClick={() => void done()}>
        {doneText ?? w('factor.kept')}
      </Button>
    </>
  );
}
