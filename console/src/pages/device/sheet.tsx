import { Button, Table } from 'antd';
import type { ReactElement } from 'react';
import type { Answer } from '../../app/api.ts';
import { showFingerprint } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useAsk } from '../../app/query.ts';
import { CodeBlock, Id, saveFile } from '../../parts/copy.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Facts, Panel } from '../../parts/page.tsx';
import { Load } from '../../parts/states.tsx';
import { Tag } from '../../parts/status.tsx';
import { useAgreement } from '../agreement/frame.tsx';
import type { DeviceKey } from './device-page.tsx';

type Sheet = Answer<'sheet'>;

/** All that somebody needs to bring the device in, ready to copy. */
export function SheetTab({ at }: { readonly at: DeviceKey }): ReactElement {
  const { w, say } = useWords();
  const sheet = useAsk('sheet', { params: { ...at } });
  return (
    <Load query={sheet}>
      {(data) => (
        <>
          <div className="columns">
            <Addresses sheet={data} />
            <Root sheet={data} />
          </div>
          <Panel title={w('sheet.commands')}>
            {data.commands.map(({ tool, title, text }) => (
              <section key={`${tool} ${title.en}`}>
                <h3 className="row">
                  {say(title)} <Tag tone="calm">{tool}</Tag>
                </h3>
                <CodeBlock text={text} what={`${tool}: ${say(title)}`} />
              </section>
            ))}
          </Panel>
          <Topics topics={data.topics} />
        </>
      )}
    </Load>
  );
}

function Addresses({ sheet }: { readonly sheet: Sheet }): ReactElement {
  const { w } = useWords();
  const { summary } = useAgreement();
  const est = `https://${sheet.host}:${sheet.devicePort}/.well-known/est/${summary.party}`;
  return (
    <Panel title={w('sheet.addresses')}>
      <Facts
        facts={[
          {
            label: w('sheet.mqtt'),
            value: <Id text={`mqtts://${sheet.host}:${sheet.mqttPort}`} what={w('sheet.mqtt')} keep={0} />,
            wide: true,
          },
          {
            label: w('sheet.est'),
            value: <Id text={est} what={w('sheet.est')} keep={0} />,
            wide: true,
          },
          {
            label: w('sheet.client'),
            value: <Id text={sheet.clientId} what={w('sheet.client')} keep={0} />,
          },
          {
            label: w('sheet.estUser'),
            value: (
              <>
                <Id text={sheet.estUser} what={w('sheet.estUser')} keep={0} />
                <div className="quiet">{w('sheet.estUserHelp')}</div>
              </>
            ),
          },
        ]}
      />
    </Panel>
  );
}

function Root({ sheet }: { readonly sheet: Sheet }): ReactElement {
  const { w } = useWords();
  return (
    <Panel
      title={w('sheet.root')}
      note={w('sheet.rootHelp')}
      extra={
        <Button
          size="small"
          icon={<Icon name="download" size={14} />}
          onClick={() => saveFile('root.pem', 'application/x-pem-file', sheet.rootPem)}
        >
          root.pem
        </Button>
      }
    >
      <p className="quiet">{w('sheet.fingerprint')}</p>
      <Id text={showFingerprint(sheet.rootSha256)} what={w('sheet.fingerprint')} keep={0} />
      <CodeBlock fixed text={sheet.rootPem} what={w('sheet.root')} />
    </Panel>
  );
}

function Topics({ topics }: { readonly topics: Sheet['topics'] }): ReactElement {
  const { w, say } = useWords();
  return (
    <Panel flush title={w('sheet.topics')}>
      <Table
        size="small"
        rowKey="topic"
        dataSource={topics}
        pagination={false}
        scroll={{ x: 'max-content' }}
        columns={[
          {
            title: w('sheet.topic'),
            key: 'topic',
            render: (_, { topic }) => <Id text={topic} what={w('sheet.topic')} keep={0} />,
          },
          {
            title: w('sheet.direction'),
            key: 'direction',
            render: (_, { direction }) => w(`sheet.${direction}`),
          },
          { title: w('sheet.note'), key: 'note', render: (_, { note }) => say(note) },
        ]}
      />
    </Panel>
  );
}
