import { Problem, topicPrefix } from '@pactgate/protocol';
import type { Bus } from '../kernel/bus.ts';
import { type RandomBytes, uuidv7 } from '../kernel/ids.ts';
import { type Clock, type Duration, type Instant, later, seconds } from '../kernel/time.ts';
import type { Transact } from '../kernel/transact.ts';
import type { DeliverOutcome, DeliveryResult, DownlinkMessage } from './gateway-port.ts';
import type { CommandRow, CommandState, CommandStore, DeviceRef } from './ports.ts';
import type { Recorder } from './recorder.ts';

export interface CommandParts<Tx> {
  readonly store: CommandStore<Tx>;
  readonly recorder: Recorder<Tx>;
  readonly transact: Transact<Tx>;
  readonly random: RandomBytes;
  readonly clock: Clock;
  readonly bus: Bus;
  /** Party and pseudonym of a device; throws `device/unknown`, `device/isolated` where it may not be commanded. */
  readonly target: (device: DeviceRef) => Promise<{ readonly party: string; readonly pseudonym: string }>;
  readonly deliver: (
    party: string,
    device: string,
    message: DownlinkMessage,
    onAck: (result: DeliveryResult) => void,
  ) => DeliverOutcome;
  /** An error that has no caller: logged, never thrown. */
  readonly failed: (error: unknown) => void;
}

export interface Commands {
  send(
    device: DeviceRef,
    command: { readonly name: string; readonly payload: string; readonly deadline: Duration; readonly by: string },
  ): Promise<CommandRow>;
  /** Delivers what waits for a device that is there. */
  deliverWaiting(device: DeviceRef): Promise<void>;
  /** The device's word on a command; unknown or closed commands are refused (`command/closed`). */
  answered(
    device: DeviceRef,
    id: string,
    answer: 'accepted' | { readonly outcome: 'done' | 'failed'; readonly result: string },
  ): Promise<void>;
  /** Marks what is past its deadline. */
  expire(): Promise<number>;
}

/** Commands of one device delivered at once: the rest waits for their acknowledgements (gateway section 8). */
const window = 16;
const open = new Set<CommandState>(['waiting', 'delivered', 'accepted']);

/** A command that was sent is not sent again before its outcome is known, or this long after: wakes come in crowds. */
const patience = seconds(30);
/** Sent commands remembered; beyond it those whose time is over are forgotten. */
const maxFlights = 4_096;

/** Commands on their way, with the time each was sent. */
class Flights {
  readonly #sent = new Map<string, Instant>();

  has(id: string, now: Instant): boolean {
    const at = this.#sent.get(id);
    return at !== undefined && now - at < patience;
  }

  start(id: string, now: Instant): void {
    if (this.#sent.size >= maxFlights)
      for (const other of this.#sent.keys()) if (!this.has(other, now)) this.end(other);
    this.#sent.set(id, now);
  }

  end(id: string): void {
    this.#sent.delete(id);
  }
}

/** Commands to devices: a row until it is delivered, acknowledged by PUBACK, done by its result (clause 3.6). */
export function makeCommands<Tx>(parts: CommandParts<Tx>): Commands {
  const flights = new Flights();
  return {
    send: async (device, { name, payload, deadline, by }) => {
      const { party, pseudonym } = await parts.target(device);
      const now = parts.clock.now();
      const command: CommandRow = {
        ...device,
        id: uuidv7(now, parts.random),
        name,
        payload,
        state: 'waiting',
        createdAt: now,
        deadline: later(now, deadline),
        by,
      };
      await parts.transact(async (tx) => {
        await parts.store.add(tx, command);
        await parts.recorder.recordIn(tx, [
          {
            agreement: device.agreement,
            kind: 'command.send',
            outcome: 'queued',
            body: { device: pseudonym, command: command.id, name, deadline: command.deadline, by },
          },
        ]);
      });
      parts.bus.publish('dn.ready', { party, device: device.device });
      return command;
    },
    deliverWaiting: (device) => deliverWaiting(parts, flights, device),
    answered: (device, id, answer) => answered(parts, device, id, answer),
    expire: async () => {
      const overdue = await parts.store.overdue(parts.clock.now(), 200);
      for (const command of overdue) await finish(parts, command, { state: 'expired' });
      return overdue.length;
    },
  };
}

async function deliverWaiting<Tx>(parts: CommandParts<Tx>, flights: Flights, device: DeviceRef): Promise<void> {
  const { party } = await parts.target(device);
  const waiting = await parts.store.waiting(device, window);
  for (const command of waiting) {
    const now = parts.clock.now();
    if (command.deadline <= now || flights.has(command.id, now)) continue;
    flights.start(command.id, now);
    const outcome = parts.deliver(party, device.device, messageOf(command), (result) => {
      const settled = result === 'acknowledged' ? delivered(parts, command) : Promise.resolve();
      settled.catch(parts.failed).finally(() => flights.end(command.id));
    });
    if (outcome === 'sent') continue;
    flights.end(command.id);
    return;
  }
}

const messageOf = (command: CommandRow): DownlinkMessage => ({
  topic: `dn/cmd/${command.id}`,
  payload: new TextEncoder().encode(
    JSON.stringify({
      id: command.id,
      name: command.name,
      payload: JSON.parse(command.payload) as unknown,
      deadline: command.deadline,
    }),
  ),
  qos: 1,
  expiresAt: command.deadline,
  responseTopic: `${topicPrefix}up/cmd/${command.id}/result`,
  correlation: new TextEncoder().encode(command.id),
});

async function delivered<Tx>(parts: CommandParts<Tx>, command: CommandRow): Promise<void> {
  const { pseudonym } = await parts.target(command);
  await parts.transact(async (tx) => {
    const moved = await parts.store.move(tx, command, {
      ...command,
      state: 'delivered',
      deliveredAt: parts.clock.now(),
    });
    if (!moved) return; // delivered twice, or its result was faster than its PUBACK
    await parts.recorder.recordIn(tx, [
      {
        agreement: command.agreement,
        kind: 'command.deliver',
        outcome: 'delivered',
        body: { device: pseudonym, command: command.id },
      },
    ]);
  });
}

/** A command changes hands a few times in its life: delivered, accepted, finished. */
const answerTries = 5;

/**
 * The device's answer, durable when this resolves. PUBACK and answer of a fast device are handled at once: whoever
 * finds the command changed meanwhile reads it again, so that no acknowledged answer is lost.
 */
async function answered<Tx>(
  parts: CommandParts<Tx>,
  device: DeviceRef,
  id: string,
  answer: 'accepted' | { readonly outcome: 'done' | 'failed'; readonly result: string },
): Promise<void> {
  for (let tries = 0; tries < answerTries; tries++) {
    const command = await parts.store.command(id);
    const own = command?.agreement === device.agreement && command.device === device.device;
    if (!command || !own || !open.has(command.state)) throw new Problem('command/closed', `command ${id} is not open`);
    const moved =
      answer === 'accepted'
        ? await parts.transact((tx) => parts.store.move(tx, command, { ...command, state: 'accepted' }))
        : await finish(parts, command, { state: answer.outcome, result: answer.result });
    if (moved) return;
  }
  throw new Problem('request/unavailable', `command ${id} changes too fast`);
}

/** False when the command was in another state by then, and nothing was written. */
async function finish<Tx>(
  parts: CommandParts<Tx>,
  command: CommandRow,
  end: { readonly state: 'done' | 'failed' | 'expired'; readonly result?: string },
): Promise<boolean> {
  const { pseudonym } = await parts.target(command);
  return parts.transact(async (tx) => {
    const moved = await parts.store.move(tx, command, { ...command, ...end, finishedAt: parts.clock.now() });
    if (!moved) return false;
    await parts.recorder.recordIn(tx, [
      {
        agreement: command.agreement,
        kind: 'command.result',
        outcome: end.state,
        body: { device: pseudonym, command: command.id, outcome: end.state },
      },
    ]);
    return true;
  });
}
