import { Button, Table, type TableColumnsType } from 'antd';
import { type ReactElement, useState } from 'react';
import { Link } from 'react-router';
import type { Answer } from '../../app/api.ts';
import { slowMs } from '../../app/bounds.ts';
import { useWords, type Words } from '../../app/i18n.ts';
import { useMay } from '../../app/me.tsx';
import { Only } from '../../app/only.tsx';
import { useAsk } from '../../app/query.ts';
import { Icon } from '../../parts/icons.tsx';
import { Page, Panel } from '../../parts/page.tsx';
import { Load } from '../../parts/states.tsx';
import { AgreementMark } from '../../parts/status.tsx';
import { ParticularsFacts } from '../agreement/particulars.tsx';
import { CreateDialog, DraftDialog, InviteDialog, PlatformDialog } from './dialogs.tsx';

export type Party = Answer<'parties'>['items'][number];
type Open = { readonly kind: 'create' | 'platform' } | { readonly kind: 'draft' | 'invite'; readonly party: Party };

/** Party A's own particulars, and the device parties with their agreements. */
export function PartiesPage(): ReactElement {
  return (
    <Only route="parties">
      <Parties />
    </Only>
  );
}

function Parties(): ReactElement {
  const words = useWords();
  const { w } = words;
  const may = useMay();
  const [open, setOpen] = useState<Open>();
  const parties = useAsk('parties', {}, { every: slowMs });
  const items = parties.data?.items ?? [];
  const platform = items.find(({ id }) => id === 'platform');
  return (
    <Page
      title={w('nav.parties')}
      actions={
        may('createParty') && (
          <Button type="primary" icon={<Icon name="plus" />} onClick={() => setOpen({ kind: 'create' })}>
            {w('party.create')}
          </Button>
        )
      }
    >
      <PlatformPanel platform={platform} onEdit={() => setOpen({ kind: 'platform' })} />
      <Panel flush title={w('nav.parties')}>
        <Load
          query={parties}
          empty={(data) => data.items.every(({ id }) => id === 'platform')}
          emptyText={w('party.none')}
        >
          {(data) => (
            <Table<Party>
              size="small"
              rowKey="id"
              columns={columns(words, may('draftAgreement'), setOpen)}
              dataSource={data.items.filter(({ id }) => id !== 'platform')}
              pagination={false}
              scroll={{ x: 'max-content' }}
              expandable={{ expandedRowRender: ({ particulars }) => <ParticularsFacts particulars={particulars} /> }}
            />
          )}
        </Load>
      </Panel>
      {open && <Dialogs open={open} platform={platform} onClose={() => setOpen(undefined)} />}
    </Page>
  );
}

interface PlatformProps {
  readonly platform: Party | undefined;
}

function PlatformPanel({ platform, onEdit }: PlatformProps & { readonly onEdit: () => void }): ReactElement {
  const { w } = useWords();
  const may = useMay();
  return (
    <Panel
      title={w('party.platform')}
      note={w('party.platformHelp')}
      extra={
        may('setPlatformParticulars') && (
          <Button size="small" onClick={onEdit}>
            {w('party.platformEdit')}
          </Button>
        )
      }
    >
      {platform ? (
        <ParticularsFacts particulars={platform.particulars} />
      ) : (
        <p className="quiet">{w('agreement.partyAMissing')}</p>
      )}
    </Panel>
  );
}

function Dialogs({
  open,
  platform,
  onClose,
}: PlatformProps & { readonly open: Open; readonly onClose: () => void }): ReactElement {
  switch (open.kind) {
    case 'create':
      return <CreateDialog onClose={onClose} />;
    case 'platform':
      return <PlatformDialog particulars={platform?.particulars} onClose={onClose} />;
    case 'draft':
      return <DraftDialog party={open.party} onClose={onClose} />;
    case 'invite':
      return <InviteDialog party={open.party} onClose={onClose} />;
    default:
      return open satisfies never;
  }
}

const columns = ({ w }: Words, mayDraft: boolean, onOpen: (open: Open) => void): TableColumnsType<Party> => [
  {
    title: w('party.name'),
    key: 'name',
    render: (_, { particulars, id }) => (
      <>
        <div>{particulars.name}</div>
        <code className="quiet">{id}</code>
      </>
    ),
  },
  {
    title: w('party.agreement'),
    key: 'agreement',
    render: (_, { agreement, state }) =>
      agreement === undefined || state === undefined ? (
        <span className="quiet">{w('party.noAgreement')}</span>
      ) : (
        <Link to={`/a/${agreement}${state === 'in-force' ? '' : '/document'}`}>
          <AgreementMark state={state} />
        </Link>
      ),
  },
  { title: w('party.devices'), dataIndex: 'devices', align: 'right' },
  { title: w('party.representative'), key: 'who', render: (_, { particulars }) => particulars.representative },
  { title: w('party.email'), key: 'mail', render: (_, { particulars }) => particulars.contactEmail },
  {
    key: 'acts',
    align: 'right',
    render: (_, party) =>
      mayDraft && (
        <span className="row">
          {party.agreement === undefined && (
            <Button size="small" onClick={() => onOpen({ kind: 'draft', party })}>
              {w('party.draft')}
            </Button>
          )}
          {party.state === 'draft' && (
            <Button size="small" type="primary" onClick={() => onOpen({ kind: 'invite', party })}>
              {w('party.invite')}
            </Button>
          )}
        </span>
      ),
  },
];
