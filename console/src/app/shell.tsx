import { type Role, roles } from '@pactgate/protocol';
import { useMutation } from '@tanstack/react-query';
import { App, Button, Drawer, Dropdown, Select } from 'antd';
import { type ReactElement, type ReactNode, useEffect, useState } from 'react';
import { Link, useLocation, useMatch, useNavigate } from 'react-router';
import { Icon, Mark } from '../parts/icons.tsx';
import { AgreementMark } from '../parts/status.tsx';
import { preferred, useAgreements } from './agreement.ts';
import { signOut } from './auth.ts';
import { useWords } from './i18n.ts';
import { useMe, useRefreshMe } from './me.tsx';
import { Nav } from './nav.tsx';
import { showProblem } from './problem.ts';
import { useAsk } from './query.ts';

/** The frame of every page: bar, navigation, content. */
export function Shell({ children }: { readonly children: ReactNode }): ReactElement {
  const { w } = useWords();
  const [open, setOpen] = useState(false);
  const { pathname } = useLocation();
  useEffect(() => setOpen(false), [pathname]);
  useEffect(() => {
    // Newer browsers answer a promise, which would pass for a clean-up function.
    scrollTo({ top: 0 });
  }, [pathname]);
  const agreement = useChosen();
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {w('nav.skip')}
      </a>
      <TopBar agreement={agreement} onMenu={() => setOpen(true)} />
      <nav className="side" aria-label={w('nav.main')}>
        <Nav agreement={agreement} />
      </nav>
      <Drawer
        open={open}
        onClose={() => setOpen(false)}
        placement="left"
        size={264}
        title={w('nav.main')}
        styles={{ body: { padding: 12 } }}
      >
        <nav aria-label={w('nav.main')}>
          <Nav agreement={agreement} />
        </nav>
      </Drawer>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

/** The agreement of the address; the one worked with last where the address names none that the reader has. */
function useChosen(): string | undefined {
  const match = useMatch('/a/:agreement/*');
  const named = match?.params.agreement;
  const { data } = useAgreements();
  if (data === undefined || data.items.some(({ id }) => id === named)) return named;
  return preferred(data.items)?.id ?? named;
}

interface TopBarProps {
  readonly agreement: string | undefined;
  readonly onMenu: () => void;
}

function TopBar({ agreement, onMenu }: TopBarProps): ReactElement {
  const { w } = useWords();
  const { data } = useAsk('platform', {});
  return (
    <header className="bar">
      <Button
        className="bar-menu"
        type="text"
        icon={<Icon name="menu" size={20} />}
        aria-label={w('nav.open')}
        onClick={onMenu}
      />
      <Link to="/" className="brand">
        <Mark />
        <span className="brand-name">{data?.name ?? 'Pactgate'}</span>
      </Link>
      <Chooser agreement={agreement} />
      <div className="bar-end">
        <LanguageSwitch />
        <Account />
      </div>
    </header>
  );
}

/** Which agreement to look at: party A chooses among all, party B sees its own. */
function Chooser({ agreement }: { readonly agreement: string | undefined }): ReactElement {
  const { w } = useWords();
  const go = useNavigate();
  const { pathname } = useLocation();
  const { data } = useAgreements();
  const items = data?.items ?? [];
  const chosen = items.find(({ id }) => id === agreement);
  if (items.length <= 1)
    return (
      <div className="chooser chooser-one">
        {chosen ? (
          <>
            <span className="ellipsis">{chosen.partyName}</span>
            <AgreementMark state={chosen.state} />
          </>
        ) : (
          data && <span className="ellipsis">{w('nav.noAgreement')}</span>
        )}
      </div>
    );
  // Stay on the same kind of page; a device or incident of another agreement does not exist there.
  const [, section] = /^\/a\/[^/]+\/([a-z]+)/.exec(pathname) ?? [];
  return (
    <div className="chooser">
      <Select
        aria-label={w('nav.choose')}
        placeholder={w('nav.choose')}
        value={chosen?.id ?? null}
        onSelect={(id: string) => void go(`/a/${id}${section === undefined ? '' : `/${section}`}`)}
        showSearch={{ optionFilterProp: 'name' }}
        popupMatchSelectWidth={360}
        options={items.map(({ id, partyName, state }) => ({
          value: id,
          name: partyName,
          label: (
            <span className="chooser-option">
              <span className="ellipsis">{partyName}</span>
              <AgreementMark state={state} />
            </span>
          ),
        }))}
      />
    </div>
  );
}

/** Says the other language in that language: who needs it can read it. */
export function LanguageSwitch(): ReactElement {
  const { locale, change } = useWords();
  const other = locale === 'zh' ? 'en' : 'zh';
  return (
    <Button
      type="text"
      className="language"
      lang={other === 'zh' ? 'zh-CN' : 'en'}
      onClick={() => change(other)}
      aria-label={other === 'zh' ? '切换为中文' : 'Switch to English'}
    >
      {other === 'zh' ? '中文' : 'EN'}
    </Button>
  );
}

export const roleName = (role: Role, locale: 'zh' | 'en'): string => roles[role][locale];

function Account(): ReactElement {
  const { w, locale } = useWords();
  const me = useMe();
  const go = useNavigate();
  const refresh = useRefreshMe();
  const { message } = App.useApp();
  const leave = useMutation({
    mutationFn: async () => {
      await signOut();
      await refresh();
    },
    // The session is still open: whoever leaves must know.
    onError: (error) => void message.error(showProblem(error, locale).title),
  });
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: [
          { key: 'account', label: w('nav.account'), icon: <Icon name="person" />, onClick: () => void go('/account') },
          { type: 'divider' },
          { key: 'out', label: w('sign.out'), icon: <Icon name="external" />, onClick: () => leave.mutate() },
        ],
      }}
    >
      <Button type="text" className="who" aria-label={`${w('nav.account')}: ${me.name}, ${roleName(me.role, locale)}`}>
        <span className="who-mark" aria-hidden="true">
          {(me.name.trim()[0] ?? '?').toUpperCase()}
        </span>
        <span className="who-words">
          <span className="who-name">{me.name}</span>
          <span className="who-role">{roleName(me.role, locale)}</span>
        </span>
      </Button>
    </Dropdown>
  );
}
