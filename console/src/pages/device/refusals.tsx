import type { ReactElement } from 'react';
import type { Answer } from '../../app/api.ts';
import { liveMs } from '../../app/bounds.ts';
import { useWords } from '../../app/i18n.ts';
import { useAsk } from '../../app/query.ts';
import { Panel } from '../../parts/page.tsx';
import { Pager, usePages } from '../../parts/pager.tsx';
import { Load } from '../../parts/states.tsx';
import { Tag } from '../../parts/status.tsx';
import { Moment } from '../../parts/time.tsx';
import type { DeviceKey } from './device-page.tsx';

type Refusal = Answer<'refusals'>['items'][number];

/** What was refused, why, and what to do about it. */
export function RefusalsTab({ at }: { readonly at: DeviceKey }): ReactElement {
  const { w } = useWords();
  const pages = usePages();
  const { limit, after } = pages;
  const query = { limit, ...(after === undefined ? {} : { after }) };
  const refusals = useAsk('refusals', { params: { ...at }, query }, { every: liveMs, keep: true });
  return (
    <Panel flush>
      <Load
        query={refusals}
        empty={({ items }) => items.length === 0 && pages.number === 1}
        emptyText={w('refusal.none')}
      >
        {({ items, next }) => (
          <>
            <ul>
              {items.map((refusal) => (
                <RefusalItem key={`${refusal.at} ${refusal.code} ${refusal.resource ?? ''}`} refusal={refusal} />
              ))}
            </ul>
            <Pager pages={pages} next={next} />
          </>
        )}
      </Load>
    </Panel>
  );
}

function RefusalItem({ refusal }: { readonly refusal: Refusal }): ReactElement {
  const { w, say } = useWords();
  const { at, code, title, cause, next, action, resource, policies, count } = refusal;
  const operation = [action, resource].filter((part) => part !== undefined).join(' ');
  return (
    <li className="refusal" data-code={code}>
      <div className="refusal-head">
        <h3>{say(title)}</h3>
        <code>{code}</code>
        {count > 1 && <Tag tone="warn">{w('refusal.times', { n: count })}</Tag>}
        <Moment at={at} age />
      </div>
      <dl>
        <dt>{w('refusal.cause')}</dt>
        <dd className="break">{say(cause)}</dd>
        <dt>{w('refusal.next')}</dt>
        <dd className="break">{say(next)}</dd>
        {operation !== '' && (
          <>
            <dt>{w('refusal.what')}</dt>
            <dd className="break">
              <code>{operation}</code>
            </dd>
          </>
        )}
        {policies.length > 0 && (
          <>
            <dt>{w('refusal.policies')}</dt>
            <dd className="break">
              <code>{policies.join(', ')}</code>
            </dd>
          </>
        )}
      </dl>
    </li>
  );
}
