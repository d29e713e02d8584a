import { Alert } from 'antd';
import type { ReactElement } from 'react';
import { Link } from 'react-router';
import { showCount } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useAsk } from '../../app/query.ts';
import { Moment } from '../../parts/time.tsx';
import { useAgreement } from '../agreement/frame.tsx';
import { droppedOf } from './dropped.ts';

/** Summaries that are added up: one is made of each model in each window of the agreement. */
const limit = 250;
const shownFields = 8;

/** What devices of this model sent and no manifest declares: dropped at the door, counted in the ledger. */
export function DroppedNote({ model }: { readonly model: string }): ReactElement | null {
  const { w, locale } = useWords();
  const { summary } = useAgreement();
  const request = { params: { log: summary.logId }, query: { kind: 'msg.validate', limit } };
  const { data } = useAsk('records', request);
  const dropped = data && droppedOf(data.items, model);
  if (dropped === undefined) return null;
  const shown = dropped.fields.slice(0, shownFields);
  return (
    <Alert
      className="gap-below"
      type="info"
      showIcon
      title={w('data.dropped', { n: showCount(dropped.count, locale), model })}
      description={
        <span className="row">
          {shown.map(({ path, count }) => (
            <span key={path}>
              <code className="break">{path}</code> <span className="quiet">×{showCount(count, locale)}</span>
            </span>
          ))}
          {shown.length < dropped.fields.length && <span>…</span>}
          <span className="quiet">
            {w('data.droppedSince')} <Moment at={dropped.since} />
          </span>
          <Link to={`/ledger/${summary.logId}`}>{w('duty.records')}</Link>
        </span>
      }
    />
  );
}
