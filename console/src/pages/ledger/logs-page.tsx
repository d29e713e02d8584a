import { Alert } from 'antd';
import type { ReactElement } from 'react';
import { Link } from 'react-router';
import type { Answer } from '../../app/api.ts';
import { liveMs } from '../../app/bounds.ts';
import { showCount } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useAsk } from '../../app/query.ts';
import { Id } from '../../parts/copy.tsx';
import { Facts, Page, Panel } from '../../parts/page.tsx';
import { Load } from '../../parts/states.tsx';
import { Tag } from '../../parts/status.tsx';
import { Moment } from '../../parts/time.tsx';

export type Log = Answer<'logs'>['items'][number];

/** Every log the person may see. */
export function LogsPage(): ReactElement {
  const { w } = useWords();
  const logs = useAsk('logs', {}, { every: liveMs });
  return (
    <Page title={w('nav.ledger')} note={w('ledger.help')}>
      <Load query={logs} empty={({ items }) => items.length === 0}>
        {({ items }) => items.map((log) => <LogPanel key={log.id} log={log} linked />)}
      </Load>
    </Page>
  );
}

export function SigningMark({ signing }: { readonly signing: boolean }): ReactElement {
  const { w } = useWords();
  return signing ? (
    <Tag tone="good" icon="check">
      {w('ledger.signing')}
    </Tag>
  ) : (
    <Tag tone="bad" icon="alert">
      {w('ledger.stopped')}
    </Tag>
  );
}

interface LogPanelProps {
  readonly log: Log;
  /** Whether the title leads to the log's own page. */
  readonly linked?: boolean;
}

/** How a log stands: size, newest checkpoint, witnesses. */
export function LogPanel({ log, linked = false }: LogPanelProps): ReactElement {
  const { w, locale } = useWords();
  const kind = w(`ledger.kind.${log.kind}`);
  return (
    <Panel
      title={
        linked ? (
          <Link to={`/ledger/${log.id}`} aria-label={`${kind}: ${log.origin}`}>
            {kind}
          </Link>
        ) : (
          kind
        )
      }
      note={<span className="break">{log.origin}</span>}
      extra={<SigningMark signing={log.signing} />}
    >
      {!log.signing && <Alert className="gap-below" type="error" showIcon title={w('ledger.stoppedHelp')} />}
      <Facts
        facts={[
          {
            label: w('ledger.size'),
            value: (
              <span className="num">
                {showCount(log.size, locale)}{' '}
                <span className="quiet">
                  ({w('ledger.published')} {showCount(log.published, locale)})
                </span>
              </span>
            ),
          },
          ...(log.publishedAt === undefined
            ? []
            : [{ label: w('ledger.publishedAt'), value: <Moment at={log.publishedAt} age /> }]),
          {
            label: w('ledger.cosigned'),
            value: log.cosignedAt === undefined ? w('ledger.notCosigned') : <Moment at={log.cosignedAt} age />,
          },
          {
            label: w('ledger.witnesses'),
            value:
              log.witnesses.length === 0 ? (
                <span className="quiet">{w('ledger.noWitness')}</span>
              ) : (
                <span className="break">{log.witnesses.join(', ')}</span>
              ),
          },
          {
            label: w('ledger.vkey'),
            value: <Id text={log.vkey} what={w('ledger.vkey')} keep={linked ? 22 : 0} />,
            wide: true,
          },
        ]}
      />
    </Panel>
  );
}
