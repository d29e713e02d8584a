import { Table, type TableProps } from 'antd';
import type { ReactElement } from 'react';
import { Pager, type Pages } from './pager.tsx';
import { Load, type Loaded } from './states.tsx';

interface PagedTableProps<T> extends Required<Pick<TableProps<T>, 'columns' | 'rowKey'>> {
  readonly query: Loaded<{ readonly items: readonly T[]; readonly next?: string | undefined }>;
  readonly pages: Pages;
  readonly emptyText: string;
  readonly className?: string;
}

/** A list that the server pages by cursor: loading, error, nothing there, the rows, the way to the others. */
export function PagedTable<T extends object>(props: PagedTableProps<T>): ReactElement {
  const { query, pages, emptyText, ...table } = props;
  return (
    <Load query={query} empty={({ items }) => items.length === 0 && pages.number === 1} emptyText={emptyText}>
      {({ items, next }) => (
        <>
          <Table<T> {...table} size="small" dataSource={[...items]} pagination={false} scroll={{ x: 'max-content' }} />
          <Pager pages={pages} next={next} />
        </>
      )}
    </Load>
  );
}
