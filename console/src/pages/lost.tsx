import { Button } from 'antd';
import type { ReactElement } from 'react';
import { Link } from 'react-router';
import { useWords } from '../app/i18n.ts';
import { Page, Panel, useTitle } from '../parts/page.tsx';

/** An address that no page has. */
export function NotFound(): ReactElement {
  const { w } = useWords();
  return (
    <Page title={w('common.notFound')}>
      <Panel>
        <p>{w('common.notFoundHelp')}</p>
        <Link to="/">{w('common.home')}</Link>
      </Panel>
    </Page>
  );
}

/** A page that threw: most often a file of an older build that is no longer there. */
export function Broken(): ReactElement {
  const { w } = useWords();
  useTitle(w('common.broken'));
  return (
    <main className="page broken" role="alert">
      <h1>{w('common.broken')}</h1>
      <p>{w('common.brokenHelp')}</p>
      <Button type="primary" onClick={() => location.reload()}>
        {w('common.reload')}
      </Button>
    </main>
  );
}
