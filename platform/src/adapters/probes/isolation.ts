import { type IsolationLevel, isPermittedAt, type LadderKind, type RecordBody } from '@pactgate/protocol';
import type { Door } from './doors.ts';
import type { Guise } from './est.ts';
import type { Place } from './https.ts';
import { connectMqtt, type ProbeClient } from './mqtt.ts';

export interface IsolationTarget {
  readonly place: Place;
  /** Further listeners, tried with the certificate alone. */
  readonly doors: readonly Door[];
  readonly guise: Guise;
  readonly pseudonym: string;
  /** Channel of telemetry that the model declares. */
  readonly channel: string;
  /** Sets the level through the same order that people give; resolves when it is in force. */
  order(level: IsolationLevel): Promise<void>;
}

/** An operation, by what it needs of the ladder. */
interface Operation {
  readonly name: string;
  readonly ladder: LadderKind;
  /** Whether it was let through. */
  run(client: ProbeClient): Promise<boolean>;
}

const operations = (channel: string): readonly Operation[] => [
  {
    name: 'publish up/version',
    ladder: 'lifeline',
    run: async (client) => (await client.publish('v1/me/up/version', versionReport)) < 0x80,
  },
  {
    name: `publish up/telemetry/${channel}`,
    ladder: 'ordinary',
    run: async (client) => (await client.publish(`v1/me/up/telemetry/${channel}`, '{"probe":1}')) < 0x80,
  },
  {
    name: 'subscribe dn/cmd/+',
    ladder: 'ordinary',
    run: async (client) => (await client.subscribe('v1/me/dn/cmd/+')) < 0x80,
  },
];

const versionReport = JSON.stringify({ v: 1, firmware: '1' });

type Ladder = Pick<RecordBody<'probe.isolation'>, 'permitted' | 'forbidden' | 'leaks' | 'blocked'>;

/** Notes an operation by what the level says of it and what came of it. */
function note(ladder: Ladder, name: string, isPermitted: boolean, passed: boolean): void {
  (isPermitted ? ladder.permitted : ladder.forbidden).push(name);
  if (isPermitted && !passed) ladder.blocked.push(name);
  if (!isPermitted && passed) ladder.leaks.push(name);
}

/**
 * Isolates the probe's device at a level through the ordinary order and tries what the level allows and what it
 * forbids (A3.6.2); then releases it, whatever happened. Once the device was let in everything is tried, so a leak at the
 * door shows how far it goes.
 */
export async function probeIsolation(
  target: IsolationTarget,
  level: IsolationLevel,
): Promise<RecordBody<'probe.isolation'>> {
  const ladder: Ladder = { permitted: [], forbidden: [], leaks: [], blocked: [] };
  await target.order(level);
  try {
    await tryAll(target, level, ladder);
  } finally {
    await target.order(0);
  }
  return { level, device: target.pseudonym, ...ladder };
}

async function tryAll(target: IsolationTarget, level: IsolationLevel, ladder: Ladder): Promise<void> {
  const { guise, place, channel, doors } = target;
  const { device, credentials } = guise;
  const attempt = await connectMqtt(place, { clientId: device, credentials });
  // Connecting is part of the lifeline: without it level 3 would leave nothing.
  note(ladder, 'connect mqtts', isPermittedAt('lifeline', level), attempt.kind === 'open');
  for (const door of doors) {
    const { refused } = await door.knock(guise);
    note(ladder, `connect ${door.listener}`, isPermittedAt('lifeline', level), !refused);
  }
  if (attempt.kind !== 'open') return;
  const { client } = attempt;
  for (const { name, ladder: kind, run } of operations(channel))
    note(ladder, name, isPermittedAt(kind, level), await run(client));
  await client.end();
}
