import { Table, type TableColumnsType, Tooltip } from 'antd';
import type { ReactElement } from 'react';
import { Link } from 'react-router';
import { useWords, type Words } from '../../app/i18n.ts';
import { By } from '../../parts/by.tsx';
import { Id } from '../../parts/copy.tsx';
import { Facts, Panel } from '../../parts/page.tsx';
import { LevelMark, Tag, type Tone } from '../../parts/status.tsx';
import { Moment } from '../../parts/time.tsx';
import { Version } from '../devices/list-page.tsx';
import type { Device, TabProps } from './device-page.tsx';

type Certificate = Device['certificates'][number];
const tones: Readonly<Record<Certificate['state'], Tone>> = {
  candidate: 'info',
  live: 'good',
  superseded: 'calm',
  revoked: 'bad',
  expired: 'warn',
};

/** Identity, isolation, certificates, versions. */
export function OverviewTab({ at, device }: TabProps): ReactElement {
  const words = useWords();
  const { w } = words;
  return (
    <>
      <div className="columns">
        <Identity at={at} device={device} />
        <Isolation isolation={device.isolation} level={device.summary.level} />
      </div>
      <Panel flush title={w('device.certificates')}>
        <Table<Certificate>
          size="small"
          rowKey="serial"
          columns={certificateColumns(words)}
          dataSource={device.certificates}
          pagination={false}
          scroll={{ x: 'max-content' }}
          locale={{ emptyText: w('device.noCertificates') }}
        />
      </Panel>
      <Versions versions={device.versions} />
    </>
  );
}

function Identity({ at, device: { summary } }: TabProps): ReactElement {
  const { w } = useWords();
  return (
    <Panel title={w('device.identity')}>
      <Facts
        facts={[
          { label: w('device.id'), value: <Id text={summary.id} what={w('device.id')} keep={0} /> },
          {
            label: w('device.model'),
            value: <Link to={`/a/${at.agreement}/models/${summary.model}`}>{summary.model}</Link>,
          },
          {
            label: w('device.version'),
            value: <Version version={summary.version} known={summary.versionKnown} />,
          },
          { label: w('device.certificate'), value: <Moment at={summary.certificateUntil} age /> },
          {
            label: (
              <Tooltip title={w('device.pseudonymHelp')}>
                <span>{w('device.pseudonym')}</span>
              </Tooltip>
            ),
            value: <Id text={summary.pseudonym} what={w('device.pseudonym')} keep={12} />,
            wide: true,
          },
        ]}
      />
    </Panel>
  );
}

interface IsolationProps {
  readonly isolation: Device['isolation'];
  readonly level: number;
}

function Isolation({ isolation, level }: IsolationProps): ReactElement {
  const { w } = useWords();
  return (
    <Panel title={w('isolation.title')} extra={<LevelMark level={level} />}>
      {isolation === undefined ? (
        <p className="quiet">{w('isolation.none')}</p>
      ) : (
        <Facts
          facts={[
            { label: w('isolation.reason'), value: isolation.reason, wide: true },
            { label: w('isolation.by'), value: <By by={isolation.by} /> },
            { label: w('isolation.from'), value: <Moment at={isolation.from} /> },
            {
              label: w('isolation.until'),
              value: isolation.until === undefined ? w('isolation.forever') : <Moment at={isolation.until} />,
            },
          ]}
        />
      )}
    </Panel>
  );
}

const certificateColumns = ({ w }: Words): TableColumnsType<Certificate> => [
  {
    title: w('common.state'),
    key: 'state',
    render: (_, { state }) => <Tag tone={tones[state]}>{w(`cert.${state}`)}</Tag>,
  },
  { title: w('cert.serial'), key: 'serial', render: (_, { serial }) => <Id text={serial} what={w('cert.serial')} /> },
  { title: w('cert.spki'), key: 'spki', render: (_, { spki }) => <Id text={spki} what={w('cert.spki')} /> },
  { title: w('cert.from'), key: 'from', render: (_, { notBefore }) => <Moment at={notBefore} /> },
  { title: w('cert.until'), key: 'until', render: (_, { notAfter }) => <Moment at={notAfter} /> },
];

function Versions({ versions }: { readonly versions: Device['versions'] }): ReactElement {
  const { w } = useWords();
  return (
    <Panel title={w('version.title')}>
      {versions.length === 0 ? (
        <p className="quiet">{w('version.none')}</p>
      ) : (
        <ol className="timeline">
          {versions.map(({ at, version, known }) => (
            <li key={`${at} ${version}`}>
              <Moment at={at} />
              <span className="row">
                <code>{version}</code>
                <Tag tone={known ? 'good' : 'warn'}>{w(known ? 'version.known' : 'version.unknown')}</Tag>
              </span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
