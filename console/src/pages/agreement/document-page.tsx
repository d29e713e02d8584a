import { App, Button, Modal, Steps } from 'antd';
import { type ReactElement, useState } from 'react';
import type { Answer } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { useMay } from '../../app/me.tsx';
import { useAct } from '../../app/query.ts';
import { CodeBlock, Id } from '../../parts/copy.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Facts, Panel } from '../../parts/page.tsx';
import { FormProblem } from '../../parts/states.tsx';
import { Moment } from '../../parts/time.tsx';
import { AgreementPage, type OneAgreement, useAgreement } from './frame.tsx';
import { ParticularsFacts } from './particulars.tsx';

type Summary = Answer<'agreements'>['items'][number];

/** Where the agreement stands, who the parties are, who signed what. */
export function DocumentPage(): ReactElement {
  const { w } = useWords();
  const agreement = useAgreement();
  const { summary, partyA, partyB } = agreement;
  return (
    <AgreementPage>
      <>
        <Progress agreement={agreement} />
        <Panel title={w('agreement.text')} note={w('agreement.textHelp')}>
          <Texts summary={summary} />
        </Panel>
        <div className="parties">
          <Panel title={w('agreement.partyA')}>
            {partyA ? (
              <ParticularsFacts particulars={partyA} />
            ) : (
              <p className="quiet">{w('agreement.partyAMissing')}</p>
            )}
          </Panel>
          <Panel title={w('agreement.partyB')}>
            <ParticularsFacts particulars={partyB} />
          </Panel>
        </div>
        <Signatures agreement={agreement} />
      </>
    </AgreementPage>
  );
}

const stepOf: Readonly<Record<Summary['state'], number>> = {
  draft: 1,
  offered: 2,
  'signed-by-one': 3,
  'in-force': 4,
  suspended: 4,
  ended: 4,
};

function Progress({ agreement: { summary } }: { readonly agreement: OneAgreement }): ReactElement | null {
  const { w } = useWords();
  const may = useMay();
  if (summary.inForceAt !== undefined) return null;
  return (
    <Panel title={w('agreement.steps')}>
      <Steps
        size="small"
        current={stepOf[summary.state]}
        items={(['draft', 'join', 'sign', 'force'] as const).map((step) => ({ title: w(`agreement.step.${step}`) }))}
      />
      <div className="gap-above">
        {summary.state === 'offered' && may('signAgreement') && (
          <>
            <p>{w('agreement.signHelp')}</p>
            <CodeBlock what={w('agreement.step.sign')} text={'pactgate agreement text\npactgate agreement sign'} />
          </>
        )}
        {summary.state === 'signed-by-one' && may('countersignAgreement') && <Countersign summary={summary} />}
      </div>
    </Panel>
  );
}

function Countersign({ summary }: { readonly summary: Summary }): ReactElement {
  const { w } = useWords();
  const { message } = App.useApp();
  const [open, setOpen] = useState(false);
  const sign = useAct('countersignAgreement', ['agreement', 'agreements', 'parties', 'board']);
  const { digest = '' } = summary;
  const submit = (): void =>
    sign.mutate(
      { params: { agreement: summary.id }, body: { digest } },
      {
        onSuccess: () => {
          setOpen(false);
          void message.success(w('agreement.countersigned'));
        },
      },
    );
  return (
    <>
      <Button type="primary" onClick={() => setOpen(true)} disabled={digest === ''}>
        {w('agreement.countersign')}
      </Button>
      <Modal
        open={open}
        title={w('agreement.countersignAsk')}
        okText={w('agreement.countersign')}
        confirmLoading={sign.isPending}
        onOk={submit}
        onCancel={() => setOpen(false)}
      >
        <p>{w('agreement.countersignHelp')}</p>
        <CodeBlock text={digest} what={w('agreement.digest')} />
        <FormProblem error={sign.error} />
      </Modal>
    </>
  );
}

function Texts({ summary }: { readonly summary: Summary }): ReactElement {
  const { w } = useWords();
  const base = `/api/v1/agreements/${summary.id}`;
  const facts = (
    <Facts
      facts={[
        { label: w('agreement.edition'), value: summary.edition },
        { label: w('agreement.drafted'), value: <Moment at={summary.draftedAt} /> },
        { label: w('agreement.inForceAt'), value: <Moment at={summary.inForceAt} /> },
        { label: w('agreement.id'), value: <Id text={summary.id} what={w('agreement.id')} keep={0} /> },
        { label: w('agreement.origin'), value: <span className="break">{summary.origin}</span>, wide: true },
        ...(summary.digest === undefined
          ? []
          : [
              {
                label: w('agreement.digest'),
                value: (
                  <>
                    <Id text={summary.digest} what={w('agreement.digest')} keep={0} />
                    <p className="quiet">{w('agreement.digestHelp')}</p>
                  </>
                ),
                wide: true,
              },
            ]),
      ]}
    />
  );
  if (summary.state === 'draft')
    return (
      <>
        <p className="quiet gap-below">{w('agreement.notOffered')}</p>
        {facts}
      </>
    );
  const print = <Icon name="print" />;
  return (
    <>
      <div className="row gap-below">
        <Button icon={print} href={`${base}/text?lang=zh`} target="_blank" rel="noopener">
          {w('agreement.textZh')}
        </Button>
        <Button icon={print} href={`${base}/text?lang=en`} target="_blank" rel="noopener">
          {w('agreement.textEn')}
        </Button>
        <Button type="link" href={`${base}/document`} target="_blank" rel="noopener" icon={<Icon name="external" />}>
          {w('agreement.json')}
        </Button>
      </div>
      {facts}
    </>
  );
}

function Signatures({ agreement: { signatures } }: { readonly agreement: OneAgreement }): ReactElement {
  const { w } = useWords();
  return (
    <Panel title={w('agreement.signatures')}>
      {signatures.length === 0 ? (
        <p className="quiet">{w('agreement.noSignature')}</p>
      ) : (
        <ul className="steps">
          {signatures.map(({ party, name, at, thumbprint }) => (
            <li key={thumbprint} className="step step-holds">
              <span className="step-mark">
                <Icon name="check" size={14} />
              </span>
              <div>
                <h3>
                  {name}
                  <span className="quiet">{w(party === 'platform' ? 'common.platformSide' : 'common.deviceSide')}</span>
                </h3>
                <p className="quiet">
                  {w('agreement.signedAt')} <Moment at={at} />
                </p>
                <p className="quiet">
                  {w('agreement.thumbprint')} <Id text={thumbprint} what={w('agreement.thumbprint')} keep={0} />
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
