import { Tabs } from 'antd';
import type { ReactElement } from 'react';
import { useParams, useSearchParams } from 'react-router';
import { useAgreementId } from '../../app/agreement.ts';
import type { Answer } from '../../app/api.ts';
import { liveMs } from '../../app/bounds.ts';
import { useWords } from '../../app/i18n.ts';
import { useAsk } from '../../app/query.ts';
import { Page } from '../../parts/page.tsx';
import { Load } from '../../parts/states.tsx';
import { LevelMark, OnlineMark, Tag } from '../../parts/status.tsx';
import { Moment } from '../../parts/time.tsx';
import { DeviceStateMark } from '../devices/list-page.tsx';
import { DeviceActions } from './actions.tsx';
import { CommandsTab } from './commands.tsx';
import { DataTab } from './data.tsx';
import { OverviewTab } from './overview.tsx';
import { RefusalsTab } from './refusals.tsx';
import { SessionsTab } from './sessions.tsx';
import { SheetTab } from './sheet.tsx';

export type Device = Answer<'device'>;
/** Which device, for every tab. */
export interface DeviceKey {
  readonly agreement: string;
  readonly device: string;
}
const tabs = ['overview', 'data', 'refusals', 'sessions', 'commands', 'connect'] as const;
type Tab = (typeof tabs)[number];

/** Everything about one device. */
export function DevicePage(): ReactElement {
  const { w } = useWords();
  const agreement = useAgreementId();
  const { device = '' } = useParams();
  const key: DeviceKey = { agreement, device };
  const query = useAsk('device', { params: { ...key } }, { every: liveMs });
  return (
    <Page
      title={device}
      up={{ to: `/a/${agreement}/devices`, text: w('nav.devices') }}
      marks={query.data && <Marks device={query.data} />}
      note={query.data && <Note device={query.data} />}
      actions={query.data && <DeviceActions at={key} device={query.data} />}
    >
      <Load query={query}>{(data) => <DeviceTabs at={key} device={data} />}</Load>
    </Page>
  );
}

function Marks({ device: { summary } }: { readonly device: Device }): ReactElement {
  const { w } = useWords();
  return (
    <>
      <OnlineMark online={summary.online} />
      <DeviceStateMark state={summary.state} />
      <LevelMark level={summary.level} />
      {summary.watched && <Tag tone="info">{w('device.watched')}</Tag>}
    </>
  );
}

function Note({ device: { summary } }: { readonly device: Device }): ReactElement {
  const { w } = useWords();
  return (
    <>
      {w('device.model')} {summary.model}
      {summary.lastSeen !== undefined && (
        <>
          {' · '}
          {w('device.lastSeen')} <Moment at={summary.lastSeen} age />
        </>
      )}
    </>
  );
}

export interface TabProps {
  readonly at: DeviceKey;
  readonly device: Device;
}

function DeviceTabs({ at, device }: TabProps): ReactElement {
  const { w } = useWords();
  const [search, setSearch] = useSearchParams();
  const chosen: Tab = tabs.find((tab) => tab === search.get('tab')) ?? 'overview';
  const faces: Readonly<Record<Tab, ReactElement>> = {
    overview: <OverviewTab at={at} device={device} />,
    data: <DataTab at={at} device={device} />,
    refusals: <RefusalsTab at={at} />,
    sessions: <SessionsTab at={at} />,
    commands: <CommandsTab at={at} />,
    connect: <SheetTab at={at} />,
  };
  const count = device.summary.refusals24h;
  const label = (tab: Tab): string =>
    tab === 'refusals' && count > 0 ? `${w('device.tab.refusals')} (${count})` : w(`device.tab.${tab}`);
  return (
    <Tabs
      activeKey={chosen}
      destroyOnHidden
      onChange={(tab) => setSearch(tab === 'overview' ? {} : { tab }, { replace: true, preventScrollReset: true })}
      items={tabs.map((tab) => ({ key: tab, label: label(tab), children: faces[tab] }))}
    />
  );
}
