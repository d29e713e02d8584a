import {
  type DownlinkKind,
  downlinks,
  type ProblemCode,
  parseUplinkTopic,
  severities,
  topicPrefix,
  type UplinkRow,
  uplinks,
} from '@pactgate/protocol';
import type { AccessAction, AccessRequest, AccessResource, DeviceAttributes, Link, PolicyAnswer } from './ports.ts';
import { addresseeOf, downlinksOf } from './topics.ts';

/** A channel of the manifest in force and the greatest grade of its fields. */
export interface TableChannel {
  readonly name: string;
  readonly grade: number;
}

/** Whom a table is for. `channels` undefined: no manifest in force. */
export interface TableSubject {
  readonly device: DeviceAttributes;
  readonly link: Link;
  readonly channels: readonly TableChannel[] | undefined;
}

/** A permitted publish. `name`: channel, severity or id of the topic; empty where it has none. */
export interface Permit {
  readonly ok: true;
  readonly row: UplinkRow;
  readonly name: string;
  readonly policies: readonly string[];
}

/** A refusal with everything its record and its explanation need. */
export interface Denial {
  readonly ok: false;
  readonly code: ProblemCode;
  readonly action: AccessAction;
  /** Topic template, channel or `gateway`; `foreign` and `unknown` for topics that are none of ours. */
  readonly resource: string;
  /** Policies that decided it; none for a denial by default or before any policy. */
  readonly policies: readonly string[];
  /** Errors of the policy engine; never told to the device. */
  readonly errors: readonly string[];
  /** The topic names another party by its form. */
  readonly foreign: boolean;
}
export type Verdict = Permit | Denial;
/** Answer about the connection, a subscription or a delivery. */
export type Answer = { readonly ok: true; readonly policies: readonly string[] } | Denial;

/** Makes one decision; the table asks it once per template and channel. */
export type Decide = (action: AccessAction, resource: AccessResource) => PolicyAnswer;

/** Grade that policies see for topics that carry no declared data: what the class `internal` has. */
const internal = 1;

/** Code of a denied operation: what the device can do about it differs. */
function codeOf(answer: PolicyAnswer, subject: TableSubject, resource: AccessResource): ProblemCode {
  if (answer.errors.length > 0) return 'access/policy-error';
  const { isolation } = subject.device;
  if (isolation >= 4) return 'device/isolated';
  return isolation === 3 && resource.kind === 'ordinary' ? 'access/level' : 'access/denied';
}

const outside = (code: ProblemCode, action: AccessAction, resource: string, foreign = false): Denial => ({
  ok: false,
  code,
  action,
  resource,
  policies: [],
  errors: [],
  foreign,
});

/**
 * What one session may do, decided once (B2.2.6): a publish costs one Map lookup. Immutable; devices whose attributes
 * look the same to the policies share one table, so it holds nothing of a single device. Bounded: it knows the fixed
 * topics and the declared channels, and looks every other topic up by its form without remembering it.
 */
export class PermissionTable {
  readonly digest: string;
  readonly subject: TableSubject;
  readonly connect: Answer;
  readonly #publish = new Map<string, Verdict>();
  readonly #templates = new Map<UplinkRow, Answer>();
  readonly #subscribe = new Map<DownlinkKind, Answer>();
  readonly #receive = new Map<DownlinkKind, Answer>();

  constructor(digest: string, subject: TableSubject, decide: Decide) {
    this.digest = digest;
    this.subject = subject;
    const owner = subject.device.party;
    const ask = (action: AccessAction, resource: Omit<AccessResource, 'owner'>): Answer => {
      const whole = { ...resource, owner };
      const answer = decide(action, whole);
      if (answer.allow && answer.errors.length === 0) return { ok: true, policies: answer.policies };
      const { policies, errors } = answer;
      const code = codeOf(answer, subject, whole);
      return { ok: false, code, action, resource: resource.id, policies, errors, foreign: false };
    };
    // Connecting is part of the lifeline: without it level 3 would leave nothing.
    this.connect = ask('connect', { id: 'gateway', kind: 'lifeline', dataClass: internal });
    for (const row of uplinks) {
      if (row.kind === 'telemetry') continue;
      this.#templates.set(row, ask('publish', { id: row.template, kind: row.ladder, dataClass: internal }));
    }
    for (const { kind, template, ladder } of downlinks) {
      const resource = { id: template, kind: ladder, dataClass: internal };
      this.#subscribe.set(kind, ask('subscribe', resource));
      this.#receive.set(kind, ask('receive', resource));
    }
    this.#fill(ask);
  }

  /** Topics that have no open level, every severity, every declared channel. */
  #fill(ask: (action: AccessAction, resource: Omit<AccessResource, 'owner'>) => Answer): void {
    for (const { name, grade } of this.subject.channels ?? []) {
      const id = `up/telemetry/${name}`;
      const row = parseUplinkTopic(topicPrefix + id)?.row;
      if (row === undefined) continue;
      const answer = ask('publish', { id, kind: row.ladder, dataClass: grade });
      this.#publish.set(topicPrefix + id, answer.ok ? { ...answer, row, name } : answer);
    }
    const fixed = uplinks.filter(({ template }) => !template.includes('{')).map(({ template }) => template);
    for (const topic of [...fixed, ...severities.map((severity) => `up/event/${severity}`)])
      this.#publish.set(topicPrefix + topic, this.#look(topicPrefix + topic));
  }

  /** Verdict on a publish topic; any text. */
  permitPublish(topic: string): Verdict {
    return this.#publish.get(topic) ?? this.#look(topic);
  }

  #look(topic: string): Verdict {
    const known = parseUplinkTopic(topic);
    if (known === undefined) return this.#unknown(topic);
    const answer = this.#templates.get(known.row);
    // Telemetry topics stand in the first Map, unless their channel is not declared.
    if (answer === undefined) {
      const code = this.subject.channels === undefined ? 'data/manifest-missing' : 'data/channel-undeclared';
      return outside(code, 'publish', known.row.template);
    }
    return answer.ok ? { ...answer, row: known.row, name: known.name ?? '' } : answer;
  }

  #unknown(topic: string): Denial {
    if (topic.startsWith(topicPrefix)) return outside('access/topic-unknown', 'publish', 'unknown');
    const { party } = addresseeOf(topic);
    const foreign = party !== undefined && party !== this.subject.device.party;
    return outside('access/topic-foreign', 'publish', 'foreign', foreign);
  }

  /** A filter is permitted when at least one thing it may bring is; each delivery is decided by itself. */
  permitSubscribe(filter: string): Answer {
    const kinds = downlinksOf(filter);
    const answers = kinds.flatMap((kind) => this.#subscribe.get(kind) ?? []);
    const permitted = answers.find(({ ok }) => ok);
    if (permitted !== undefined) return permitted;
    if (answers[0] !== undefined) return answers[0];
    return filter.startsWith(`${topicPrefix}dn/`)
      ? outside('access/topic-unknown', 'subscribe', 'unknown')
      : outside('access/topic-foreign', 'subscribe', 'foreign');
  }

  permitReceive(kind: DownlinkKind): Answer {
    return this.#receive.get(kind) ?? outside('access/topic-unknown', 'receive', 'unknown');
  }

  /** The request behind a verdict on a publish topic, for replay; undefined when no policy was asked. */
  requestOf(topic: string): AccessRequest | undefined {
    const known = parseUplinkTopic(topic);
    if (known === undefined) return undefined;
    const { device, link } = this.subject;
    const channel = this.subject.channels?.find(({ name }) => name === known.name);
    const telemetry = known.row.kind === 'telemetry';
    if (telemetry && channel === undefined) return undefined;
    const id = telemetry ? `up/telemetry/${known.name ?? ''}` : known.row.template;
    const dataClass = telemetry ? (channel?.grade ?? internal) : internal;
    const resource = { id, owner: device.party, kind: known.row.ladder, dataClass };
    return { device, action: 'publish', resource, link };
  }
}
