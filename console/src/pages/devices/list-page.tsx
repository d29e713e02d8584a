import { Button, Input, Select, Table, type TableColumnsType } from 'antd';
import { type ReactElement, useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useAgreementId } from '../../app/agreement.ts';
import type { Answer } from '../../app/api.ts';
import { liveMs, slowMs } from '../../app/bounds.ts';
import { useWords, type Words } from '../../app/i18n.ts';
import { useMay } from '../../app/me.tsx';
import { useAsk } from '../../app/query.ts';
import { Icon } from '../../parts/icons.tsx';
import { Page, Panel } from '../../parts/page.tsx';
import { Pager, type Pages, usePages } from '../../parts/pager.tsx';
import { Load } from '../../parts/states.tsx';
import { LevelMark, OnlineMark, Tag, type Tone } from '../../parts/status.tsx';
import { Moment } from '../../parts/time.tsx';
import { RegisterDialog } from './register-dialog.tsx';

type Device = Answer<'devices'>['items'][number];
const states = ['registered', 'pending', 'active', 'suspended', 'retired'] as const;
const tones: Readonly<Record<Device['state'], Tone>> = {
  registered: 'info',
  pending: 'warn',
  active: 'good',
  suspended: 'bad',
  retired: 'calm',
};

export function DeviceStateMark({ state }: { readonly state: Device['state'] }): ReactElement {
  const { w } = useWords();
  return <Tag tone={tones[state]}>{w(`device.state.${state}`)}</Tag>;
}

/** Devices of the agreement, paged by the server. */
export function DevicesPage(): ReactElement {
  const { w } = useWords();
  const may = useMay();
  const [registering, setRegistering] = useState(false);
  const agreement = useAgreementId();
  return (
    <Page
      title={w('nav.devices')}
      actions={
        may('registerDevices') && (
          <Button type="primary" icon={<Icon name="plus" />} onClick={() => setRegistering(true)}>
            {w('device.register')}
          </Button>
        )
      }
    >
      <DeviceList agreement={agreement} />
      {registering && <RegisterDialog agreement={agreement} onClose={() => setRegistering(false)} />}
    </Page>
  );
}

interface Filter {
  readonly model?: string;
  readonly state?: Device['state'];
  readonly search?: string;
}

/** The filter stands in the address, so that a link shows the same list. */
function useFilter(
  pages: Pages,
): readonly [Filter, (change: Readonly<Record<keyof Filter, string | undefined>>) => void] {
  const [search, setSearch] = useSearchParams();
  const text = search.get('search');
  const model = search.get('model');
  const state = states.find((each) => each === search.get('state'));
  const filter = { ...(text && { search: text }), ...(model && { model }), ...(state && { state }) };
  return [
    filter,
    (change) => {
      const next = new URLSearchParams();
      for (const [name, value] of Object.entries(change)) if (value) next.set(name, value);
      pages.first();
      setSearch(next, { replace: true });
    },
  ];
}

function DeviceList({ agreement }: { readonly agreement: string }): ReactElement {
  const words = useWords();
  const { w } = words;
  const may = useMay();
  const pages = usePages();
  const [filter, setFilter] = useFilter(pages);
  const { limit, after } = pages;
  const query = { limit, ...filter, ...(after === undefined ? {} : { after }) };
  const devices = useAsk('devices', { params: { agreement }, query }, { every: liveMs, keep: true });
  const filtered = Object.keys(filter).length > 0;
  const none = filtered ? w('device.noMatch') : may('registerDevices') ? w('device.noneB') : w('device.none');
  return (
    <>
      <Filters agreement={agreement} filter={filter} onFilter={setFilter} />
      <Panel flush>
        <Load query={devices} empty={({ items }) => items.length === 0 && pages.number === 1} emptyText={none}>
          {({ items, next, total, online }) => (
            <>
              <Table<Device>
                size="small"
                rowKey="id"
                columns={columns(words, agreement)}
                dataSource={items}
                pagination={false}
                scroll={{ x: 'max-content' }}
              />
              <Pager pages={pages} next={next}>
                {w('device.count', { total, online })}
              </Pager>
            </>
          )}
        </Load>
      </Panel>
    </>
  );
}

interface FiltersProps {
  readonly agreement: string;
  readonly filter: Filter;
  readonly onFilter: (filter: Readonly<Record<keyof Filter, string | undefined>>) => void;
}

function Filters({ agreement, filter, onFilter }: FiltersProps): ReactElement {
  const { w } = useWords();
  const { data: models } = useAsk('models', { params: { agreement } }, { every: slowMs });
  const [typed, setTyped] = useState(filter.search ?? '');
  const bad = typed !== '' && !/^[A-Za-z0-9_-]{1,64}$/.test(typed);
  const { model, state, search } = filter;
  return (
    <search className="filters">
      <Input.Search
        allowClear
        style={{ width: 260 }}
        value={typed}
        maxLength={64}
        status={bad ? 'error' : ''}
        placeholder={w('device.search')}
        aria-label={w('device.search')}
        title={bad ? w('device.searchBad') : ''}
        onChange={({ target }) => setTyped(target.value.trim())}
        onSearch={() => bad || onFilter({ model, state, search: typed })}
      />
      <Select
        allowClear
        style={{ minWidth: 170 }}
        aria-label={w('device.model')}
        placeholder={w('device.allModels')}
        value={model}
        onChange={(value?: string) => onFilter({ model: value, state, search })}
        options={(models?.items ?? []).map((each) => ({ value: each.model, label: each.model }))}
      />
      <Select
        allowClear
        style={{ minWidth: 150 }}
        aria-label={w('common.state')}
        placeholder={w('device.allStates')}
        value={state}
        onChange={(value?: Device['state']) => onFilter({ model, state: value, search })}
        options={states.map((each) => ({ value: each, label: w(`device.state.${each}`) }))}
      />
    </search>
  );
}

const columns = ({ w }: Words, agreement: string): TableColumnsType<Device> => [
  {
    title: w('device.id'),
    key: 'id',
    render: (_, { id, watched }) => (
      <span className="row">
        <Link to={`/a/${agreement}/devices/${id}`}>{id}</Link>
        {watched && <Tag tone="info">{w('device.watched')}</Tag>}
      </span>
    ),
  },
  { title: w('device.connection'), key: 'online', render: (_, { online }) => <OnlineMark online={online} /> },
  { title: w('device.model'), dataIndex: 'model' },
  { title: w('common.state'), key: 'state', render: (_, { state }) => <DeviceStateMark state={state} /> },
  { title: w('device.level'), key: 'level', render: (_, { level }) => <LevelMark level={level} /> },
  {
    title: w('device.version'),
    key: 'version',
    render: (_, { version, versionKnown }) => <Version version={version} known={versionKnown} />,
  },
  {
    title: w('device.refusals'),
    key: 'refusals',
    align: 'right',
    render: (_, { refusals24h, id }) =>
      refusals24h === 0 ? (
        <span className="quiet num">0</span>
      ) : (
        <Link className="num" to={`/a/${agreement}/devices/${id}?tab=refusals`}>
          {refusals24h}
        </Link>
      ),
  },
  {
    title: w('device.certificate'),
    key: 'certificate',
    render: (_, { certificateUntil }) => <Moment at={certificateUntil} age />,
  },
  { title: w('device.lastSeen'), key: 'seen', render: (_, { lastSeen }) => <Moment at={lastSeen} age /> },
];

interface VersionProps {
  readonly version: string | undefined;
  /** Whether it is one of the released ones; undefined: not known. */
  readonly known: boolean | undefined;
}

export function Version({ version, known }: VersionProps): ReactElement {
  const { w } = useWords();
  if (version === undefined) return <span className="quiet">—</span>;
  return (
    <span className="row">
      <code>{version}</code>
      {known === false && (
        <Tag tone="warn" icon="alert">
          {w('device.versionUnknown')}
        </Tag>
      )}
    </span>
  );
}
