import { isJsonObject, type JsonValue, revealMembers, webProofCrypto } from '@pactgate/proof';
import { Button } from 'antd';
import type { ReactElement } from 'react';
import { useNavigate, useParams } from 'react-router';
import type { Answer } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { useAsk } from '../../app/query.ts';
import { CauseName, isCause, KindName, OutcomeName } from '../../parts/code.tsx';
import { Id } from '../../parts/copy.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Facts, Page, Panel } from '../../parts/page.tsx';
import { Load } from '../../parts/states.tsx';
import { Tag } from '../../parts/status.tsx';
import { Moment } from '../../parts/time.tsx';
import { looseLeaf } from './leaf.ts';
import { VerifyPanel } from './verify-panel.tsx';

export type LogRecord = Answer<'record'>;

/** One record of a log: what it says, and the proof that it is there. */
export function RecordPage(): ReactElement {
  const { w } = useWords();
  const { log: id = '', index = '' } = useParams();
  const logs = useAsk('logs', {});
  const log = logs.data?.items.find((each) => each.id === id);
  const record = useAsk('record', { params: { log: id, index } });
  return (
    <Page
      title={w('ledger.record', { index })}
      note={log && <span className="break">{log.origin}</span>}
      up={{ to: `/ledger/${id}`, text: log ? w(`ledger.kind.${log.kind}`) : w('nav.ledger') }}
      actions={record.error === null && <Neighbours log={id} index={Number(index)} size={log?.size} />}
    >
      <Load query={record}>
        {(data) => (
          <>
            <LeafPanel record={data} />
            {log && <VerifyPanel key={data.index} log={log} record={data} />}
            <BodyPanel record={data} />
          </>
        )}
      </Load>
    </Page>
  );
}

interface NeighboursProps {
  readonly log: string;
  readonly index: number;
  readonly size: number | undefined;
}

function Neighbours({ log, index, size }: NeighboursProps): ReactElement {
  const { w } = useWords();
  const go = useNavigate();
  return (
    <>
      <Button disabled={index <= 0} icon={<Icon name="back" />} onClick={() => void go(`/ledger/${log}/${index - 1}`)}>
        {w('ledger.previous')}
      </Button>
      <Button
        disabled={size !== undefined && index >= size - 1}
        onClick={() => void go(`/ledger/${log}/${index + 1}`)}
        icon={<Icon name="chevron" />}
        iconPlacement="end"
      >
        {w('ledger.following')}
      </Button>
    </>
  );
}

/** Why the platform said no or a session ended, where the record is about that. */
const causeOf = (body: LogRecord['body']): string | undefined => [body?.['code'], body?.['reason']].find(isCause);

function LeafPanel({ record: { leaf, body } }: { readonly record: LogRecord }): ReactElement {
  const { w } = useWords();
  const { at, kind, outcome, duties, source, count } = looseLeaf(leaf);
  const { i, cm, q } = leaf;
  const cause = causeOf(body);
  return (
    <Panel title={w('ledger.leaf')} note={w('ledger.leafHelp')}>
      <Facts
        facts={[
          { label: w('common.kind'), value: <KindName code={kind} /> },
          { label: w('ledger.outcome'), value: <OutcomeName code={outcome} /> },
          ...(cause === undefined ? [] : [{ label: w('ledger.cause'), value: <CauseName code={cause} /> }]),
          { label: w('common.time'), value: <Moment at={at} /> },
          { label: w('ledger.covers'), value: count },
          { label: w('ledger.source'), value: <code>{source}</code> },
          {
            label: w('ledger.duties'),
            value: (
              <span className="row">
                {duties.length === 0
                  ? '—'
                  : duties.map((duty) => (
                      <Tag key={duty} tone="calm">
                        {duty}
                      </Tag>
                    ))}
              </span>
            ),
          },
          ...(Array.isArray(q) ? [{ label: w('ledger.flag'), value: q.join(', ') }] : []),
          {
            label: w('ledger.id'),
            value: typeof i === 'string' && <Id text={i} what={w('ledger.id')} keep={0} />,
            wide: true,
          },
          {
            label: w('ledger.commitment'),
            value: typeof cm === 'string' && <Id text={cm} what={w('ledger.commitment')} keep={0} />,
            wide: true,
          },
        ]}
      />
    </Panel>
  );
}

interface Opened {
  readonly json: string;
  readonly hidden: number;
}

/** The body with its disclosed members in their places; as it came when they do not fit, which the verification tells. */
function openBody({ body, disclosures = [] }: LogRecord): Opened {
  const json = body as JsonValue;
  try {
    if (isJsonObject(json)) {
      const revealed = revealMembers(webProofCrypto, json, disclosures);
      return { json: JSON.stringify(revealed.body, null, 2), hidden: revealed.hidden.length };
    }
  } catch {
    return { json: JSON.stringify(body, null, 2), hidden: 0 };
  }
  return { json: JSON.stringify(body, null, 2), hidden: 0 };
}

function BodyPanel({ record }: { readonly record: LogRecord }): ReactElement {
  const { w } = useWords();
  if (record.body === undefined)
    return (
      <Panel title={w('ledger.body')}>
        <p className="quiet">{w(record.erased ? 'ledger.erased' : 'ledger.bodyWithheld')}</p>
      </Panel>
    );
  const { json, hidden } = openBody(record);
  return (
    <Panel
      title={w('ledger.body')}
      note={w('ledger.bodyHelp')}
      extra={hidden > 0 && <Tag tone="calm">{w('ledger.hidden', { n: hidden })}</Tag>}
    >
      <pre className="json" tabIndex={0} aria-label={w('ledger.body')}>
        {json}
      </pre>
    </Panel>
  );
}
