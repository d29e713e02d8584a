import { type DownlinkKind, downlinks, isOwnDownlinkFilter, topicPrefix } from '@pactgate/protocol';

/** Whether a filter (MQTT 4.7) may match a topic of this template, whose levels in braces stand for any one level. */
function reaches(filter: readonly string[], template: readonly string[]): boolean {
  for (let i = 0; i < filter.length; i++) {
    if (filter[i] === '#') return true;
    const level = template[i];
    if (level === undefined) return false;
    if (filter[i] !== '+' && !level.startsWith('{') && filter[i] !== level) return false;
  }
  return filter.length === template.length;
}

/** Downlinks that a filter may bring; none: it is no filter of the own downlink, or of nothing that exists. */
export function downlinksOf(filter: string): readonly DownlinkKind[] {
  if (!isOwnDownlinkFilter(filter)) return [];
  const levels = filter.slice(topicPrefix.length).split('/');
  return downlinks.filter(({ template }) => reaches(levels, template.split('/'))).map(({ kind }) => kind);
}

/** Whom a topic outside `v1/me/` names, as far as its form tells: `app/v1/{party}/{device}/...` names a party. */
export interface Addressee {
  readonly party?: string;
  readonly device?: string;
}

const word = '([A-Za-z0-9_-]{1,64})';
const forms = [
  { pattern: new RegExp(`^app/v1/${word}/${word}(/|$)`), names: ['party', 'device'] },
  { pattern: new RegExp(`^v1/sub/${word}(/|$)`), names: ['device'] },
  { pattern: new RegExp(`^v1/(?:devices/)?${word}(/|$)`), names: ['device'] },
  { pattern: new RegExp(`^devices/${word}(/|$)`), names: ['device'] },
] as const;

/** The party and device that a foreign topic names; the caller looks the device up to learn whose it is. */
export function addresseeOf(topic: string): Addressee {
  if (topic.startsWith(topicPrefix)) return {};
  for (const { pattern, names } of forms) {
    const match = pattern.exec(topic);
    if (match === null) continue;
    return Object.fromEntries(names.map((name, i) => [name, match[i + 1] ?? '']));
  }
  return {};
}
