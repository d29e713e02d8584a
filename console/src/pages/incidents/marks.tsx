import { type Severity, severities } from '@pactgate/protocol';
import type { ReactElement } from 'react';
import type { Answer } from '../../app/api.ts';
import { useWords } from '../../app/i18n.ts';
import { Tag, type Tone } from '../../parts/status.tsx';

const severityTones: Readonly<Record<Severity, Tone>> = {
  info: 'calm',
  low: 'info',
  medium: 'warn',
  high: 'bad',
  critical: 'bad',
};
const isSeverity = (text: string): text is Severity => severities.some((each) => each === text);

export function SeverityMark({ severity }: { readonly severity: string }): ReactElement {
  const { w } = useWords();
  if (!isSeverity(severity)) return <Tag tone="calm">{severity}</Tag>;
  return (
    <Tag tone={severityTones[severity]} {...(severity === 'critical' ? { icon: 'alert' as const } : {})}>
      {w(`incident.severity.${severity}`)}
    </Tag>
  );
}

export type IncidentState = Answer<'incidents'>['items'][number]['state'];
const stateTones: Readonly<Record<IncidentState, Tone>> = {
  reported: 'warn',
  confirmed: 'bad',
  contained: 'info',
  closed: 'calm',
};
export function IncidentStateMark({ state }: { readonly state: IncidentState }): ReactElement {
  const { w } = useWords();
  return <Tag tone={stateTones[state]}>{w(`incident.state.${state}`)}</Tag>;
}
