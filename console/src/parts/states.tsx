import { Alert, Button, Empty, Skeleton } from 'antd';
import type { ReactElement, ReactNode } from 'react';
import { useWords } from '../app/i18n.ts';
import { showProblem } from '../app/problem.ts';

/** An error in the platform's words, with the next step and a way to try again. */
export function ProblemNote({ error, retry }: { readonly error: unknown; readonly retry?: () => void }): ReactElement {
  const { locale, w } = useWords();
  const { title, detail, next } = showProblem(error, locale);
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={title}
      description={
        <>
          {detail && <div>{detail}</div>}
          <div>
            {w('common.next')}: {next}
          </div>
        </>
      }
      action={retry && <Button onClick={retry}>{w('common.retry')}</Button>}
    />
  );
}

interface Loaded<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly refetch: () => unknown;
}

/** Shows loading, error or the data: every list and page goes through it. */
export function Load<T>({
  query,
  empty,
  children,
}: {
  readonly query: Loaded<T>;
  readonly empty?: (data: T) => boolean;
  readonly children: (data: T) => ReactNode;
}): ReactElement {
  const { w } = useWords();
  if (query.isPending)
    return (
      <div role="status" aria-label={w('common.loading')}>
        <Skeleton active />
      </div>
    );
  if (query.error !== null && query.data === undefined)
    return <ProblemNote error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined || empty?.(query.data)) return <Empty description={w('common.empty')} />;
  return <>{children(query.data)}</>;
}
