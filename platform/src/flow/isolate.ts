import { type IsolationLevel, Problem } from '@pactgate/protocol';
import type { Bus } from '../kernel/bus.ts';
import { type RandomBytes, uuidv7 } from '../kernel/ids.ts';
import { type Clock, type Instant, since } from '../kernel/time.ts';
import type { Transact } from '../kernel/transact.ts';
import type { DeviceRef, OrderRow, OrderStore } from './ports.ts';
import type { Recorder } from './recorder.ts';

/** What an order needs to know of a device. */
export interface IsolationSubject extends DeviceRef {
  readonly party: string;
  readonly pseudonym: string;
  readonly level: IsolationLevel;
}

export interface IsolateParts<Tx> {
  readonly orders: OrderStore<Tx>;
  readonly recorder: Recorder<Tx>;
  readonly transact: Transact<Tx>;
  readonly random: RandomBytes;
  readonly clock: Clock;
  readonly bus: Bus;
  readonly subject: (device: DeviceRef) => Promise<IsolationSubject>;
  /** Writes the level of the registry; inside the order's transaction. */
  readonly setLevel: (tx: Tx, device: DeviceRef, level: IsolationLevel) => Promise<void>;
  /** After the commit: the gate's own view of the device, so that the next connection is decided by the new level. */
  readonly levelSet: (device: DeviceRef, level: IsolationLevel) => void;
  /** Cuts the live connections of a device at once, synchronously; answers how many. */
  readonly cut: (subject: IsolationSubject, level: IsolationLevel) => number;
  readonly publish: (agreement: string) => Promise<void>;
}

export interface IsolationOrder {
  readonly level: IsolationLevel;
  readonly reason: string;
  readonly by: string;
  readonly until?: Instant;
}

export interface IsolationEffect {
  readonly order: string;
  readonly level: IsolationLevel;
  readonly previous: IsolationLevel;
  readonly connectionsCut: number;
  readonly commitToCutMs: number;
}

export interface Isolation {
  /** Isolates or, with level 0, releases. Acts when the order commits; answers when its record is published. */
  order(device: DeviceRef, order: IsolationOrder): Promise<IsolationEffect>;
  /** Releases what is past its time. */
  releaseOverdue(): Promise<number>;
}

/** Level from which a live session is cut: below it the session goes on under a narrower table. */
export const cutFrom: IsolationLevel = 4;

/** Isolation of devices (A3.6.2): the order and its outbox row commit together, then deny and cut act at once. */
export function makeIsolation<Tx>(parts: IsolateParts<Tx>): Isolation {
  const isolation: Isolation = {
    order: async (device, order) => {
      const subject = await parts.subject(device);
      if (subject.level === order.level && order.level === 0)
        throw new Problem('request/conflict', `device ${device.device} is not isolated`);
      const id = uuidv7(parts.clock.now(), parts.random);
      await commit(parts, subject, order, id);
      const committed = parts.clock.now();
      parts.levelSet(device, order.level);
      const connectionsCut = order.level >= cutFrom ? parts.cut(subject, order.level) : 0;
      const commitToCutMs = since(committed, parts.clock.now());
      parts.bus.publish('ctl.epoch', { party: subject.party, device: device.device });
      await parts.recorder.record([
        {
          agreement: device.agreement,
          kind: 'device.isolate.effect',
          outcome: 'effective',
          body: { device: subject.pseudonym, order: id, level: order.level, connectionsCut, commitToCutMs },
        },
      ]);
      await parts.publish(device.agreement);
      return { order: id, level: order.level, previous: subject.level, connectionsCut, commitToCutMs };
    },
    releaseOverdue: async () => {
      const overdue = await parts.orders.overdue(parts.clock.now(), 100);
      for (const { agreement, device } of overdue)
        await isolation.order(
          { agreement, device },
          { level: 0, reason: 'the time of the order is over', by: 'timer' },
        );
      return overdue.length;
    },
  };
  return isolation;
}

async function commit<Tx>(
  parts: IsolateParts<Tx>,
  subject: IsolationSubject,
  order: IsolationOrder,
  id: string,
): Promise<void> {
  const at = parts.clock.now();
  const { agreement, device } = subject;
  const until = order.until === undefined ? {} : { until: order.until };
  const row: OrderRow = {
    id,
    agreement,
    device,
    level: order.level,
    previous: subject.level,
    reason: order.reason,
    by: order.by,
    at,
    ...until,
    ...(order.level === 0 ? { endedAt: at } : {}),
  };
  await parts.transact(async (tx) => {
    await parts.orders.end(tx, subject, at);
    await parts.orders.add(tx, row);
    await parts.setLevel(tx, subject, order.level);
    await parts.recorder.recordIn(tx, [
      {
        agreement,
        kind: 'device.isolate',
        outcome: order.level === 0 ? 'released' : 'isolated',
        body: {
          device: subject.pseudonym,
          order: id,
          level: order.level,
          previous: subject.level,
          reason: order.reason,
          by: order.by,
          ...until,
        },
      },
    ]);
  });
}
