import type { FleetDevice } from '@pactgate/sim';
import { http } from '../live/api.ts';
import { eventsOf, type Found, recordsOf } from '../live/records.ts';
import type { Party, World } from './world.ts';

export interface Counts {
  /** Positive acknowledgements sent, by the platform's own count. */
  readonly accepted: number;
  /** Rows of telemetry and records of control messages found in the store and the ledgers. */
  readonly storedDurably: number;
  /** Refusals in the ledgers. */
  readonly refused: number;
  readonly fieldsDropped: number;
}

/** Control messages leave a record each; those of a kind whose arrival the ledger shows. */
const controlKinds = [
  'version.report',
  'device.ports.report',
  'incident.selftest',
  'incident.report',
  'command.result',
];
const refusalKinds = ['session.reject', 'msg.refuse', 'gate.limit', 'probe.plaintext.hit'];

async function metric({ server }: World, name: string): Promise<number> {
  const { body } = await http(server, { method: 'GET', path: '/metrics' });
  const line = new RegExp(`^${name} (\\S+)$`, 'm').exec(body.toString('utf8'));
  return Number(line?.[1] ?? Number.NaN);
}

/** Rows of telemetry in the store, counted device by device through the export of the API. */
async function rowsOf(party: Party, devices: readonly FleetDevice[]): Promise<number> {
  let rows = 0;
  for (const { id, model } of devices) {
    const params = { agreement: party.agreement, device: id };
    const query = { channel: model.channel, format: 'json' as const };
    const text = new TextDecoder().decode(await party.client.call('exportTelemetry', { params, query }));
    rows += (JSON.parse(text) as readonly unknown[]).length;
  }
  return rows;
}

const isDenied = ({ kind, outcome }: Found): boolean => kind === 'authz.decide' && outcome === 'deny';

/** Counts from metrics, store and ledgers; never from what the simulator believes. */
export async function countAll(
  world: World,
  parties: readonly Party[],
  devices: readonly FleetDevice[],
): Promise<Counts> {
  const { operator } = world;
  const { items } = await operator.client.call('logs', {});
  const records: Found[] = [];
  for (const { id, kind } of items)
    if (kind !== 'master')
      records.push(
        ...(await recordsOf(operator.client, id, {
          kinds: [...controlKinds, ...refusalKinds, 'authz.decide', 'msg.validate'],
        })),
      );
  // Read before the rows: whatever was acknowledged until now must be found below.
  const accepted = await metric(world, 'pactgate_messages_accepted_total');
  let rows = 0;
  for (const party of parties)
    rows += await rowsOf(
      party,
      devices.filter((device) => device.party === party.plan.id),
    );
  const control = records.filter(({ kind }) => controlKinds.includes(kind));
  const refused = records.filter((record) => refusalKinds.includes(record.kind) || isDenied(record));
  const dropped = records
    .filter(({ kind }) => kind === 'msg.validate')
    .flatMap(({ body }) => (Array.isArray(body['undeclared']) ? (body['undeclared'] as { count: number }[]) : []))
    .reduce((sum, { count }) => sum + count, 0);
  return {
    accepted,
    storedDurably: rows + eventsOf(control),
    refused: refused.reduce((sum, { n, body }) => sum + Math.max(n, Number(body['count'] ?? 1)), 0),
    fieldsDropped: dropped,
  };
}
