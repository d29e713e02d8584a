import type { NoticeMessage, ProblemCode } from '@pactgate/protocol';
import { type RandomBytes, uuidv7 } from '../kernel/ids.ts';
import { type Clock, later, minutes } from '../kernel/time.ts';
import type { LiveSession } from './device-session.ts';
import type { DeliverOutcome, DeliveryResult, DownlinkMessage } from './gateway-port.ts';

export interface NoticeParts {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly deliver: (
    party: string,
    device: string,
    message: DownlinkMessage,
    onAck: (result: DeliveryResult) => void,
  ) => DeliverOutcome;
}

/** What a device is told on `dn/notice/{id}`: best effort; what must arrive is on its page and in the ledger. */
export interface Notices {
  /** MQTT 3.1.1 has no reason codes: the refusal follows here (decisions, fact 10). At most one a second and session. */
  refusal(session: LiveSession, code: ProblemCode, topic: string): void;
  /** Reports up to `seq` were recorded without a gap. */
  receipt(session: LiveSession, seq: number): void;
}

const every = 1_000;
const life = minutes(10);

export function makeNotices(parts: NoticeParts): Notices {
  const last = new WeakMap<LiveSession, number>();
  const send = (session: LiveSession, notice: NoticeMessage): void => {
    const now = parts.clock.now();
    parts.deliver(
      session.party,
      session.device,
      {
        topic: `dn/notice/${uuidv7(now, parts.random)}`,
        payload: new TextEncoder().encode(JSON.stringify(notice)),
        qos: 0,
        expiresAt: later(now, life),
      },
      () => undefined,
    );
  };
  return {
    refusal: (session, code, topic) => {
      const now = parts.clock.now();
      if (now - (last.get(session) ?? 0) < every) return;
      last.set(session, now);
      send(session, { kind: 'refusal', code, topic });
    },
    receipt: (session, seq) => send(session, { kind: 'event-receipt', seq }),
  };
}
