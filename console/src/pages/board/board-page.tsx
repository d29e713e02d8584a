import { Alert, Button, Segmented } from 'antd';
import { type ReactElement, useState } from 'react';
import { useSearchParams } from 'react-router';
import { liveMs } from '../../app/bounds.ts';
import { useWords } from '../../app/i18n.ts';
import { useAsk } from '../../app/query.ts';
import { Panel } from '../../parts/page.tsx';
import { Load, Nothing } from '../../parts/states.tsx';
import { Moment } from '../../parts/time.tsx';
import { AgreementPage, useAgreement } from '../agreement/frame.tsx';
import { type Board, type BoardFilter, type BoardRow, filterRows, laterRows } from './counts.ts';
import { DutyDrawer } from './duty-drawer.tsx';
import { BoardTable } from './rows.tsx';
import { ClauseSummary, StatusTiles } from './summary.tsx';

/** Where both parties stand, clause by clause; asked anew every few seconds. */
export function BoardPage(): ReactElement {
  const { w } = useWords();
  const { summary } = useAgreement();
  const [search, setSearch] = useSearchParams();
  const duty = search.get('duty') ?? undefined;
  const started = summary.inForceAt !== undefined;
  const board = useAsk('board', { params: { agreement: summary.id } }, { every: liveMs, enabled: started });
  const close = (): void => {
    const next = new URLSearchParams(search);
    next.delete('duty');
    setSearch(next, { replace: true, preventScrollReset: true });
  };
  return (
    <AgreementPage>
      <>
        {started ? (
          <Load query={board}>{(data) => <Duties board={data} />}</Load>
        ) : (
          <Alert type="info" showIcon title={w('agreement.notYet')} />
        )}
        <DutyDrawer agreement={summary.id} row={duty} onClose={close} />
      </>
    </AgreementPage>
  );
}

function Duties({ board }: { readonly board: Board }): ReactElement {
  const { w } = useWords();
  const [filter, setFilter] = useState<BoardFilter>({ owner: 'all', status: 'all' });
  const rows = filterRows(board.rows, filter);
  const owners = ['all', 'A', 'B'] as const;
  return (
    <>
      <div className="filters">
        <StatusTiles rows={board.rows} filter={filter} onFilter={setFilter} />
        <span className="quiet end">
          {w('board.judged')} <Moment at={board.judgedAt} age />
        </span>
      </div>
      <ClauseSummary clauses={board.clauses} />
      <Panel
        flush
        title={w('board.duty')}
        extra={
          <Segmented
            aria-label={w('board.ownerFilter')}
            value={filter.owner}
            onChange={(owner) => setFilter({ ...filter, owner })}
            options={owners.map((owner) => ({
              value: owner,
              label: owner === 'all' ? w('common.all') : w(`board.owner.${owner}`),
            }))}
          />
        }
      >
        {rows.length > 0 ? (
          <BoardTable rows={rows} clauses={board.clauses} />
        ) : (
          <div className="centred gap-below">
            <Nothing text={w('board.none')} />
            <Button onClick={() => setFilter({ owner: 'all', status: 'all' })}>{w('board.clear')}</Button>
          </div>
        )}
      </Panel>
      <Later rows={laterRows(board.rows, filter.owner)} />
    </>
  );
}

/** Duties that bind but are not judged by the platform yet: apart, so that nobody counts them as anything. */
function Later({ rows }: { readonly rows: readonly BoardRow[] }): ReactElement | null {
  const { w, say } = useWords();
  if (rows.length === 0) return null;
  return (
    <section className="panel later" id="later" aria-label={w('board.later')}>
      <details open>
        <summary>
          <h2>
            {w('board.later')} ({rows.length})
          </h2>
          <p className="quiet">{w('board.laterHelp', { n: rows.length })}</p>
        </summary>
        <ul>
          {rows.map((row) => (
            <li key={row.row}>
              <code>{row.row}</code>
              <span>{say(row.name)}</span>
              <span className="quiet nowrap">{w(`board.owner.${row.owner}`)}</span>
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}
