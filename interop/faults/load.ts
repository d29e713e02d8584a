import { Problem } from '@pactgate/protocol';
import { connectJs, telemetryTopic } from '../clients.ts';
import type { Enrolled } from '../devices.ts';
import type { Ready } from '../platform.ts';

/** What the platform said yes to while it was under load: nothing of this may be missing afterwards. */
export interface Acknowledged {
  /** Numbers of acknowledged messages, per device. */
  readonly messages: ReadonlyMap<string, ReadonlySet<number>>;
  readonly commands: readonly string[];
  readonly orders: readonly { readonly order: string; readonly device: string; readonly level: number }[];
  readonly registered: readonly string[];
  /** Refusals with a problem code, counted: the platform may say no, and loses nothing by it. */
  readonly refused: ReadonlyMap<string, number>;
}

export interface Load {
  readonly acknowledged: Acknowledged;
  /** Messages acknowledged so far, over all devices. */
  readonly count: () => number;
  /** Stops sending; resolves when every call has come to an end. */
  stop(): Promise<void>;
}

const batch = 8;
const batchMs = 100;
const mostInFlight = 16;

/** Messages carry their number as a reading; numbers grow over all rounds, so each one names one message. */
const payloadOf = (number: number): string =>
  JSON.stringify({ temperature: 20, pressure: 1, vibration: 0, running: true, site: `n${number}` });
export const numberOf = (values: Readonly<Record<string, unknown>>): number => Number(String(values['/site']).slice(1));

interface Counters {
  readonly messages: Map<string, Set<number>>;
  readonly commands: string[];
  readonly orders: { readonly order: string; readonly device: string; readonly level: number }[];
  readonly registered: string[];
  readonly refused: Map<string, number>;
  next: number;
  running: boolean;
}

const refusedWith = ({ refused }: Counters, code: string): void => void refused.set(code, (refused.get(code) ?? 0) + 1);

/** One device that sends bursts of QoS 1 messages until its connection ends or the load stops. */
async function send(ready: Ready, device: Enrolled, counters: Counters): Promise<void> {
  const client = await connectJs(ready, device);
  const acknowledged = counters.messages.get(device.id) ?? new Set<number>();
  counters.messages.set(device.id, acknowledged);
  const ended = Promise.withResolvers<void>();
  client.on('close', () => ended.resolve());
  let inFlight = 0;
  const timer = setInterval(() => {
    if (!counters.running) return ended.resolve();
    // MQTT.js does not keep to the Receive Maximum of the CONNACK by itself.
    for (let i = 0; i < batch && inFlight < mostInFlight; i++) {
      const number = counters.next++;
      inFlight++;
      client.publish(telemetryTopic, payloadOf(number), { qos: 1 }, (error) => {
        inFlight--;
        if (!error) acknowledged.add(number);
        else if ('code' in error) refusedWith(counters, `PUBACK ${String(error.code)}`);
      });
    }
    return undefined;
  }, batchMs);
  await ended.promise;
  clearInterval(timer);
  client.end(true);
}

/** Repeats a call of an operator until the load stops or the platform is gone; refusals with a code are counted. */
async function operate(counters: Counters, call: (turn: number) => Promise<void>): Promise<void> {
  for (let turn = 0; counters.running; turn++) {
    try {
      await call(turn);
    } catch (error) {
      if (!(error instanceof Problem)) return; // the platform went away
      refusedWith(counters, error.code);
      await new Promise((resolve) => void setTimeout(resolve, 20));
    }
  }
}

/**
 * Load on everything at once: telemetry of some devices, commands and isolation orders for others, registrations.
 *
 * @param first number of the first message; tag of this load's new device ids
 */
export function startLoad(
  ready: Ready,
  devices: readonly Enrolled[],
  { first, tag }: { readonly first: number; readonly tag: string },
): Load {
  const [party] = ready.parties;
  const counters: Counters = {
    messages: new Map(),
    commands: [],
    orders: [],
    registered: [],
    refused: new Map(),
    next: first,
    running: true,
  };
  const { agreement } = party;
  const [calm = 'none', ...senders] = devices.map(({ id }) => id);
  const loads = [
    ...devices
      .filter(({ id }) => senders.includes(id))
      .map((device) => send(ready, device, counters).catch(() => undefined)),
    operate(counters, async () => {
      const params = { agreement, device: calm };
      const { id } = await party.admin.client.call('sendCommand', {
        params,
        body: { name: 'note', deadlineSeconds: 3_600 },
      });
      counters.commands.push(id);
    }),
    operate(counters, async (turn) => {
      const level = 1 - (turn % 2);
      const body = { level, reason: `round ${tag} turn ${turn}` };
      const { order } = await ready.admin.client.call('isolate', { params: { agreement, device: calm }, body });
      counters.orders.push({ order, device: calm, level });
    }),
    operate(counters, async (turn) => {
      const id = `r-${tag}-${turn}`;
      await party.engineer.client.call('registerDevices', {
        params: { agreement },
        body: { devices: [{ id, model: 'pump-2' }] },
      });
      counters.registered.push(id);
    }),
  ];
  return {
    acknowledged: counters,
    count: () => [...counters.messages.values()].reduce((sum, { size }) => sum + size, 0),
    stop: async () => {
      counters.running = false;
      await Promise.all(loads);
    },
  };
}
