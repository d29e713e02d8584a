import { Problem } from '@pactgate/protocol';
import { Button, Form } from 'antd';
import type { ReactElement } from 'react';
import { useNavigate } from 'react-router';
import type { Answer } from '../../app/api.ts';
import { showFingerprint } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useAct, useAsk } from '../../app/query.ts';
import { roleName } from '../../app/shell.tsx';
import { CodeBlock, Id } from '../../parts/copy.tsx';
import { FormProblem, Load } from '../../parts/states.tsx';
import { Moment } from '../../parts/time.tsx';
import { NewPasswordItems } from './fields.tsx';
import { SignFrame } from './frame.tsx';
import { type LinkWords, useLink } from './link.ts';
import { LinkGonePage } from './link-gone-page.tsx';
import { AccountForm } from './setup-page.tsx';

type Invitation = Answer<'invitation'>;
interface InvitedProps {
  readonly invitation: Invitation;
  readonly token: string;
}

/** `/join#token=` and `/recover#token=`: what the link is for is the platform's to say. */
export function JoinPage(): ReactElement {
  const link = useLink();
  const { token } = link;
  return token === undefined ? <LinkGonePage empty /> : <Invited link={link} token={token} />;
}

function Invited({ link, token }: { readonly link: LinkWords; readonly token: string }): ReactElement {
  const { w } = useWords();
  const invitation = useAsk('invitation', { params: { token } });
  if (invitation.error instanceof Problem && invitation.error.code === 'auth/link-invalid' && !invitation.data)
    return <LinkGonePage />;
  if (invitation.data === undefined)
    return (
      <SignFrame title={w('sign.join')}>
        <Load query={invitation}>{() => null}</Load>
      </SignFrame>
    );
  const props = { invitation: invitation.data, token };
  const { kind } = props.invitation;
  if (kind === 'party') return <JoinParty {...props} root={link.root} />;
  return kind === 'recovery' ? <Recover {...props} /> : <JoinPerson {...props} />;
}

const Until = ({ at }: { readonly at: number }): ReactElement => {
  const { w } = useWords();
  return (
    <p className="quiet">
      {w('sign.until')} <Moment at={at} />
    </p>
  );
};

function JoinPerson({ invitation, token }: InvitedProps): ReactElement {
  const { w, locale } = useWords();
  const go = useNavigate();
  const accept = useAct('acceptPerson');
  const { partyName, role, email, expiresAt } = invitation;
  return (
    <SignFrame
      title={w('sign.join')}
      note={
        <>
          <p>{w('sign.joinAs', { party: partyName, role: roleName(role, locale) })}</p>
          <Until at={expiresAt} />
        </>
      }
    >
      <AccountForm
        email={email}
        busy={accept.isPending}
        error={accept.error}
        onSubmit={(body) =>
          accept.mutate(
            { params: { token }, body },
            { onSuccess: () => void go('/', { replace: true, state: { from: 'created' } }) },
          )
        }
      />
    </SignFrame>
  );
}

function Recover({ invitation, token }: InvitedProps): ReactElement {
  const { w } = useWords();
  const go = useNavigate();
  const recover = useAct('acceptRecovery');
  const submit = ({ password }: { readonly password: string }): void =>
    recover.mutate(
      { params: { token }, body: { password } },
      { onSuccess: () => void go('/', { replace: true, state: { from: 'recovered' } }) },
    );
  return (
    <SignFrame
      title={w('sign.recover')}
      note={
        <>
          {invitation.email && <p>{invitation.email}</p>}
          <p>{w('sign.recoverHelp')}</p>
          <Until at={invitation.expiresAt} />
        </>
      }
    >
      <Form<{ password: string }> layout="vertical" requiredMark={false} onFinish={submit}>
        <NewPasswordItems />
        <FormProblem error={recover.error} />
        <Button type="primary" htmlType="submit" block loading={recover.isPending}>
          {w('sign.setPassword')}
        </Button>
      </Form>
    </SignFrame>
  );
}

/** Party B's keys are made by its own command line, never in a page that party A serves. */
function JoinParty({ invitation, token, root }: InvitedProps & { readonly root: string | undefined }): ReactElement {
  const { w } = useWords();
  const { data: platform } = useAsk('platform', {});
  const fingerprint = (root ?? platform?.rootSha256 ?? '').replaceAll(':', '').toLowerCase();
  const link = `${location.origin}/join#token=${token}${fingerprint === '' ? '' : `&root=${fingerprint}`}`;
  return (
    <SignFrame title={w('sign.party')} wide note={w('sign.partyHelp', { party: invitation.partyName })}>
      <CodeBlock what={w('sign.party')} text={`pactgate party join --invite '${link}'`} />
      <p>{w('sign.partyNext')}</p>
      {fingerprint !== '' && (
        <>
          <p className="quiet">{w('sign.fingerprint')}</p>
          <Id text={showFingerprint(fingerprint)} what={w('sign.fingerprint')} keep={0} />
        </>
      )}
      <Until at={invitation.expiresAt} />
    </SignFrame>
  );
}
