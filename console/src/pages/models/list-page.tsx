import { Button, Table, type TableColumnsType } from 'antd';
import { type ReactElement, useState } from 'react';
import { Link } from 'react-router';
import { useAgreementId } from '../../app/agreement.ts';
import type { Answer } from '../../app/api.ts';
import { slowMs } from '../../app/bounds.ts';
import { useWords, type Words } from '../../app/i18n.ts';
import { useMay } from '../../app/me.tsx';
import { useAsk } from '../../app/query.ts';
import { Icon } from '../../parts/icons.tsx';
import { Page, Panel } from '../../parts/page.tsx';
import { Load } from '../../parts/states.tsx';
import { Tag, type Tone } from '../../parts/status.tsx';
import { Moment } from '../../parts/time.tsx';
import { PutDialog } from './put-dialog.tsx';

export type ModelSummary = Answer<'models'>['items'][number];
const tones: Readonly<Record<ModelSummary['state'], Tone>> = { draft: 'calm', signed: 'warn', active: 'good' };

export function ModelStateMark({ state }: { readonly state: ModelSummary['state'] }): ReactElement {
  const { w } = useWords();
  return <Tag tone={tones[state]}>{w(`model.state.${state}`)}</Tag>;
}

export function Missing({ missing }: { readonly missing: readonly string[] }): ReactElement {
  const { w } = useWords();
  if (missing.length === 0) return <Tag tone="good">{w('model.nothingMissing')}</Tag>;
  return (
    <span className="row">
      {missing.map((part) => (
        <Tag key={part} tone="warn" icon="alert">
          {part}
        </Tag>
      ))}
    </span>
  );
}

const columns = ({ w }: Words, agreement: string): TableColumnsType<ModelSummary> => [
  {
    title: w('model.id'),
    key: 'model',
    render: (_, { model }) => <Link to={`/a/${agreement}/models/${model}`}>{model}</Link>,
  },
  { title: w('common.state'), key: 'state', render: (_, { state }) => <ModelStateMark state={state} /> },
  { title: w('model.devices'), dataIndex: 'devices', align: 'right' },
  { title: w('model.fileVersion'), key: 'file', render: (_, { fileVersion }) => fileVersion ?? '—' },
  {
    title: w('model.manifestVersion'),
    key: 'manifest',
    render: (_, { manifestVersion, countersigned }) =>
      manifestVersion === undefined ? (
        '—'
      ) : (
        <span className="row">
          {manifestVersion}
          <Tag tone={countersigned ? 'good' : 'warn'}>
            {w(countersigned ? 'model.countersigned' : 'model.notCountersigned')}
          </Tag>
        </span>
      ),
  },
  { title: w('model.missing'), key: 'missing', render: (_, { missing }) => <Missing missing={missing} /> },
  { title: w('model.support'), key: 'support', render: (_, { supportEnd }) => <Moment at={supportEnd} age /> },
];

/** Models of device under the agreement. */
export function ModelsPage(): ReactElement {
  const words = useWords();
  const { w } = words;
  const agreement = useAgreementId();
  const may = useMay();
  const [putting, setPutting] = useState(false);
  const models = useAsk('models', { params: { agreement } }, { every: slowMs });
  const mayPut = may('putModel');
  return (
    <Page
      title={w('nav.models')}
      actions={
        mayPut && (
          <Button type="primary" icon={<Icon name="plus" />} onClick={() => setPutting(true)}>
            {w('model.put')}
          </Button>
        )
      }
    >
      <Panel flush>
        <Load
          query={models}
          empty={({ items }) => items.length === 0}
          emptyText={w(mayPut ? 'model.noneB' : 'model.none')}
        >
          {({ items }) => (
            <Table<ModelSummary>
              size="small"
              rowKey="model"
              columns={columns(words, agreement)}
              dataSource={items}
              pagination={false}
              scroll={{ x: 'max-content' }}
            />
          )}
        </Load>
      </Panel>
      {putting && <PutDialog agreement={agreement} onClose={() => setPutting(false)} />}
    </Page>
  );
}
