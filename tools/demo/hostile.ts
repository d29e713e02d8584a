import { type Attack, attacks, type Expectation, type Fleet, makeImpostor, type Rogues } from '@pactgate/sim';
import { until } from '../live/process.ts';
import { type Found, recordsOf } from '../live/records.ts';
import { rogueIds } from './plan.ts';
import type { Party, World } from './world.ts';

export interface AttackOutcome {
  readonly name: string;
  readonly expected: string;
  readonly observed: string;
  /** Problem code that was recorded; null where the platform accepted the message and refused nothing. */
  readonly reasonCode: string | null;
  readonly recorded: boolean;
  readonly ok: boolean;
}

function roguesOf(fleet: Fleet, party: Party): Rogues {
  const { agreement, client } = party;
  const rogue = (name: string) => {
    const device = fleet.device(`rogue-${name}`);
    const { id, localAddress } = device.plan;
    return { device: id, localAddress, credentials: device.credentials(), sim: device };
  };
  const [chatty, flooding] = [rogue('chatty'), rogue('flood')];
  const channel = { channel: 'status' };
  return {
    plaintext: rogue('plain'),
    impostor: {
      ...makeImpostor(`pactgate://${party.plan.id}.pactgate.local/pump-001`, Date.now()),
      localAddress: '127.0.66.6',
      device: 'pump-001',
    },
    revoked: {
      ...rogue('revoked'),
      revoke: async () => {
        await client.call('revoke', { params: { agreement, device: 'rogue-revoked' }, body: { reason: 'stolen' } });
      },
    },
    foreign: { ...rogue('foreign'), other: 'pump-001' },
    undeclared: { ...chatty, ...channel, values: chatty.sim.read() },
    malformed: rogue('broken'),
    clone: { ...rogue('cloned'), elsewhere: '127.0.77.7' },
    flood: { ...flooding, ...channel, values: flooding.sim.read() },
  };
}

interface Logs {
  readonly agreement: string;
  readonly platform: string;
}

const sizes = async ({ operator }: World): Promise<ReadonlyMap<string, number>> => {
  const { items } = await operator.client.call('logs', {});
  return new Map(items.map(({ id, size }) => [id, size]));
};

const matches = ({ codes, body = {}, least = {} }: Expectation, pseudonym: string | undefined, found: Found): boolean =>
  (codes.length === 0 || codes.some((code) => code === found.body['code'])) &&
  (pseudonym === undefined || found.body['device'] === pseudonym) &&
  Object.entries(body).every(([name, value]) => found.body[name] === value) &&
  Object.entries(least).every(([name, value]) => Number(found.body[name] ?? 0) >= value);

/** Plays one attack, then looks for its traces in the ledger, from where the ledger ended before it. */
async function play(
  world: World,
  attack: Attack,
  logs: Logs,
  pseudonyms: ReadonlyMap<string, string>,
): Promise<AttackOutcome> {
  const before = await sizes(world);
  const { observed, held } = await attack.run();
  const codes = new Set<string>();
  let recorded = true;
  for (const expectation of attack.records) {
    const log = logs[expectation.log];
    const pseudonym = expectation.device === undefined ? undefined : pseudonyms.get(expectation.device);
    const found = await until(
      async () => {
        const range = { kinds: [expectation.kind], from: before.get(log) ?? 0 };
        return (await recordsOf(world.operator.client, log, range)).find((one) => matches(expectation, pseudonym, one));
      },
      { within: 15_000, every: 500 },
    );
    if (found === undefined) {
      recorded = false;
      world.progress.note(`${attack.name}: no ${expectation.kind} (${expectation.codes.join(' or ')})`);
    }
    const code = found?.body['code'];
    if (typeof code === 'string') codes.add(code);
  }
  // Of several, what the attacker was told: the others came before or after it.
  const [first = null] = codes;
  const reasonCode = [...codes].find((code) => observed.includes(code)) ?? first;
  const { name, expected } = attack;
  return { name, expected, observed, reasonCode, recorded, ok: held && recorded };
}

/** Every attack of the story, one after another. */
export async function sufferAttacks(world: World, fleet: Fleet, party: Party): Promise<readonly AttackOutcome[]> {
  const { progress, operator } = world;
  const { items } = await operator.client.call('logs', {});
  const platform = items.find(({ kind }) => kind === 'platform')?.id ?? '';
  const logs = { agreement: party.log, platform };
  const { items: devices } = await operator.client.call('devices', {
    params: { agreement: party.agreement },
    query: { limit: 500 },
  });
  const pseudonyms = new Map(devices.map(({ id, pseudonym }) => [id, pseudonym]));
  const place = {
    host: '127.0.0.1',
    mqttPort: world.platform.mqttPort,
    estPort: world.platform.devicePort,
    tripwirePort: world.platform.tripwirePort,
    rootSha256: world.platform.rootSha256,
  };
  // Until now they worked like all the others.
  await Promise.all(rogueIds.map((name) => fleet.device(`rogue-${name}`).close()));
  const outcomes: AttackOutcome[] = [];
  for (const attack of attacks(place, roguesOf(fleet, party))) {
    const outcome = await play(world, attack, logs, pseudonyms);
    outcomes.push(outcome);
    progress.held(`${outcome.name}: refused or caught, recorded`, outcome.ok, outcome.observed);
  }
  await checkPages(world, party);
  return outcomes;
}

/** Whoever was refused sees it on the page of its device, with the code; what the chatty one sent was accepted. */
async function checkPages({ progress }: World, party: Party): Promise<void> {
  for (const name of rogueIds.filter((id) => id !== 'chatty')) {
    const params = { agreement: party.agreement, device: `rogue-${name}` };
    const found = await until(
      async () => {
        const { items } = await party.client.call('refusals', { params, query: { limit: 50 } });
        return items.length > 0 ? items : undefined;
      },
      { within: 5_000, every: 250 },
    );
    const codes = [...new Set((found ?? []).map(({ code }) => code))].join(', ');
    progress.held(`rogue-${name}: its page shows why`, found !== undefined, codes);
  }
}

/** Undeclared fields never reach the store: what the chatty device sent is there without them. */
export async function checkDropped({ progress }: World, party: Party): Promise<void> {
  const params = { agreement: party.agreement, device: 'rogue-chatty' };
  const { items } = await party.client.call('telemetry', { params, query: { channel: 'status', limit: 50 } });
  const text = JSON.stringify(items);
  progress.held('its declared fields are stored, the others nowhere', items.length > 0 && !text.includes('room talk'));
}
