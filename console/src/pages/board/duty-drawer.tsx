import { Button, Drawer } from 'antd';
import { type ReactElement, useState } from 'react';
import type { Answer } from '../../app/api.ts';
import { liveMs } from '../../app/bounds.ts';
import { showDuration } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useAsk } from '../../app/query.ts';
import { Facts } from '../../parts/page.tsx';
import { Refs } from '../../parts/refs.tsx';
import { Load } from '../../parts/states.tsx';
import { StatusMark } from '../../parts/status.tsx';
import { judged, type Status } from '../../parts/statuses.ts';
import { Moment } from '../../parts/time.tsx';

type Duty = Answer<'duty'>;
interface DutyDrawerProps {
  readonly agreement: string;
  /** Which duty; undefined: closed. */
  readonly row: string | undefined;
  readonly onClose: () => void;
}

/** One duty in full: what was agreed, where each subject stands and on which evidence, how it came so. */
export function DutyDrawer({ agreement, row, onClose }: DutyDrawerProps): ReactElement {
  const { say } = useWords();
  const duty = useAsk('duty', { params: { agreement, row: row ?? '' } }, { every: liveMs, enabled: row !== undefined });
  return (
    <Drawer
      open={row !== undefined}
      onClose={onClose}
      size={720}
      destroyOnHidden
      title={duty.data === undefined ? row : `${duty.data.row.row} · ${say(duty.data.row.name)}`}
    >
      <Load query={duty}>{(data) => <DutyWords duty={data} origin={data.row.evidence[0]?.origin} />}</Load>
    </Drawer>
  );
}

interface DutyWordsProps {
  readonly duty: Duty;
  /** Log of the history's records. */
  readonly origin: string | undefined;
}

function DutyWords({ duty, origin }: DutyWordsProps): ReactElement {
  const { w, say } = useWords();
  const { row } = duty;
  return (
    <>
      <section className="drawer-part">
        <Facts
          facts={[
            { label: w('common.state'), value: <StatusMark status={row.status} /> },
            { label: w('board.owner'), value: w(`board.owner.${row.owner}`) },
            { label: w('board.judged'), value: <Moment at={row.judgedAt} /> },
            { label: w('board.evidenceAge'), value: <Moment at={row.evidenceAt} age /> },
            { label: w('duty.duty'), value: say(row.duty), wide: true },
            { label: w('duty.criterion'), value: say(row.criterion), wide: true },
            ...(row.grade === undefined
              ? []
              : [{ label: w('board.grade'), value: `${row.grade} (${w('board.gradeHelp')})`, wide: true }]),
          ]}
        />
      </section>
      <Subjects subjects={duty.subjects} />
      <Kinds kinds={duty.evidenceKinds} />
      {row.evidence.length > 0 && (
        <section className="drawer-part">
          <h3>{w('duty.records')}</h3>
          <Refs refs={row.evidence} />
        </section>
      )}
      <History history={duty.history} origin={origin} />
    </>
  );
}

/** Subjects shown before somebody asks for the rest. */
const shownSubjects = 12;
const urgency = (status: Status): number => [...judged, 'not-implemented'].indexOf(status);

function Subjects({ subjects }: { readonly subjects: Duty['subjects'] }): ReactElement {
  const { w, say } = useWords();
  const [all, setAll] = useState(false);
  const sorted = subjects.toSorted((a, b) => urgency(a.status) - urgency(b.status));
  const shown = all ? sorted : sorted.slice(0, shownSubjects);
  return (
    <section className="drawer-part">
      <h3>
        {w('duty.subjects')} ({subjects.length})
      </h3>
      {subjects.length === 0 && <p className="quiet">{w('duty.noSubjects')}</p>}
      <ul>
        {shown.map(({ subject, name, status, why, evidence }) => (
          <li key={subject} className="subject">
            <StatusMark status={status} />
            <div>
              <strong className="break">{name ?? subject}</strong> <span className="break">{say(why)}</span>
              <Refs refs={evidence} />
            </div>
          </li>
        ))}
      </ul>
      {shown.length < subjects.length && (
        <Button type="link" size="small" onClick={() => setAll(true)}>
          {w('common.more')} ({subjects.length - shown.length})
        </Button>
      )}
    </section>
  );
}

function Kinds({ kinds }: { readonly kinds: Duty['evidenceKinds'] }): ReactElement {
  const { w, locale } = useWords();
  return (
    <section className="drawer-part">
      <h3>{w('duty.kinds')}</h3>
      <table className="count-table">
        <thead>
          <tr>
            <th scope="col">{w('duty.kind')}</th>
            <th scope="col">{w('duty.maxAge')}</th>
            <th scope="col">{w('duty.newest')}</th>
          </tr>
        </thead>
        <tbody>
          {kinds.map(({ kind, maxAgeSeconds, newestAt }) => (
            <tr key={kind}>
              <th scope="row">
                <code>{kind}</code>
              </th>
              <td>{maxAgeSeconds === undefined ? w('duty.noMaxAge') : showDuration(maxAgeSeconds, locale)}</td>
              <td>
                <Moment at={newestAt} age />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function History({
  history,
  origin,
}: {
  readonly history: Duty['history'];
  readonly origin: string | undefined;
}): ReactElement {
  const { w } = useWords();
  return (
    <section className="drawer-part">
      <h3>{w('duty.history')}</h3>
      {history.length === 0 ? (
        <p className="quiet">{w('duty.noHistory')}</p>
      ) : (
        <ol className="timeline">
          {history.map(({ at, status, index }) => (
            <li key={`${index} ${at}`}>
              <Moment at={at} />
              <span className="row">
                <StatusMark status={status} />
                {origin !== undefined && <Refs refs={[{ origin, index }]} />}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
