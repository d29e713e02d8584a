import type { ProblemCode, UplinkKind } from '@pactgate/protocol';
import { Problem } from '@pactgate/protocol';
import type { DecisionSamples } from '../duties/access/index.ts';
import {
  type CompiledChannel,
  countForeign,
  type Keyring,
  MessageWriter,
  minimise,
  missingField,
  type Sample,
  type SealCrypto,
  samplePlace,
  seal,
  type TelemetryStore,
} from '../duties/data/index.ts';
import { type Instant, instant } from '../kernel/time.ts';
import type { NewRecord } from '../parties/record.ts';
import type { LiveSession, SessionRoute } from './device-session.ts';
import type { UplinkMessage, UplinkPort, UplinkWaiter } from './gateway-port.ts';
import type { ChannelRoute } from './model-runtime.ts';
import type { Refusals } from './refusals.ts';

/** A control message of a device: everything but telemetry. */
export interface ControlMessage {
  readonly session: LiveSession;
  readonly kind: Exclude<UplinkKind, 'telemetry'>;
  readonly name: string;
  readonly text: string;
  readonly receivedAt: Instant;
}

/** Why a message was refused, and the place in it; never a value of it. */
export interface ControlRefusal {
  readonly code: ProblemCode;
  readonly detail?: string;
}

export interface UplinkParts {
  readonly telemetry: TelemetryStore;
  readonly keyring: (agreement: string) => Keyring | undefined;
  readonly sealCrypto: SealCrypto;
  readonly samples: DecisionSamples;
  readonly refusals: Refusals;
  /** Does what the message asks, durably; resolves with the refusal. */
  readonly control: (message: ControlMessage) => Promise<ControlRefusal | undefined>;
  readonly notice: (session: LiveSession, code: ProblemCode, resource: string) => void;
  /** The store is behind (true) or keeps up again (false): the gateway stops reading meanwhile. */
  readonly holding: (on: boolean) => void;
  readonly failed: (error: unknown) => void;
  /** Code for an error of the store that a device may be told. */
  readonly storeCode: (error: unknown) => ProblemCode;
}

/** Counts of the data path, by the flow itself; the store counts its rows on its own. */
export interface UplinkCounters {
  /** Messages handed in after their route was permitted. */
  operations: number;
  /** Acknowledged as stored. */
  accepted: number;
  refused: number;
  fieldsDropped: number;
}

export interface Uplink extends UplinkPort {
  readonly counters: UplinkCounters;
  /** Control messages that are being handled. */
  readonly pending: number;
}

/** Messages of one commit: those of one turn of the event loop share its promise. */
class Batch {
  readonly done: Promise<void>;
  readonly waiters: UplinkWaiter[] = [];
  readonly packets: number[] = [];
  size = 0;

  constructor(done: Promise<void>) {
    this.done = done;
  }
}

/** Samples that wait for their commit before the gateway stops reading, and at which it goes on. */
const holdAbove = 65_536;
const holdUntil = 16_384;

/**
 * Rows read back to see that nothing undeclared is in them (B2.4.1): all whose message had undeclared fields, and
 * one of so many others.
 */
const lookEvery = 256;

/** Control messages handled at once; beyond it the gateway is told to wait by a refusal that devices repeat. */
const maxPending = 4_096;

/**
 * What happens to a published message: permitted already, checked, minimised, sealed, stored, then acknowledged.
 *
 * The hot path allocates one sample per message and nothing else of its own; all messages of a turn share one commit.
 */
class UplinkFlow implements Uplink {
  readonly counters: UplinkCounters = { operations: 0, accepted: 0, refused: 0, fieldsDropped: 0 };
  pending = 0;
  readonly #parts: UplinkParts;
  readonly #out = new MessageWriter();
  #batch: Batch | undefined;
  #waiting = 0;
  #holding = false;

  constructor(parts: UplinkParts) {
    this.#parts = parts;
  }

  submit(message: UplinkMessage, waiter: UplinkWaiter): ProblemCode | undefined {
    // Sessions and routes come from this flow's own gate: it made them, and the gateway only carries them.
    const session = message.session as LiveSession;
    const route = message.route as SessionRoute;
    this.counters.operations++;
    session.slot.count++;
    session.heardAt = message.receivedAt;
    this.#parts.samples.offer(session.table, message.topic, true);
    if (route.kind !== 'telemetry') return this.#control(session, route, message, waiter);
    if (!route.data) return this.#refuse(session, { code: 'data/channel-undeclared' }, message, waiter);
    return this.#telemetry(session, route.data, message, waiter);
  }

  #telemetry(
    session: LiveSession,
    data: ChannelRoute,
    message: UplinkMessage,
    waiter: UplinkWaiter,
  ): ProblemCode | undefined {
    const out = this.#out;
    const { channel } = data;
    if (overRate(session, channel.name, channel.maxPerMinute, message.receivedAt))
      return this.#refuse(session, { code: 'data/rate' }, message, waiter);
    const fault = minimise(channel, message.payload, out);
    if (fault !== undefined) return this.#refuse(session, this.#faultOf(fault, channel), message, waiter);
    const received = instant(message.receivedAt);
    session.runtime.counter.message(out, received);
    this.counters.fieldsDropped += out.undeclared;
    const at = out.at ?? received;
    const body = out.body.done();
    if (out.undeclared !== 0 || this.counters.operations % lookEvery === 0)
      session.runtime.counter.foreign(countForeign(channel, body));
    const sample = { device: session.ref, channel: data.ref, at, received, body };
    const sealed = out.sealedFields === 0 ? undefined : this.#seal(session, data, sample);
    if (typeof sealed === 'string') return this.#refuse(session, { code: sealed }, message, waiter);
    this.#append(withParts(sample, sealed, out, data), message, waiter);
    return undefined;
  }

  /** The sealed group of the row, or the code that says why it could not be sealed: then nothing is stored. */
  #seal(
    session: LiveSession,
    { channel }: ChannelRoute,
    row: Pick<Sample, 'device' | 'channel' | 'at' | 'received'>,
  ): Uint8Array | ProblemCode {
    const ring = this.#parts.keyring(session.agreement);
    if (!ring || !channel.seal) return 'data/key-unavailable';
    try {
      const key = ring.current(channel.seal, row.received);
      return seal(this.#parts.sealCrypto, key, samplePlace(session, row), this.#out.secret.done());
    } catch (error) {
      if (error instanceof Problem) return error.code;
      throw error;
    }
  }

  #append(sample: Sample, message: UplinkMessage, waiter: UplinkWaiter): void {
    const done = this.#parts.telemetry.append([sample]);
    let batch = this.#batch;
    if (batch?.done !== done) {
      batch = new Batch(done);
      this.#batch = batch;
      this.#settle(batch);
    }
    batch.size++;
    this.#waiting++;
    if (this.#waiting > holdAbove && !this.#holding) this.#hold(true);
    if (message.qos === 0) return;
    batch.waiters.push(waiter);
    batch.packets.push(message.packetId);
  }

  #settle(batch: Batch): void {
    batch.done.then(
      () => this.#acknowledge(batch, undefined),
      (error: unknown) => {
        this.#parts.failed(error);
        this.#acknowledge(batch, this.#parts.storeCode(error));
      },
    );
  }

  #hold(on: boolean): void {
    this.#holding = on;
    this.#parts.holding(on);
  }

  #acknowledge(batch: Batch, code: ProblemCode | undefined): void {
    this.#waiting -= batch.size;
    if (this.#holding && this.#waiting < holdUntil) this.#hold(false);
    if (code === undefined) this.counters.accepted += batch.waiters.length;
    else this.counters.refused += batch.size;
    const { waiters, packets } = batch;
    for (let i = 0; i < waiters.length; i++) waiters[i]?.acknowledge(packets[i] ?? 0, code);
  }

  /** Where a refused message is wrong, in the words of its manifest. */
  #faultOf(code: ProblemCode, channel: CompiledChannel): ControlRefusal {
    const missing = code === 'data/required-field' ? missingField(channel, this.#out) : undefined;
    return missing === undefined ? { code } : { code, detail: `${missing} is missing or not of its type` };
  }

  #control(
    session: LiveSession,
    { kind, name }: SessionRoute,
    message: UplinkMessage,
    waiter: UplinkWaiter,
  ): ProblemCode | undefined {
    if (kind === 'telemetry') return 'internal';
    if (this.pending >= maxPending) return 'gate/busy';
    this.pending++;
    const { qos, packetId } = message;
    const control = { session, kind, name, text: message.text(), receivedAt: instant(message.receivedAt) };
    this.#parts
      .control(control)
      .catch((error: unknown) => {
        this.#parts.failed(error);
        return { code: this.#parts.storeCode(error) };
      })
      .then((refusal) => {
        this.pending--;
        if (refusal === undefined) this.counters.accepted += qos === 0 ? 0 : 1;
        else this.#note(session, refusal, `up/${kind}`);
        if (qos !== 0) waiter.acknowledge(packetId, refusal?.code);
        return undefined;
      })
      .catch(this.#parts.failed);
    return undefined;
  }

  /** A refusal of data: recorded before it is answered; MQTT 3.1.1 hears of it on `dn/notice`. */
  #refuse(
    session: LiveSession,
    refusal: ControlRefusal,
    { qos, packetId, route }: UplinkMessage,
    waiter: UplinkWaiter,
  ): ProblemCode | undefined {
    const { code } = refusal;
    this.#note(session, refusal, `up/telemetry/${route.name}`);
    if (qos === 0) return code;
    this.#parts.refusals.flush().then(
      () => waiter.acknowledge(packetId, code),
      // Not recorded, so not answered: the device will send it again.
      () => undefined,
    );
    return undefined;
  }

  #note(session: LiveSession, { code, detail }: ControlRefusal, topic: string): void {
    this.counters.refused++;
    const { agreement, device, pseudonym } = session;
    const record: NewRecord = {
      agreement,
      kind: 'msg.refuse',
      outcome: 'refused',
      body: { device: pseudonym, code, protocol: session.version5 ? 'mqtt5' : 'mqtt3.1.1', channel: topic },
    };
    const at = instant(session.heardAt);
    const resource = detail === undefined ? topic : `${topic}: ${detail.slice(0, 160)}`;
    this.#parts.refusals.add({ agreement, device, code, action: 'publish', resource, policies: [], at, record });
    if (!session.version5) this.#parts.notice(session, code, topic);
  }
}

/** Numbers for roll-ups and the sealed group, where the message has them. */
function withParts(sample: Sample, sealed: Uint8Array | undefined, out: MessageWriter, data: ChannelRoute): Sample {
  const numbers =
    out.values.length === 0
      ? undefined
      : out.values.length === data.fields.length
        ? data.fields
        : out.positions.map((position) => data.fields[position] ?? 0);
  if (numbers === undefined) return sealed === undefined ? sample : { ...sample, sealed };
  const { values } = out;
  return sealed === undefined ? { ...sample, fields: numbers, values } : { ...sample, sealed, fields: numbers, values };
}

const minuteMs = 60_000;

/** Messages of a channel in the current minute against what its manifest agrees. */
function overRate(session: LiveSession, channel: string, most: number, at: number): boolean {
  const minute = Math.floor(at / minuteMs);
  if (minute !== session.minute) {
    session.minute = minute;
    session.perMinute.clear();
  }
  const count = (session.perMinute.get(channel) ?? 0) + 1;
  session.perMinute.set(channel, count);
  return count > most;
}

export const makeUplink = (parts: UplinkParts): Uplink => new UplinkFlow(parts);
