import { Alert, Button, Empty, Skeleton } from 'antd';
import type { ReactElement, ReactNode } from 'react';
import { useWords } from '../app/i18n.ts';
import { type ShownProblem, showProblem } from '../app/problem.ts';

interface ProblemNoteProps {
  readonly error: unknown;
  readonly retry?: () => void;
  /** The page's heading says the title already. */
  readonly headed?: boolean;
}

/** An error in the reader's language: its title is the cause; then the next step, what is technical, and a way to try again. */
export function ProblemNote({ error, retry, headed = false }: ProblemNoteProps): ReactElement {
  const { locale, w } = useWords();
  const problem = showProblem(error, locale);
  return (
    <Alert
      className="problem"
      type="error"
      showIcon
      role="alert"
      {...(headed ? {} : { title: problem.title })}
      description={<ProblemText problem={problem} />}
      action={
        retry && (
          <Button size="small" onClick={retry}>
            {w('common.retry')}
          </Button>
        )
      }
    />
  );
}

function ProblemText({ problem: { code, detail, next } }: { readonly problem: ShownProblem }): ReactElement {
  const { w } = useWords();
  return (
    <dl className="pairs">
      <div>
        <dt>{w('common.next')}</dt>
        <dd>{next}</dd>
      </div>
      {detail !== undefined && (
        <div>
          <dt>{w('common.detail')}</dt>
          <dd>{detail}</dd>
        </div>
      )}
      {code !== undefined && (
        <div>
          <dt>{w('common.code')}</dt>
          <dd>
            <code>{code}</code>
          </dd>
        </div>
      )}
    </dl>
  );
}

/** The error of a form, above its buttons; nothing while there is none. */
export const FormProblem = ({ error }: { readonly error: unknown }): ReactElement | null =>
  error === null || error === undefined ? null : <ProblemNote error={error} />;

/** A query as far as it is shown. */
export interface Loaded<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly refetch: () => unknown;
}

interface LoadProps<T> {
  readonly query: Loaded<T>;
  readonly empty?: (data: T) => boolean;
  /** What to say when there is nothing; absent: that there is nothing. */
  readonly emptyText?: ReactNode;
  readonly children: (data: T) => ReactNode;
}

/** Shows loading, error or the data; when a refresh fails, the last data under a note that says so. */
export function Load<T>({ query, empty, emptyText, children }: LoadProps<T>): ReactElement {
  const { w } = useWords();
  const { data, error } = query;
  if (query.isPending)
    return (
      <div role="status" aria-label={w('common.loading')} className="loading">
        <Skeleton active paragraph={{ rows: 4 }} title={false} />
      </div>
    );
  const failed = error !== null && error !== undefined;
  if (failed && data === undefined) return <ProblemNote error={error} retry={() => void query.refetch()} />;
  if (data === undefined || empty?.(data)) return <Nothing text={emptyText} />;
  return (
    <>
      {failed && <Alert banner type="warning" className="stale" title={w('common.stale')} />}
      {children(data)}
    </>
  );
}

/** There is nothing, and that is fine. */
export function Nothing({ text }: { readonly text?: ReactNode }): ReactElement {
  const { w } = useWords();
  return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={text ?? w('common.empty')} />;
}
