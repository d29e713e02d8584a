import { type Identity, memoryStore, openIdentity } from '@pactgate/device';
import {
  connectPacket,
  openWire,
  packetTypes,
  publishPacket,
  subscribePacket,
  type Wire,
  type WireEvent,
  wordsOf,
} from '@pactgate/sim';
import type { LivePlatform } from '../../tools/live/platform.ts';

/** What a device was answered last, for the `expect` that follows. */
export interface Answer {
  readonly words: string;
  /** CONNACK or acknowledgement without error. */
  readonly accepted: boolean;
  readonly closed: boolean;
  /** Reason string of a refusal: the problem code. */
  readonly code: string;
}

const nothing: Answer = { words: 'nothing', accepted: false, closed: false, code: '' };

function toAnswer(events: readonly WireEvent[]): Answer {
  const last = events.findLast((event) => event.kind === 'packet');
  const closed = events.some(({ kind }) => kind === 'closed');
  const words = events.map(wordsOf).join(', ');
  if (last?.kind !== 'packet') return { words, accepted: false, closed, code: '' };
  const accepted = last.reason < 0x80 && last.type !== packetTypes.disconnect;
  return { words, accepted, closed, code: last.text.split(':', 1)[0] ?? '' };
}

export interface ConnectOptions {
  readonly from?: string;
  readonly credentials?: { readonly certificatePem: string; readonly keyPem: string };
  readonly maxVersion?: 'TLSv1.1' | 'TLSv1.2';
  readonly ciphers?: string;
}

/** A device of a script: its identity by the SDK, its conversation by hand, so that every answer is seen. */
export class StageDevice {
  readonly id: string;
  readonly party: string;
  readonly address: string;
  last: Answer = nothing;
  readonly #platform: LivePlatform;
  readonly #store = memoryStore();
  #identity: Identity | undefined;
  #wire: Wire | undefined;
  #packetId = 0;
  #sequence = 0;

  constructor(platform: LivePlatform, party: string, id: string, address: string) {
    this.#platform = platform;
    this.party = party;
    this.id = id;
    this.address = address;
  }

  get identity(): Identity {
    if (this.#identity === undefined) throw new Error(`${this.id} has no identity yet`);
    return this.#identity;
  }

  async open(): Promise<Identity> {
    const { devicePort, rootSha256 } = this.#platform;
    this.#identity ??= await openIdentity({
      host: '127.0.0.1',
      port: devicePort,
      party: this.party,
      device: this.id,
      root: { sha256: rootSha256 },
      localAddress: this.address,
      store: this.#store,
    });
    return this.#identity;
  }

  /** TLS and CONNECT; the connection before it is left open where it is. */
  async connect(options: ConnectOptions = {}): Promise<Answer> {
    const { rootPem, certificatePem, keyPem } = this.identity.credentials();
    const own = options.credentials ?? { certificatePem, keyPem };
    const { maxVersion, ciphers } = options;
    const wire = await openWire({
      host: '127.0.0.1',
      port: this.#platform.mqttPort,
      localAddress: options.from ?? this.address,
      tls: {
        ca: rootPem,
        cert: own.certificatePem,
        key: own.keyPem,
        ...(maxVersion === undefined ? {} : { maxVersion }),
        ...(ciphers === undefined ? {} : { ciphers }),
      },
    });
    this.#wire = wire;
    wire.send(connectPacket(this.id));
    const event = await wire.next();
    return this.#note(event.kind === 'packet' && event.reason === 0 ? [event] : [event, ...(await rest(event, wire))]);
  }

  /** QoS 1; `topic` below `v1/me/` or, with a leading slash, as it stands. */
  async publish(topic: string, payload: string): Promise<Answer> {
    const full = topic.startsWith('/') ? topic.slice(1) : `v1/me/${topic}`;
    return this.#ask(publishPacket(++this.#packetId, full, payload), packetTypes.puback);
  }

  subscribe(filter: string): Promise<Answer> {
    return this.#ask(subscribePacket(++this.#packetId, filter), packetTypes.suback);
  }

  /** A security report with the next number of its sequence. */
  report(type: string, severity: string): Promise<Answer> {
    const report = {
      v: 1,
      id: ulidOf(++this.#sequence),
      boot: 1,
      seq: this.#sequence,
      t: new Date().toISOString(),
      mono: Math.round(performance.now()),
      type,
      severity,
    };
    return this.publish(`up/event/${severity}`, JSON.stringify(report));
  }

  /** Plain MQTT from its own address. */
  async speakPlainly(): Promise<Answer> {
    const port = this.#platform.tripwirePort;
    const wire = await openWire({ host: '127.0.0.1', port, localAddress: this.address });
    wire.send(connectPacket(this.id));
    const events = await wire.rest();
    wire.destroy();
    return this.#note(events);
  }

  async send(bytes: Uint8Array): Promise<Answer> {
    this.#demandWire().send(bytes);
    return this.#note(await this.#demandWire().rest());
  }

  /** What happens on the open connection within some seconds. */
  async wait(ms = 8_000): Promise<Answer> {
    return this.#note(await this.#demandWire().rest(ms));
  }

  leave(): void {
    this.#wire?.destroy();
  }

  #demandWire(): Wire {
    if (this.#wire === undefined) throw new Error(`${this.id} is not connected`);
    return this.#wire;
  }

  async #ask(bytes: Uint8Array, type: number): Promise<Answer> {
    const wire = this.#demandWire();
    wire.send(bytes);
    for (;;) {
      const event = await wire.next();
      // A receipt or notice may come between.
      if (event.kind !== 'packet' || event.type === type || event.type === packetTypes.disconnect)
        return this.#note([event, ...(event.kind === 'packet' && event.type !== type ? await wire.rest(1_000) : [])]);
    }
  }

  #note(events: readonly WireEvent[]): Answer {
    this.last = toAnswer(events);
    return this.last;
  }
}

const rest = async (event: WireEvent, wire: Wire): Promise<readonly WireEvent[]> =>
  event.kind === 'packet' ? wire.rest(1_500) : [];

/** A ULID that is only ever compared for equality. */
function ulidOf(n: number): string {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const digits = (value: number, places: number): string =>
    Array.from({ length: places }, (_, i) => alphabet[Math.floor(value / 32 ** (places - 1 - i)) % 32]).join('');
  return digits(Date.now(), 10) + digits(Math.floor(Math.random() * 2 ** 30), 8) + digits(n, 8);
}
