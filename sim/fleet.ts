import { type Credentials, type Device, memoryStore, openDevice, openIdentity } from '@pactgate/device';
import type { SimModel } from './models.ts';
import { type Random, seeded } from './random.ts';

/** Where the platform is, as a device knows it. */
export interface Place {
  /** An IPv4 address: devices choose their own address of the same family. */
  readonly host: string;
  readonly mqttPort: number;
  readonly estPort: number;
  readonly tripwirePort: number;
  /** SHA-256 of the root, from outside the connection. */
  readonly rootSha256: string;
}

export interface FleetDevice {
  readonly id: string;
  readonly party: string;
  readonly model: SimModel;
  /** One-time enrolment code. */
  readonly code: string;
  /** Own address; a party's devices stand in networks of their own. */
  readonly localAddress: string;
  /** Ports it says it listens on, where they are not those of its model. */
  readonly ports?: readonly number[];
}

export interface FleetOptions {
  readonly place: Place;
  readonly devices: readonly FleetDevice[];
  /** Milliseconds between two messages of one device; each device varies it by a quarter. */
  readonly interval: number;
  /** Enrolments and connects under way at once. Default 6. */
  readonly parallel?: number;
  /** Something a device was refused or could not do. */
  readonly onProblem?: (device: string, cause: unknown) => void;
}

/** What the fleet itself has seen; the demo takes its numbers from the platform, and compares. */
export interface FleetCounts {
  readonly enrolled: number;
  readonly online: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly commands: number;
  readonly reports: number;
}

export interface Fleet {
  /** Gets a certificate for every device that has none. */
  enrol(): Promise<void>;
  /** Connects every device and lets it work. Resolves when all are connected or were refused. */
  connect(): Promise<void>;
  readonly counts: FleetCounts;
  device(id: string): SimDevice;
  close(): Promise<void>;
}

const jittered = (interval: number, random: Random): number => interval * (0.75 + random() * 0.5);

/** One simulated device: its identity, and while it is connected its sensors, reports and commands. */
export class SimDevice {
  readonly plan: FleetDevice;
  readonly seen = { acknowledged: 0, refused: 0, commands: 0, reports: 0 };
  /** When the connection was lost or refused, by `performance.now()`; undefined while it is there. */
  lostAt: number | undefined;
  readonly #options: FleetOptions;
  readonly #random: Random;
  readonly #store = memoryStore();
  #credentials: (() => Credentials) | undefined;
  #device: Device | undefined;
  #timer: NodeJS.Timeout | undefined;
  #interval: number;
  #reading: () => Readonly<Record<string, number | string | boolean>>;

  constructor(plan: FleetDevice, options: FleetOptions) {
    this.plan = plan;
    this.#options = options;
    this.#random = seeded(plan.id);
    this.#interval = options.interval;
    this.#reading = plan.model.readings(plan.id, this.#random);
  }

  get enrolled(): boolean {
    return this.#credentials !== undefined;
  }
  get online(): boolean {
    return this.#device?.status.state === 'online';
  }
  credentials(): Credentials {
    if (this.#credentials === undefined) throw new Error(`${this.plan.id} is not enrolled`);
    return this.#credentials();
  }
  /** The next values of its sensors. */
  read(): Readonly<Record<string, number | string | boolean>> {
    return this.#reading();
  }

  async #identity() {
    const { place } = this.#options;
    const { id, party, localAddress } = this.plan;
    const root = { sha256: place.rootSha256 };
    const where = { host: place.host, port: place.estPort, party, localAddress };
    return openIdentity({ ...where, device: id, root, store: this.#store });
  }

  async enrol(): Promise<void> {
    if (this.enrolled) return;
    const identity = await this.#identity();
    await identity.enrol(this.plan.code);
    this.#credentials = () => identity.credentials();
  }

  /** Connects and starts working; resolves when it is online or was refused. */
  async connect(): Promise<void> {
    const { place } = this.#options;
    const device = await openDevice({
      host: place.host,
      port: place.mqttPort,
      identity: await this.#identity(),
      localAddress: this.plan.localAddress,
      store: this.#store,
      backoff: { first: 500, most: 5_000 },
      onStatus: ({ state }) => {
        if (state === 'online') this.lostAt = undefined;
        else if (state === 'waiting') this.lostAt ??= performance.now();
      },
      onError: (cause) => this.#problem(cause),
    });
    this.#device = device;
    this.#answerCommands(device);
    const refused = new Promise<void>((resolve) => {
      setTimeout(resolve, 15_000).unref();
    });
    await Promise.race([device.online().catch(() => undefined), refused]);
    if (!this.online) return;
    await this.#introduce(device);
    this.#schedule();
  }

  #answerCommands(device: Device): void {
    device.onCommand('identify', () => this.#obeyed({ model: this.plan.model.id, device: this.plan.id }));
    device.onCommand('read-now', () => this.#obeyed({ reading: this.#reading() }));
    device.onCommand('set-rate', (payload) => {
      const wanted = (payload as { seconds?: unknown } | null)?.seconds;
      if (typeof wanted !== 'number' || !(wanted >= 1 && wanted <= 3_600)) throw new Error('seconds: 1 to 3600');
      this.#interval = wanted * 1_000;
      return this.#obeyed({ seconds: wanted });
    });
  }

  #obeyed(result: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    this.seen.commands++;
    return result;
  }

  /** What every device says when it connects: version, ports, self-test of its detectors (rows B2.5.3, B2.3.2, B2.6.1). */
  async #introduce(device: Device): Promise<void> {
    const { model, ports = model.ports } = this.plan;
    const said = [
      device.reportVersion(model.firmware),
      device.reportPorts(ports),
      device.selftest(model.detectors, true),
    ];
    await Promise.all(said.map((message) => this.#settle(message)));
  }

  async #settle(message: Promise<void>): Promise<void> {
    try {
      await message;
      this.seen.acknowledged++;
    } catch (cause) {
      this.seen.refused++;
      this.#problem(cause);
    }
  }

  #problem(cause: unknown): void {
    this.#options.onProblem?.(this.plan.id, cause);
  }

  #schedule(): void {
    this.#timer = setTimeout(
      () => {
        this.#schedule();
        const device = this.#device;
        if (device === undefined || !this.online) return;
        void this.#settle(device.send(this.plan.model.channel, this.#reading()));
        // Now and then something happens that its detectors notice: about once in two hundred messages.
        if (this.#random() < 0.005) void this.report('auth_fail', 'low');
      },
      jittered(this.#interval, this.#random),
    );
    this.#timer.unref();
  }

  /** One message of telemetry, now. */
  async sendNow(): Promise<void> {
    const device = this.#device;
    if (device) await this.#settle(device.send(this.plan.model.channel, this.#reading()));
  }

  /** Something its detectors noticed; resolves when the platform has the report. */
  async report(type: 'auth_fail' | 'tamper' | 'network', severity: 'low' | 'medium' | 'high'): Promise<void> {
    const device = this.#device;
    if (device === undefined) return;
    try {
      const detail = type === 'auth_fail' ? { user: 'root', src: '203.0.113.7' } : { sensor: 'enclosure' };
      const { delivered } = await device.report({ type, severity, firmware: this.plan.model.firmware, detail });
      await delivered;
      this.seen.reports++;
    } catch (cause) {
      this.#problem(cause);
    }
  }

  async reportPorts(ports: readonly number[]): Promise<void> {
    const device = this.#device;
    if (device) await this.#settle(device.reportPorts(ports));
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#device?.close();
    this.#device = undefined;
  }
}

/** Runs `work` over all items, some at once. */
async function inParallel<T>(items: readonly T[], most: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: most }, worker));
}

/** A fleet of simulated devices over real TLS sockets, driven by the device SDK. Nothing connects before it is told. */
export function openFleet(options: FleetOptions): Fleet {
  const { devices, parallel = 6, onProblem } = options;
  const all = new Map(devices.map((plan) => [plan.id, new SimDevice(plan, options)]));
  const list = [...all.values()];
  const guarded =
    (work: (device: SimDevice) => Promise<void>) =>
    async (device: SimDevice): Promise<void> => {
      try {
        await work(device);
      } catch (cause) {
        onProblem?.(device.plan.id, cause);
      }
    };
  const sum = (of: (device: SimDevice) => number): number => list.reduce((total, device) => total + of(device), 0);
  return {
    enrol: () =>
      inParallel(
        list,
        parallel,
        guarded((device) => device.enrol()),
      ),
    connect: () =>
      inParallel(
        list,
        parallel,
        guarded((device) => device.connect()),
      ),
    get counts() {
      return {
        enrolled: list.filter((device) => device.enrolled).length,
        online: list.filter((device) => device.online).length,
        acknowledged: sum(({ seen }) => seen.acknowledged),
        refused: sum(({ seen }) => seen.refused),
        commands: sum(({ seen }) => seen.commands),
        reports: sum(({ seen }) => seen.reports),
      };
    },
    device: (id) => {
      const found = all.get(id);
      if (found === undefined) throw new Error(`the fleet has no device ${id}`);
      return found;
    },
    close: async () => {
      await Promise.all(list.map((device) => device.close()));
    },
  };
}
