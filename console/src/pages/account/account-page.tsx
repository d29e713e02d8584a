import { Button, Radio } from 'antd';
import { type ReactElement, useState } from 'react';
import { useAgreements } from '../../app/agreement.ts';
import { useWords } from '../../app/i18n.ts';
import { useMay, useMe, useRefreshMe } from '../../app/me.tsx';
import { useAsk } from '../../app/query.ts';
import { roleName } from '../../app/shell.tsx';
import { Facts, Page, Panel } from '../../parts/page.tsx';
import { Tag } from '../../parts/status.tsx';
import { FactorSteps } from '../sign/factor-page.tsx';
import { SecurityPanel } from './security.tsx';
import { TokensPanel } from './tokens.tsx';

/** Who I am, my language, my password, my tokens. */
export function AccountPage(): ReactElement {
  const { w, locale, change } = useWords();
  const me = useMe();
  return (
    <Page title={w('nav.account')}>
      <div className="columns">
        <Panel title={w('account.profile')}>
          <Facts
            facts={[
              { label: w('common.name'), value: me.name },
              { label: w('sign.email'), value: me.email ?? '—' },
              { label: w('sign.role'), value: roleName(me.role, locale) },
              { label: w('account.party'), value: <PartyName party={me.party} /> },
              {
                label: w('account.factor'),
                value: (
                  <Tag tone={me.secondFactor ? 'good' : 'warn'} icon={me.secondFactor ? 'check' : 'alert'}>
                    {w(me.secondFactor ? 'account.factorOn' : 'account.factorOff')}
                  </Tag>
                ),
              },
            ]}
          />
          {!me.secondFactor && <AddFactor />}
        </Panel>
        <Panel title={w('account.language')} note={w('account.zoneHelp')}>
          <Radio.Group
            aria-label={w('account.language')}
            value={locale}
            onChange={({ target }) => change(target.value === 'zh' ? 'zh' : 'en')}
            options={[
              { value: 'zh', label: <span lang="zh-CN">简体中文</span> },
              { value: 'en', label: <span lang="en">English</span> },
            ]}
          />
          <p className="quiet gap-above">
            {w('account.zone')}: {Intl.DateTimeFormat().resolvedOptions().timeZone}
          </p>
        </Panel>
      </div>
      <TokensPanel />
      <SecurityPanel />
    </Page>
  );
}

/** The name of the reader's own party with its id; the id alone until a name is known. */
function PartyName({ party }: { readonly party: string }): ReactElement {
  const may = useMay();
  const parties = useAsk('parties', {}, { enabled: may('parties') });
  const agreements = useAgreements();
  const name =
    parties.data?.items.find(({ id }) => id === party)?.particulars.name ??
    agreements.data?.items.find((agreement) => agreement.party === party)?.partyName;
  if (name === undefined) return <code>{party}</code>;
  return (
    <>
      {name} <code className="quiet">{party}</code>
    </>
  );
}

/** Roles that need no second factor may still set one up. */
function AddFactor(): ReactElement {
  const { w } = useWords();
  const refresh = useRefreshMe();
  const [open, setOpen] = useState(false);
  return (
    <div className="gap-above">
      {open ? <FactorSteps done={refresh} /> : <Button onClick={() => setOpen(true)}>{w('account.factorAdd')}</Button>}
    </div>
  );
}
