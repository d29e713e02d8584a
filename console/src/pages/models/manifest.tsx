import { type DataClass, dataClasses, gradeOf, isSealed, type ManifestField } from '@pactgate/protocol';
import { Table, type TableColumnsType } from 'antd';
import type { ReactElement } from 'react';
import { showIsoDuration } from '../../app/format.ts';
import { useWords, type Words } from '../../app/i18n.ts';
import { Panel } from '../../parts/page.tsx';
import { Tag, type Tone } from '../../parts/status.tsx';
import { asManifest, type Loose } from './documents.ts';

type Field = Loose<ManifestField>;
const tones: Readonly<Record<DataClass, Tone>> = {
  public: 'calm',
  internal: 'info',
  sensitive: 'warn',
  personal: 'warn',
  important: 'bad',
};

/** What devices of the model may send, and for what. */
export function ManifestPanel({ manifest }: { readonly manifest: Readonly<Record<string, unknown>> }): ReactElement {
  const words = useWords();
  const { w, locale } = words;
  const { fields = [], purposes = {}, version, reviewBy } = asManifest(manifest);
  return (
    <Panel
      flush
      title={`${w('model.fields')} ${version ?? ''}`}
      note={w('model.fieldsHelp')}
      extra={
        reviewBy !== undefined && (
          <span className="quiet">
            {w('model.reviewBy')} {reviewBy}
          </span>
        )
      }
    >
      <Table<Field>
        size="small"
        rowKey={({ channel, path }) => `${channel} ${path}`}
        columns={columns(words)}
        dataSource={fields}
        pagination={fields.length > 50 ? { pageSize: 50, size: 'small' } : false}
        scroll={{ x: 'max-content' }}
      />
      <div className="panel-body">
        <h3>{w('model.purposes')}</h3>
        <ul>
          {Object.entries(purposes).map(([name, purpose]) => (
            <li key={name}>
              <code>{name}</code> {purpose?.[locale]}{' '}
              {purpose?.basis && <span className="quiet">({w(`model.basis.${purpose.basis}`)})</span>}
            </li>
          ))}
        </ul>
      </div>
    </Panel>
  );
}

const columns = ({ w, locale }: Words): TableColumnsType<Field> => [
  { title: w('data.channel'), dataIndex: 'channel' },
  {
    title: w('model.path'),
    key: 'path',
    render: (_, { path, unit }) => (
      <>
        <code>{path}</code> {unit && <span className="quiet">({unit})</span>}
      </>
    ),
  },
  { title: w('model.type'), dataIndex: 'type' },
  {
    title: w('model.class'),
    key: 'class',
    render: (_, field) => field.class && <Tag tone={tones[field.class]}>{dataClasses[field.class][locale]}</Tag>,
  },
  {
    title: w('model.grade'),
    key: 'grade',
    render: (_, field) => {
      const { class: name, grade } = field;
      if (name === undefined) return '—';
      const graded = { class: name, ...(grade === undefined ? {} : { grade }) };
      return (
        <span className="row">
          {gradeOf(graded)}
          {isSealed(graded) && (
            <Tag tone="info" icon="lock">
              {w('model.sealed')}
            </Tag>
          )}
        </span>
      );
    },
  },
  {
    title: w('model.personal'),
    key: 'personal',
    render: (_, { personal }) => (personal ? <Tag tone="warn">{w('common.yes')}</Tag> : w('common.no')),
  },
  { title: w('model.purpose'), key: 'purpose', render: (_, { purpose = [] }) => purpose.join(', ') },
  {
    title: w('model.retention'),
    key: 'retention',
    render: (_, { retention }) => (retention === undefined ? '—' : showIsoDuration(retention, locale)),
  },
];
