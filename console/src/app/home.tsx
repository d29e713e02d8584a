import { Button } from 'antd';
import type { ReactElement } from 'react';
import { Navigate, useNavigate } from 'react-router';
import { Page, Panel } from '../parts/page.tsx';
import { Load, Nothing } from '../parts/states.tsx';
import { preferred, useAgreements } from './agreement.ts';
import { useWords } from './i18n.ts';
import { useMay } from './me.tsx';

/** The start: the agreement worked with last, or the way to the first one. */
export function Home(): ReactElement {
  const { w } = useWords();
  const agreements = useAgreements();
  return (
    <Load query={agreements}>
      {({ items }) => {
        const chosen = preferred(items);
        if (chosen) return <Navigate to={`/a/${chosen.id}${chosen.state === 'in-force' ? '' : '/document'}`} replace />;
        return (
          <Page title={w('agreement.none')}>
            <Panel>
              <First />
            </Panel>
          </Page>
        );
      }}
    </Load>
  );
}

function First(): ReactElement {
  const { w } = useWords();
  const may = useMay();
  const go = useNavigate();
  if (!may('parties')) return <Nothing text={w('agreement.noneB')} />;
  return (
    <div className="centred">
      <Nothing text={w('agreement.noneA')} />
      <Button type="primary" onClick={() => void go('/parties')}>
        {w('agreement.toParties')}
      </Button>
    </div>
  );
}
