import type { LadderKind } from './ladder.ts';

/** Severities of a device's security report, in the path of `up/event/{severity}` (clause 2.6). */
export const severities = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof severities)[number];

export const topicPrefix = 'v1/me/';
/** Channel names, command and notice ids share the alphabet of device ids. */
const word = '[A-Za-z0-9_-]{1,64}';

export type UplinkKind =
  | 'telemetry'
  | 'event'
  | 'state'
  | 'version'
  | 'command-accepted'
  | 'command-result'
  | 'notice-ack'
  | 'ports'
  | 'selftest';
export interface UplinkRow {
  readonly kind: UplinkKind;
  readonly pattern: RegExp;
  readonly template: string;
  readonly ladder: LadderKind;
  readonly clause: string;
}

/** Every topic a device may publish to, without the prefix `v1/me/`. What is not here does not exist. */
export const uplinks: readonly UplinkRow[] = [
  {
    kind: 'telemetry',
    pattern: new RegExp(`^up/telemetry/(${word})$`),
    template: 'up/telemetry/{channel}',
    ladder: 'ordinary',
    clause: '2.4',
  },
  {
    kind: 'event',
    pattern: new RegExp(`^up/event/(${severities.join('|')})$`),
    template: 'up/event/{severity}',
    ladder: 'lifeline',
    clause: '2.6',
  },
  { kind: 'state', pattern: /^up\/state$/, template: 'up/state', ladder: 'ordinary', clause: '2.3' },
  { kind: 'version', pattern: /^up\/version$/, template: 'up/version', ladder: 'lifeline', clause: '2.5' },
  { kind: 'ports', pattern: /^up\/evidence\/ports$/, template: 'up/evidence/ports', ladder: 'lifeline', clause: '2.3' },
  {
    kind: 'selftest',
    pattern: /^up\/evidence\/selftest$/,
    template: 'up/evidence/selftest',
    ladder: 'lifeline',
    clause: '2.6',
  },
  {
    kind: 'command-accepted',
    pattern: new RegExp(`^up/cmd/(${word})/accepted$`),
    template: 'up/cmd/{id}/accepted',
    ladder: 'ordinary',
    clause: '3.6',
  },
  {
    kind: 'command-result',
    pattern: new RegExp(`^up/cmd/(${word})/result$`),
    template: 'up/cmd/{id}/result',
    ladder: 'ordinary',
    clause: '3.6',
  },
  {
    kind: 'notice-ack',
    pattern: new RegExp(`^up/notice/(${word})/ack$`),
    template: 'up/notice/{id}/ack',
    ladder: 'lifeline',
    clause: '3.5',
  },
];

export interface UplinkTopic {
  readonly row: UplinkRow;
  /** The variable level: channel, severity or id; absent where the topic has none. */
  readonly name?: string;
}

/** Splits a publish topic; `undefined`: not one of a device's own uplink topics. */
export function parseUplinkTopic(topic: string): UplinkTopic | undefined {
  if (!topic.startsWith(topicPrefix)) return undefined;
  const rest = topic.slice(topicPrefix.length);
  for (const row of uplinks) {
    const match = row.pattern.exec(rest);
    if (match) return match[1] === undefined ? { row } : { row, name: match[1] };
  }
  return undefined;
}

export type DownlinkKind = 'cmd' | 'config' | 'policy' | 'notice';
export interface DownlinkRow {
  readonly kind: DownlinkKind;
  readonly template: string;
  readonly ladder: LadderKind;
}
/** What a device may receive, all below `v1/me/dn/`. */
export const downlinks: readonly DownlinkRow[] = [
  { kind: 'cmd', template: 'dn/cmd/{id}', ladder: 'ordinary' },
  { kind: 'config', template: 'dn/config', ladder: 'lifeline' },
  { kind: 'policy', template: 'dn/policy', ladder: 'lifeline' },
  { kind: 'notice', template: 'dn/notice/{id}', ladder: 'lifeline' },
];

/** A filter of a device's own downlink: `v1/me/dn/#` or below it, never above and never with a shared prefix. */
export const isOwnDownlinkFilter = (filter: string): boolean =>
  filter.startsWith(`${topicPrefix}dn/`) && filter.length <= 256 && filter.split('/').length <= 8;
