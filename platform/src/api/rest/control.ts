import { Problem } from '@pactgate/protocol';
import type { Device } from '../../duties/identity/index.ts';
import type { Certificates } from '../../flow/certificates.ts';
import type { Commands } from '../../flow/command.ts';
import type { Isolation } from '../../flow/isolate.ts';
import type { CommandRow, CommandStore } from '../../flow/ports.ts';
import { type Clock, instant, minutes, seconds } from '../../kernel/time.ts';
import type { Handlers } from '../context.ts';

export interface ControlRestParts<Tx> {
  readonly commands: Commands;
  readonly store: CommandStore<Tx>;
  readonly isolation: Isolation;
  readonly certificates: Certificates;
  readonly deviceOf: (agreement: string, device: string) => Device;
  /** Signs and publishes a new list and makes tickets worthless. */
  readonly revoked: (device: Device) => Promise<void>;
  readonly clock: Clock;
}

type Names = 'sendCommand' | 'commands' | 'command' | 'isolate' | 'revoke';
type Shown = Awaited<ReturnType<Handlers['command']>>;

const toShown = (row: CommandRow): Shown => ({
  id: row.id,
  name: row.name,
  state: row.state,
  createdAt: row.createdAt,
  deadline: row.deadline,
  ...(row.deliveredAt === undefined ? {} : { deliveredAt: row.deliveredAt }),
  ...(row.finishedAt === undefined ? {} : { finishedAt: row.finishedAt }),
  ...(row.result === undefined ? {} : { result: JSON.parse(row.result) as unknown }),
  by: row.by,
});

const defaultDeadline = 300;

/** Commands, isolation and revocation over REST (clause 3.6). */
export function controlHandlers<Tx>(parts: ControlRestParts<Tx>): Pick<Handlers, Names> {
  return {
    sendCommand: async ({ caller }, { params, body }) => {
      const { agreement, id } = parts.deviceOf(params.agreement, params.device);
      const row = await parts.commands.send(
        { agreement, device: id },
        {
          name: body.name,
          payload: JSON.stringify(body.payload ?? {}),
          deadline: seconds(body.deadlineSeconds ?? defaultDeadline),
          by: caller.id,
        },
      );
      return toShown(row);
    },
    commands: async (_, { params, query }) => {
      parts.deviceOf(params.agreement, params.device);
      const page = { limit: query.limit ?? 50, ...(query.after === undefined ? {} : { after: query.after }) };
      const { items, next } = await parts.store.commands(params, page);
      return { items: items.map(toShown), ...(next === undefined ? {} : { next }) };
    },
    command: async (_, { params }) => {
      const row = await parts.store.command(params.command);
      if (row?.agreement !== params.agreement || row.device !== params.device)
        throw new Problem('request/not-found', 'no such command');
      return toShown(row);
    },
    isolate: async ({ caller }, { params, body }) => {
      const { agreement, id } = parts.deviceOf(params.agreement, params.device);
      const until = body.minutes === undefined ? {} : { until: instant(parts.clock.now() + minutes(body.minutes)) };
      const level = body.level as 0 | 1 | 2 | 3 | 4; // bounds are the schema's
      return parts.isolation.order({ agreement, device: id }, { level, reason: body.reason, by: caller.id, ...until });
    },
    revoke: async (_, { params, body }) => {
      const device = parts.deviceOf(params.agreement, params.device);
      const { revoked, connectionsCut } = await parts.certificates.revoke(device, body.reason);
      await parts.revoked(device);
      return { revoked, connectionsCut };
    },
  };
}
