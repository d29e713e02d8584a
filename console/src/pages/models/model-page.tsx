import { App, Button, Modal } from 'antd';
import { type ReactElement, useState } from 'react';
import { useParams } from 'react-router';
import { useAgreementId } from '../../app/agreement.ts';
import type { Answer } from '../../app/api.ts';
import { slowMs } from '../../app/bounds.ts';
import { showCount } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useMay } from '../../app/me.tsx';
import { useAct, useAsk } from '../../app/query.ts';
import { CodeBlock, Id } from '../../parts/copy.tsx';
import { Facts, Page, Panel } from '../../parts/page.tsx';
import { FormProblem, Load } from '../../parts/states.tsx';
import { Tag } from '../../parts/status.tsx';
import { Moment } from '../../parts/time.tsx';
import { documentDigest } from './documents.ts';
import { Missing, ModelStateMark } from './list-page.tsx';
import { ManifestPanel } from './manifest.tsx';
import { PutDialog } from './put-dialog.tsx';
import { SecurityFile } from './security-file.tsx';

type Model = Answer<'model'>;

/** One model: what its devices are, what they may send, what they are made of. */
export function ModelPage(): ReactElement {
  const { w } = useWords();
  const agreement = useAgreementId();
  const { model = '' } = useParams();
  const query = useAsk('model', { params: { agreement, model } }, { every: slowMs });
  return (
    <Page
      title={model}
      up={{ to: `/a/${agreement}/models`, text: w('nav.models') }}
      marks={query.data && <ModelStateMark state={query.data.summary.state} />}
      actions={query.data && <Actions agreement={agreement} model={query.data} />}
    >
      <Load query={query}>
        {(data) => (
          <>
            <Overview model={data} />
            {data.manifest && <ManifestPanel manifest={data.manifest} />}
            <Panel title={w('model.security')}>
              {data.file ? <SecurityFile file={data.file} /> : <p className="quiet">{w('model.noFile')}</p>}
            </Panel>
          </>
        )}
      </Load>
    </Page>
  );
}

function Overview({ model: { summary, sbom } }: { readonly model: Model }): ReactElement {
  const { w, locale } = useWords();
  return (
    <div className="columns">
      <Panel title={w('model.id')}>
        <Facts
          facts={[
            { label: w('model.devices'), value: showCount(summary.devices, locale) },
            { label: w('model.support'), value: <Moment at={summary.supportEnd} age /> },
            { label: w('model.fileVersion'), value: summary.fileVersion ?? '—' },
            {
              label: w('model.manifestVersion'),
              value: (
                <span className="row">
                  {summary.manifestVersion ?? '—'}
                  {summary.manifestVersion !== undefined && (
                    <Tag tone={summary.countersigned ? 'good' : 'warn'}>
                      {w(summary.countersigned ? 'model.countersigned' : 'model.notCountersigned')}
                    </Tag>
                  )}
                </span>
              ),
            },
            { label: w('model.missing'), value: <Missing missing={summary.missing} />, wide: true },
          ]}
        />
      </Panel>
      <Panel title={w('model.sbom')}>
        {sbom === undefined ? (
          <p className="quiet">{w('model.noFile')}</p>
        ) : (
          <Facts
            facts={[
              { label: w('model.format'), value: sbom.format },
              { label: w('model.components'), value: showCount(sbom.components, locale) },
              { label: 'SHA-256', value: <Id text={sbom.digest} what="SHA-256" keep={12} />, wide: true },
            ]}
          />
        )}
      </Panel>
    </div>
  );
}

interface ActionsProps {
  readonly agreement: string;
  readonly model: Model;
}

function Actions({ agreement, model }: ActionsProps): ReactElement {
  const { w } = useWords();
  const may = useMay();
  const [open, setOpen] = useState<'put' | 'activate'>();
  const { summary, manifest } = model;
  const due = manifest !== undefined && (summary.state !== 'active' || !summary.countersigned);
  const close = (): void => setOpen(undefined);
  return (
    <>
      {may('putModel') && <Button onClick={() => setOpen('put')}>{w('model.put')}</Button>}
      {may('activateModel') && due && (
        <Button type="primary" onClick={() => setOpen('activate')}>
          {w('model.activate')}
        </Button>
      )}
      {open === 'put' && <PutDialog agreement={agreement} model={summary.model} onClose={close} />}
      {open === 'activate' && manifest && (
        <ActivateDialog agreement={agreement} model={summary.model} manifest={manifest} onClose={close} />
      )}
    </>
  );
}

interface ActivateProps {
  readonly agreement: string;
  readonly model: string;
  readonly manifest: NonNullable<Model['manifest']>;
  readonly onClose: () => void;
}

/** Party A countersigns the digest of the very manifest that is shown. */
function ActivateDialog({ agreement, model, manifest, onClose }: ActivateProps): ReactElement {
  const { w } = useWords();
  const { message } = App.useApp();
  const activate = useAct('activateModel', ['model', 'models', 'board']);
  const digest = documentDigest(manifest) ?? '';
  return (
    <Modal
      open
      width={880}
      title={w('model.activateAsk', { model })}
      okText={w('model.activate')}
      okButtonProps={{ disabled: digest === '' }}
      confirmLoading={activate.isPending}
      onCancel={onClose}
      onOk={() =>
        activate.mutate(
          { params: { agreement, model }, body: { manifestDigest: digest } },
          {
            onSuccess: () => {
              void message.success(w('model.activated'));
              onClose();
            },
          },
        )
      }
    >
      <p>{w('model.activateHelp')}</p>
      <p className="quiet gap-above">{w('model.digest')}</p>
      <CodeBlock text={digest} what={w('model.digest')} />
      <ManifestPanel manifest={manifest} />
      <FormProblem error={activate.error} />
    </Modal>
  );
}
