import { Button } from 'antd';
import { type ReactElement, useMemo, useState } from 'react';
import { useWords } from '../../app/i18n.ts';
import { Chart } from '../../parts/chart.tsx';
import type { ChartOption } from '../../parts/echarts.ts';
import { Icon } from '../../parts/icons.tsx';
import { Panel } from '../../parts/page.tsx';
import { looks } from '../../parts/status.tsx';
import { judged, type Status } from '../../parts/statuses.ts';
import { type Board, type BoardFilter, type ClauseCounts, countOf, countRows } from './counts.ts';

interface TilesProps {
  readonly rows: Board['rows'];
  readonly filter: BoardFilter;
  readonly onFilter: (filter: BoardFilter) => void;
}

/** One tile for each status: its count, and a filter. What is not implemented stands apart. */
export function StatusTiles({ rows, filter, onFilter }: TilesProps): ReactElement {
  const { w } = useWords();
  const owned = filter.owner === 'all' ? rows : rows.filter(({ owner }) => owner.includes(filter.owner));
  const counts = countRows(owned);
  return (
    <div className="tiles" role="group" aria-label={w('board.statusFilter')}>
      {judged.map((status) => (
        <button
          key={status}
          type="button"
          className="tile"
          aria-pressed={filter.status === status}
          onClick={() => onFilter({ ...filter, status: filter.status === status ? 'all' : status })}
        >
          <TileWords status={status} count={counts[status]} />
        </button>
      ))}
      <a className="tile tile-apart" href="#later">
        <TileWords status="not-implemented" count={counts['not-implemented']} />
      </a>
    </div>
  );
}

function TileWords({ status, count }: { readonly status: Status; readonly count: number }): ReactElement {
  const { w } = useWords();
  const { icon, word } = looks[status];
  return (
    <>
      <span className="tile-count">{count}</span>
      <span className={`mark mark-${status.replace('/', '')}`}>
        <Icon name={icon} size={14} />
        {w(word)}
      </span>
    </>
  );
}

const shown = [...judged.filter((status) => status !== 'n/a'), 'n/a', 'not-implemented'] as const;

/** Counts by clause, as bars or as a table. */
export function ClauseSummary({ clauses }: { readonly clauses: readonly ClauseCounts[] }): ReactElement {
  const { w } = useWords();
  const [table, setTable] = useState(false);
  return (
    <Panel
      title={w('board.chartTitle')}
      extra={
        <Button size="small" onClick={() => setTable(!table)}>
          {w(table ? 'common.asChart' : 'common.asTable')}
        </Button>
      }
    >
      {table ? <CountTable clauses={clauses} /> : <CountChart clauses={clauses} />}
    </Panel>
  );
}

function CountChart({ clauses }: { readonly clauses: readonly ClauseCounts[] }): ReactElement {
  const { w, say, locale } = useWords();
  const option = useMemo(
    () => chartOption(clauses, { word: (status) => w(looks[status].word), say }),
    [clauses, locale],
  );
  const sum = (status: Status): number => clauses.reduce((total, clause) => total + countOf(clause, status), 0);
  const label = w('board.chart', {
    total: judged.reduce((total, status) => total + sum(status), 0),
    met: sum('met'),
    breached: sum('breached'),
    unknown: sum('unknown'),
  });
  return <Chart option={option} height={clauses.length * 20 + 40} label={label} />;
}

interface ChartWords {
  readonly word: (status: Status) => string;
  readonly say: (texts: { zh: string; en: string }) => string;
}

const colors: Readonly<Record<Status, string>> = {
  met: '#3f9b6d',
  'at-risk': '#e0a63a',
  breached: '#c9473e',
  unknown: '#8e93a8',
  waived: '#6f9bd8',
  'n/a': '#cdd5d2',
  'not-implemented': '#eceff0',
};

/** Stacked bars, one for each clause; the last part, pale, is what is not implemented. */
function chartOption(clauses: readonly ClauseCounts[], { word, say }: ChartWords): ChartOption {
  const names = clauses.map(({ clause, title }) => `${clause}  ${say(title)}`);
  return {
    animation: false,
    grid: { left: 8, right: 16, top: 32, bottom: 0, containLabel: true },
    legend: { type: 'scroll', top: 0, left: 0, itemWidth: 12, itemHeight: 12, textStyle: { color: '#4d5b57' } },
    tooltip: { trigger: 'axis', axisPointer: { type: 'shadow' } },
    xAxis: {
      type: 'value',
      minInterval: 1,
      axisLabel: { show: false },
      splitLine: { lineStyle: { color: '#eef2f0' } },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: names,
      axisTick: { show: false },
      axisLine: { show: false },
      axisLabel: { color: '#33423d', width: 250, overflow: 'truncate' },
    },
    series: shown.map((status) => ({
      type: 'bar',
      name: word(status),
      stack: 'all',
      barWidth: 11,
      itemStyle: { color: colors[status] },
      data: clauses.map((clause) => countOf(clause, status)),
    })),
  };
}

function CountTable({ clauses }: { readonly clauses: readonly ClauseCounts[] }): ReactElement {
  const { w, say } = useWords();
  return (
    <div style={{ overflowX: 'auto' }}>
      <table className="count-table">
        <caption className="hidden">{w('board.summary')}</caption>
        <thead>
          <tr>
            <th scope="col">{w('board.clause')}</th>
            {shown.map((status) => (
              <th key={status} scope="col">
                {w(looks[status].word)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {clauses.map((clause) => (
            <tr key={clause.clause}>
              <th scope="row">
                {clause.clause} {say(clause.title)}
              </th>
              {shown.map((status) => (
                <td key={status} className={countOf(clause, status) === 0 ? 'zero' : undefined}>
                  {countOf(clause, status)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
