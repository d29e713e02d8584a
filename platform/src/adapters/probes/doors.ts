import { ask, codeOf, type Place } from './https.ts';
import type { Credentials } from './material.ts';
import { connectMqtt } from './mqtt.ts';

/** What came of one attempt at a listener. */
export interface Knock {
  readonly refused: boolean;
  /** What the listener said, in a few words. */
  readonly response: string;
  readonly resumed: boolean;
  /** Ticket for a resumption, where one was given. */
  readonly session?: Buffer;
}

export interface Shown {
  readonly device: string;
  readonly credentials?: Credentials | undefined;
  readonly session?: Buffer | undefined;
}

/** A listener that devices come in by, as the probes of A3.1.1 try it. Rejects when nobody listens. */
export interface Door {
  /** Name in records. */
  readonly listener: string;
  knock(shown: Shown): Promise<Knock>;
}

const hex = (reason: number): string => `0x${reason.toString(16).padStart(2, '0')}`;

/** MQTT over mutual TLS: let in is CONNACK 0. */
export const mqttDoor = (listener: string, place: Place): Door => ({
  listener,
  knock: async ({ device, credentials, session }) => {
    const attempt = await connectMqtt(place, { clientId: device, credentials, session });
    if (attempt.kind === 'refused')
      return { refused: true, response: `CONNACK ${hex(attempt.reason)}`, resumed: attempt.resumed };
    if (attempt.kind === 'closed') return { refused: true, response: `closed: ${attempt.why}`, resumed: false };
    const { client } = attempt;
    // A subscription makes the listener send something: with TLS 1.3 the ticket comes no later than that.
    await client.subscribe('v1/me/dn/notice/+');
    const { resumed, session: ticket } = client;
    await client.end();
    return { refused: false, response: 'CONNACK 0x00', resumed, ...(ticket && { session: ticket }) };
  },
});

/** An address that only an admitted device can learn not to exist. */
const probed = '/v1/me/probe';

/** HTTPS for devices: let in is any answer but a refusal of the caller, here that the address does not exist. */
export const httpsDoor = (listener: string, place: Place): Door => ({
  listener,
  knock: async ({ credentials, session }) => {
    const answer = await ask(place, { method: 'GET', path: probed, credentials, session });
    const code = codeOf(answer);
    return {
      refused: answer.status === 401 || answer.status === 403,
      response: `HTTP ${answer.status} ${code}`.trim(),
      resumed: answer.resumed,
      ...(answer.session && { session: answer.session }),
    };
  },
});
