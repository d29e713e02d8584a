import { App, Button, Form, Input, Steps } from 'antd';
import type { ReactElement } from 'react';
import { Link, useParams } from 'react-router';
import { useAgreementId } from '../../app/agreement.ts';
import type { Answer } from '../../app/api.ts';
import { liveMs } from '../../app/bounds.ts';
import { useWords, type Words } from '../../app/i18n.ts';
import { recordAddress } from '../../app/log-id.ts';
import { useMay } from '../../app/me.tsx';
import { useAct, useAsk } from '../../app/query.ts';
import { Facts, Page, Panel } from '../../parts/page.tsx';
import { FormProblem, Load } from '../../parts/states.tsx';
import { Moment } from '../../parts/time.tsx';
import { useAgreement } from '../agreement/frame.tsx';
import { type IncidentState, IncidentStateMark, SeverityMark } from './marks.tsx';
import { incidentName, stepName, summaryIn } from './names.ts';

type Incident = Answer<'incident'>['incident'];
type Timeline = Answer<'incident'>['timeline'];

/** One incident: what happened, in order, and what is to be done next. */
export function IncidentPage(): ReactElement {
  const words = useWords();
  const { w } = words;
  const agreement = useAgreementId();
  const { incident = '' } = useParams();
  const may = useMay();
  const query = useAsk('incident', { params: { agreement, incident } }, { every: liveMs });
  const found = query.data?.incident;
  return (
    <Page
      title={found === undefined ? w('nav.incidents') : titleOf(found, words)}
      up={{ to: `/a/${agreement}/incidents`, text: w('nav.incidents') }}
      marks={
        found && (
          <>
            <SeverityMark severity={found.severity} />
            <IncidentStateMark state={found.state} />
          </>
        )
      }
    >
      <Load query={query}>
        {(data) => (
          <>
            <Overview incident={data.incident} />
            {may('moveIncident') && <NextStep agreement={agreement} incident={data.incident} />}
            <TimelinePanel incident={data.incident} timeline={data.timeline} />
          </>
        )}
      </Load>
    </Page>
  );
}

function titleOf({ type, device }: Incident, { w, locale }: Words): string {
  const name = incidentName(type, locale);
  return device === undefined ? name : w('incident.title', { type: name, device });
}

const order = ['reported', 'confirmed', 'contained', 'closed'] as const;

function Overview({ incident }: { readonly incident: Incident }): ReactElement {
  const { w, locale } = useWords();
  const at: Readonly<Record<IncidentState, number | undefined>> = {
    reported: incident.openedAt,
    confirmed: incident.confirmedAt,
    contained: incident.containedAt,
    closed: incident.closedAt,
  };
  return (
    <Panel>
      <Steps
        size="small"
        className="gap-below"
        current={order.indexOf(incident.state) + 1}
        items={order.map((state) => ({
          title: w(`incident.state.${state}`),
          content: at[state] === undefined ? undefined : <Moment at={at[state]} />,
        }))}
      />
      <Facts
        facts={[
          {
            label: w('incident.type'),
            value: (
              <span className="said">
                {incidentName(incident.type, locale)} <code className="quiet">{incident.type}</code>
              </span>
            ),
          },
          { label: w('incident.reports'), value: incident.reports },
          {
            label: w('incident.device'),
            value:
              incident.device === undefined ? (
                '—'
              ) : (
                <Link to={`/a/${incident.agreement}/devices/${incident.device}`}>{incident.device}</Link>
              ),
          },
          { label: w('incident.summary'), value: summaryIn(incident, locale), wide: true },
        ]}
      />
    </Panel>
  );
}

const nextOf = { reported: 'confirm', confirmed: 'contain', contained: 'close' } as const;

interface NextStepProps {
  readonly agreement: string;
  readonly incident: Incident;
}

function NextStep({ agreement, incident }: NextStepProps): ReactElement {
  const { w } = useWords();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ note: string }>();
  const move = useAct('moveIncident', ['incident', 'incidents', 'board']);
  if (incident.state === 'closed')
    return (
      <Panel>
        <p className="quiet">{w('incident.done')}</p>
      </Panel>
    );
  const step = nextOf[incident.state];
  const submit = ({ note }: { readonly note: string }): void =>
    move.mutate(
      { params: { agreement, incident: incident.id }, body: { step, note: note.trim() } },
      {
        onSuccess: () => {
          form.resetFields();
          void message.success(w('incident.moved'));
        },
      },
    );
  return (
    <Panel title={w('incident.stepTitle')} note={w(`incident.${step}Help`)}>
      <Form<{ note: string }> form={form} layout="vertical" requiredMark={false} onFinish={submit}>
        <Form.Item
          name="note"
          label={w('incident.note')}
          extra={w('incident.noteHelp')}
          rules={[{ required: true, whitespace: true, message: w('common.required') }]}
        >
          <Input.TextArea rows={2} maxLength={2_000} />
        </Form.Item>
        <FormProblem error={move.error} />
        <div className="row">
          <Button type="primary" htmlType="submit" loading={move.isPending}>
            {w(`incident.step.${step}`)}
          </Button>
          {step === 'contain' && incident.device !== undefined && (
            <Link to={`/a/${agreement}/devices/${incident.device}`}>{w('incident.toDevice')}</Link>
          )}
        </div>
      </Form>
    </Panel>
  );
}

interface TimelineProps {
  readonly incident: Incident;
  readonly timeline: Timeline;
}

function TimelinePanel({ incident, timeline }: TimelineProps): ReactElement {
  const { w, say, locale } = useWords();
  const { summary } = useAgreement();
  // The first entry ends with the summary.
  const textOf = ({ kind, text }: Timeline[number]): string =>
    kind === 'opened' ? say(text).replace(incident.summary, () => summaryIn(incident, locale)) : say(text);
  return (
    <Panel title={w('incident.timeline')}>
      <ol className="timeline">
        {timeline.map((entry) => (
          <li key={`${entry.at} ${entry.kind} ${entry.index ?? ''} ${entry.text.en}`}>
            <Moment at={entry.at} />
            <div>
              <div className="break">{textOf(entry)}</div>
              <span className="row quiet">
                <span title={entry.kind}>{stepName(entry.kind, locale)}</span>
                {entry.index !== undefined && (
                  <Link to={recordAddress(summary.origin, entry.index)}>
                    {w('duty.record', { index: entry.index })}
                  </Link>
                )}
              </span>
            </div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
