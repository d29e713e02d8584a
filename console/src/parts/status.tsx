import { isolationLevels } from '@pactgate/protocol';
import { Tooltip } from 'antd';
import type { ReactElement, ReactNode } from 'react';
import type { Answer } from '../app/api.ts';
import { useWords } from '../app/i18n.ts';
import type { Word } from '../texts/words.ts';
import { Icon, type IconName } from './icons.tsx';
import type { Status } from './statuses.ts';

interface Look {
  readonly icon: IconName;
  readonly word: Word;
  /** What the status means, in a sentence. */
  readonly help: Word;
  /** Colour of text, and of bars; 4.5:1 on white at least. */
  readonly color: string;
}

/** Colour, icon and word: none of them has to carry the meaning alone. */
export const looks: Readonly<Record<Status, Look>> = {
  met: { icon: 'checkCircle', word: 'status.met', help: 'status.metHelp', color: '#17784a' },
  'at-risk': { icon: 'alert', word: 'status.atRisk', help: 'status.atRiskHelp', color: '#9a5b00' },
  breached: { icon: 'crossOctagon', word: 'status.breached', help: 'status.breachedHelp', color: '#b3261e' },
  unknown: { icon: 'question', word: 'status.unknown', help: 'status.unknownHelp', color: '#5a5f73' },
  'n/a': { icon: 'minus', word: 'status.na', help: 'status.naHelp', color: '#6b7480' },
  waived: { icon: 'pause', word: 'status.waived', help: 'status.waivedHelp', color: '#2c5fa8' },
  'not-implemented': { icon: 'dashed', word: 'status.none', help: 'status.noneHelp', color: '#6b7480' },
};

export function StatusMark({ status }: { readonly status: Status }): ReactElement {
  const { w } = useWords();
  const { icon, word, help } = looks[status];
  return (
    <Tooltip title={w(help)}>
      <span className={`mark mark-${status.replace('/', '')}`}>
        <Icon name={icon} size={14} />
        {w(word)}
      </span>
    </Tooltip>
  );
}

export type Tone = 'good' | 'warn' | 'bad' | 'calm' | 'info';

/** A small word with a colour and, where it matters, an icon. */
export function Tag({
  tone,
  icon,
  children,
}: {
  readonly tone: Tone;
  readonly icon?: IconName;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <span className={`tag tag-${tone}`}>
      {icon && <Icon name={icon} size={12} />}
      {children}
    </span>
  );
}

type State = Answer<'agreements'>['items'][number]['state'];
const agreementLooks: Readonly<Record<State, readonly [Tone, IconName, Word]>> = {
  draft: ['calm', 'dashed', 'agreement.draft'],
  offered: ['info', 'clock', 'agreement.offered'],
  'signed-by-one': ['warn', 'clock', 'agreement.signedByOne'],
  'in-force': ['good', 'checkCircle', 'agreement.inForce'],
  suspended: ['bad', 'pause', 'agreement.suspended'],
  ended: ['calm', 'minus', 'agreement.ended'],
};
export function AgreementMark({ state }: { readonly state: State }): ReactElement {
  const { w } = useWords();
  const [tone, icon, word] = agreementLooks[state];
  return (
    <Tag tone={tone} icon={icon}>
      {w(word)}
    </Tag>
  );
}

type Level = (typeof isolationLevels)[number];
const levelTones: Readonly<Record<Level['level'], Tone>> = {
  0: 'calm',
  1: 'info',
  2: 'warn',
  3: 'warn',
  4: 'bad',
  5: 'bad',
};
export const levelOf = (level: number): Level =>
  isolationLevels.find((row) => row.level === level) ?? isolationLevels[0];

export function LevelMark({ level }: { readonly level: number }): ReactElement {
  const { locale } = useWords();
  const row = levelOf(level);
  return (
    <Tag tone={levelTones[row.level]} {...(row.level > 1 ? { icon: 'lock' as const } : {})}>
      {row.level} · {row[locale]}
    </Tag>
  );
}

/** A dot and a word. */
export function OnlineMark({ online }: { readonly online: boolean }): ReactElement {
  const { w } = useWords();
  return (
    <span className={online ? 'online' : 'offline'}>
      <span className="dot" aria-hidden="true" />
      {online ? w('device.online') : w('device.offline')}
    </span>
  );
}
