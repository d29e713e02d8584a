import type { RecordBody } from '@pactgate/protocol';
import { severities, topicPrefix, uplinks } from '@pactgate/protocol';
import {
  type AccessRequest,
  type DecisionSample,
  joinReplays,
  type PermissionTable,
  type PermitCounters,
  type PermitRecord,
  type PolicyAnswer,
  type PolicySet,
  replay,
} from '../duties/access/index.ts';
import type { ValidateRecord } from '../duties/data/index.ts';
import type { NewRecord } from '../parties/record.ts';
import type { LiveSession } from './device-session.ts';

export const permitRecord = ({ agreement, n, body }: PermitRecord): NewRecord => ({
  agreement,
  kind: 'authz.decide',
  outcome: 'permit',
  n,
  body,
});

export const validateRecord = ({ agreement, n, body }: ValidateRecord): NewRecord => ({
  agreement,
  kind: 'msg.validate',
  outcome: body.withUndeclared === 0 && body.storedUndeclared === 0 ? 'clean' : 'excess',
  n,
  body,
});

/** Lookups that are timed in one window: tables shared by thousands of devices rarely ask the engine again. */
const timedLookups = 64;
const lookedUp = `${topicPrefix}up/version`;

/**
 * Times what the hot path does for each message, on tables of live sessions (A3.1.3 `decideWithin`): what took the
 * engine is counted when a table is made, but a table made yesterday decides today's messages by lookups.
 */
export function timeLookups(
  sessions: Iterable<Pick<LiveSession, 'table' | 'slot'>>,
  permits: Pick<PermitCounters, 'timed'>,
  monotonic: () => number,
): void {
  let left = timedLookups;
  for (const { table, slot } of sessions) {
    if (left-- <= 0) return;
    const start = monotonic();
    table.permitPublish(lookedUp);
    permits.timed(slot, [monotonic() - start]);
  }
}

/** Topics that every device may ask for: those whose decision stands in the table of each session. */
const fixedTopics: readonly string[] = [
  ...uplinks.filter(({ template }) => !template.includes('{')).map(({ template }) => template),
  ...severities.map((severity) => `up/event/${severity}`),
].map((topic) => topicPrefix + topic);

/**
 * Decisions in force, taken from the tables of live sessions until there are `wanted` samples: a quiet day has fewer
 * messages than samples are agreed, and its decisions were all made when the sessions connected.
 */
export function sampleTables(tables: Iterable<PermissionTable>, wanted: number): readonly DecisionSample[] {
  const samples: DecisionSample[] = [];
  for (const table of tables) {
    const channels = (table.subject.channels ?? []).map(({ name }) => `${topicPrefix}up/telemetry/${name}`);
    for (const topic of [...fixedTopics, ...channels]) {
      if (samples.length >= wanted) return samples;
      const request = table.requestOf(topic);
      if (request !== undefined) samples.push({ digest: table.digest, request, allow: table.permitPublish(topic).ok });
    }
  }
  return samples;
}

/** Samples replayed in one turn: a third of a millisecond each. */
export const replaySlice = 8;

/** Decides samples again, a few at a time, so that no message waits for it (A3.1.3). */
export async function replaySlowly(
  samples: readonly DecisionSample[],
  engine: {
    readonly setOf: (digest: string) => PolicySet | undefined;
    readonly decide: (set: PolicySet, request: AccessRequest) => PolicyAnswer;
  },
  turn: () => Promise<void>,
): Promise<RecordBody<'probe.authz.replay'>> {
  const parts: RecordBody<'probe.authz.replay'>[] = [];
  for (let at = 0; at < samples.length; at += replaySlice) {
    parts.push(replay(samples.slice(at, at + replaySlice), engine.setOf, engine.decide));
    await turn();
  }
  return joinReplays(parts);
}
