import type { RouteName } from '@pactgate/protocol/api';
import type { ReactElement } from 'react';
import { NavLink } from 'react-router';
import { Icon, type IconName } from '../parts/icons.tsx';
import type { Word } from '../texts/words.ts';
import { useWords } from './i18n.ts';
import { useMay } from './me.tsx';

interface Item {
  readonly to: string;
  readonly word: Word;
  readonly icon: IconName;
  /** Shown to roles that may call this route. */
  readonly needs: RouteName;
  /** The address itself and `also`, not everything below it. */
  readonly exact?: boolean;
}

const ofAgreement = (id: string): readonly Item[] => [
  { to: `/a/${id}`, word: 'nav.board', icon: 'agreement', needs: 'board', exact: true },
  { to: `/a/${id}/devices`, word: 'nav.devices', icon: 'chip', needs: 'devices' },
  { to: `/a/${id}/models`, word: 'nav.models', icon: 'models', needs: 'models' },
  { to: `/a/${id}/incidents`, word: 'nav.incidents', icon: 'incident', needs: 'incidents' },
];
const ofPlatform: readonly Item[] = [
  { to: '/ledger', word: 'nav.ledger', icon: 'ledger', needs: 'logs' },
  { to: '/policy', word: 'nav.policy', icon: 'policy', needs: 'policy' },
  { to: '/parties', word: 'nav.parties', icon: 'parties', needs: 'parties' },
  { to: '/people', word: 'nav.people', icon: 'people', needs: 'people' },
  { to: '/events', word: 'nav.events', icon: 'stream', needs: 'platformEvents' },
];

/** Side navigation: what the role may open, nothing else. */
export function Nav({ agreement }: { readonly agreement: string | undefined }): ReactElement {
  const may = useMay();
  const visible = (items: readonly Item[]): readonly Item[] => items.filter(({ needs }) => may(needs));
  return (
    <div className="nav">
      {agreement !== undefined && <Group word="nav.group.agreement" items={visible(ofAgreement(agreement))} />}
      <Group word="nav.group.platform" items={visible(ofPlatform)} />
    </div>
  );
}

function Group({ word, items }: { readonly word: Word; readonly items: readonly Item[] }): ReactElement {
  const { w } = useWords();
  return (
    <div className="nav-group">
      <p className="nav-label">{w(word)}</p>
      <ul>
        {items.map(({ to, word: name, icon, exact = false }) => (
          <li key={to}>
            <NavLink to={to} end={exact}>
              <Icon name={icon} size={17} />
              {w(name)}
            </NavLink>
          </li>
        ))}
      </ul>
    </div>
  );
}
