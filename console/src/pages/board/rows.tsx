import { Tooltip } from 'antd';
import type { ReactElement } from 'react';
import { useWords } from '../../app/i18n.ts';
import { StatusMark, Tag } from '../../parts/status.tsx';
import { Moment } from '../../parts/time.tsx';
import { DutyLink } from '../agreement/frame.tsx';
import { type BoardRow, type ClauseCounts, groupRows, worries } from './counts.ts';

interface BoardTableProps {
  readonly rows: readonly BoardRow[];
  readonly clauses: readonly ClauseCounts[];
}

/** Duties under their clauses. */
export function BoardTable({ rows, clauses }: BoardTableProps): ReactElement {
  const { w } = useWords();
  return (
    <table className="grid-table" data-testid="board">
      <caption className="hidden">{w('agreement.tab.board')}</caption>
      <thead>
        <tr>
          <th scope="col" className="col-duty">
            {w('board.duty')}
          </th>
          <th scope="col">{w('board.owner')}</th>
          <th scope="col">{w('common.state')}</th>
          <th scope="col" className="col-why">
            {w('board.why')}
          </th>
          <th scope="col">{w('board.evidenceAge')}</th>
          <th scope="col">
            <Tooltip title={w('board.gradeHelp')}>
              {/* reachable by keyboard: the tooltip says what the numbers mean */}
              <button type="button" className="plain">
                {w('board.grade')}
              </button>
            </Tooltip>
          </th>
          <th scope="col">{w('board.breaches')}</th>
        </tr>
      </thead>
      {groupRows(rows, clauses).map((group) => (
        <ClauseRows key={group.clause.clause} {...group} />
      ))}
    </table>
  );
}

interface ClauseRowsProps {
  readonly clause: ClauseCounts;
  readonly rows: readonly BoardRow[];
}

function ClauseRows({ clause, rows }: ClauseRowsProps): ReactElement {
  const { say } = useWords();
  return (
    <tbody>
      <tr className="clause">
        <th scope="rowgroup" colSpan={7}>
          <span className="clause-title">
            <span>
              {clause.clause} {say(clause.title)}
            </span>
            <span className="clause-count">
              {worries(rows).map(({ status, count }) => (
                <span key={status} className="num">
                  {count} <StatusMark status={status} />
                </span>
              ))}
            </span>
          </span>
        </th>
      </tr>
      {rows.map((row) => (
        <DutyRow key={row.row} row={row} />
      ))}
    </tbody>
  );
}

function DutyRow({ row }: { readonly row: BoardRow }): ReactElement {
  const { w, say } = useWords();
  return (
    <tr className="duty-row" data-row={row.row} data-status={row.status}>
      <td>
        <div className="duty-name">
          <code>{row.row}</code>
          <DutyLink row={row.row}>{say(row.name)}</DutyLink>
          <span className="criterion">{say(row.criterion)}</span>
        </div>
      </td>
      <td data-label={w('board.owner')} className="nowrap">
        {w(`board.owner.${row.owner}`)}
      </td>
      <td data-label={w('common.state')}>
        <div>
          <StatusMark status={row.status} />
          <Subjects counts={row.counts} />
        </div>
      </td>
      <td data-label={w('board.why')}>
        <Whys row={row} />
      </td>
      <td data-label={w('board.evidenceAge')}>
        <Moment at={row.evidenceAt} age />
      </td>
      <td data-label={w('board.grade')} className="num">
        {row.grade ?? '—'}
      </td>
      <td data-label={w('board.breaches')}>
        {row.breaches > 0 ? (
          <Tag tone="bad" icon="crossOctagon">
            {w('board.openBreaches', { n: row.breaches })}
          </Tag>
        ) : (
          <span className="quiet">0</span>
        )}
      </td>
    </tr>
  );
}

/** Reasons shown on the board; the drawer has all of them. */
const shownWhys = 3;

function Whys({ row }: { readonly row: BoardRow }): ReactElement {
  const { w, say } = useWords();
  const more = row.why.length - shownWhys;
  return (
    <span className="whys">
      {row.why.slice(0, shownWhys).map((why) => (
        <span key={why.en} className="break">
          {say(why)}
        </span>
      ))}
      {more > 0 && (
        <span className="why-more">
          <DutyLink row={row.row}>{w('board.moreWhy', { n: more })}</DutyLink>
        </span>
      )}
    </span>
  );
}

function Subjects({ counts }: { readonly counts: BoardRow['counts'] }): ReactElement | null {
  const { w } = useWords();
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return total > 1 ? <div className="quiet num">{w('board.subjects', { n: total })}</div> : null;
}
