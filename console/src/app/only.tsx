import { Problem } from '@pactgate/protocol';
import type { RouteName } from '@pactgate/protocol/api';
import type { ReactElement, ReactNode } from 'react';
import { Page } from '../parts/page.tsx';
import { ProblemNote } from '../parts/states.tsx';
import { useWords } from './i18n.ts';
import { useMay } from './me.tsx';
import { showProblem } from './problem.ts';

/** A page for roles that may call a route. Others are told so instead of seeing empty tables; the server refuses anyway. */
export function Only({ route, children }: { readonly route: RouteName; readonly children: ReactNode }): ReactElement {
  const may = useMay();
  const { locale } = useWords();
  if (may(route)) return <>{children}</>;
  const problem = new Problem('auth/forbidden', route);
  return (
    <Page title={showProblem(problem, locale).title}>
      <ProblemNote headed error={problem} />
    </Page>
  );
}
