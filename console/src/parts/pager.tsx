import { Button, Select } from 'antd';
import { type ReactElement, useState } from 'react';
import { useWords } from '../app/i18n.ts';
import { Icon } from './icons.tsx';

export const pageSizes = [25, 50, 100] as const;

export interface Pages {
  readonly limit: number;
  /** Cursor of the page shown; undefined: the first. */
  readonly after: string | undefined;
  readonly number: number;
  readonly next: (cursor: string) => void;
  readonly back: () => void;
  readonly first: () => void;
  readonly resize: (limit: number) => void;
}

/** Place in a list that the server pages by cursor: the way back is the cursors passed. */
export function usePages(initial: number = pageSizes[0]): Pages {
  const [limit, setLimit] = useState(initial);
  const [trail, setTrail] = useState<readonly string[]>([]);
  return {
    limit,
    after: trail.at(-1),
    number: trail.length + 1,
    next: (cursor) => setTrail([...trail, cursor]),
    back: () => setTrail(trail.slice(0, -1)),
    first: () => setTrail([]),
    resize: (size) => {
      setLimit(size);
      setTrail([]);
    },
  };
}

interface PagerProps {
  readonly pages: Pages;
  readonly next: string | undefined;
  /** What stands at the left: a count. */
  readonly children?: string;
}

/** Below a list: how many, and the way to the others. */
export function Pager({ pages, next, children }: PagerProps): ReactElement {
  const { w } = useWords();
  return (
    <nav className="pager" aria-label={w('common.pages')}>
      <span className="quiet">{children}</span>
      <span className="pager-moves">
        <Select
          size="small"
          aria-label={w('common.pageSize')}
          value={pages.limit}
          onChange={pages.resize}
          options={pageSizes.map((size) => ({ value: size, label: w('common.perPage', { n: size }) }))}
        />
        <Button
          size="small"
          icon={<Icon name="back" size={14} />}
          disabled={pages.number === 1}
          onClick={pages.back}
          aria-label={w('common.previous')}
        />
        <span aria-live="polite">{w('common.page', { n: pages.number })}</span>
        <Button
          size="small"
          icon={<Icon name="chevron" size={14} />}
          disabled={next === undefined}
          onClick={() => next !== undefined && pages.next(next)}
          aria-label={w('common.following')}
        />
      </span>
    </nav>
  );
}
