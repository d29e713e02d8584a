import { Tooltip } from 'antd';
import type { ReactElement } from 'react';
import { shorten } from '../app/format.ts';

/** Who did something: a name, or the id of a person or token, shortened. */
export function By({ by }: { readonly by: string }): ReactElement {
  if (by.length <= 24) return <span>{by}</span>;
  return (
    <Tooltip title={<span className="break">{by}</span>}>
      <code>{shorten(by, 6)}</code>
    </Tooltip>
  );
}
