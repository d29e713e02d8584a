import { randomBytes } from 'node:crypto';
import { Problem, type SecurityReport } from '@pactgate/protocol';
import { type Backoff, backoffDelay, defaultBackoff, pause } from './backoff.ts';
import { type CommandHandler, Commands, type JsonMembers, readCommand } from './commands.ts';
import type { Identity } from './identity.ts';
import { type Link, openLink } from './link.ts';
import { ReportQueue, type SecurityEvent } from './reports.ts';
import { Sender } from './sender.ts';
import { type DeviceStore, memoryStore } from './store.ts';

/** `problem`: why the last attempt or connection ended, where the platform said so. */
export type DeviceStatus =
  | { readonly state: 'connecting' | 'online' | 'closed' }
  | { readonly state: 'waiting'; readonly problem: Problem; readonly retryAt: number };

/** A notice of the platform; `kind` may be one that this SDK does not know. */
export interface Notice extends JsonMembers {
  readonly kind: string;
}

export interface DeviceOptions {
  readonly host: string;
  /** MQTT over TLS. Default 8883. */
  readonly port?: number;
  /** Name the server's certificate must have; absent: the host. */
  readonly servername?: string;
  /** Own address to connect from, on a device with several networks; absent: the system chooses. */
  readonly localAddress?: string;
  readonly identity: Identity;
  /** Client id `{device}:{suffix}`: a second program of the same device beside the first. */
  readonly suffix?: string;
  /** 5 (default), or 4 for MQTT 3.1.1, which cannot say why a publish was refused. */
  readonly version?: 4 | 5;
  /** Seconds. Default 60. */
  readonly keepAlive?: number;
  /** Waits between attempts to connect. Default 1 s to 15 min. */
  readonly backoff?: Backoff;
  /** Milliseconds. Default 15 s. */
  readonly connectTimeout?: number;
  /** Milliseconds a message may wait and travel before its promise is rejected. Default 60 s. */
  readonly sendTimeout?: number;
  /** Where counters and unacknowledged reports are kept. Default: memory, so that a restart loses them. */
  readonly store?: DeviceStore;
  /** Renews the certificate when it is due. Default true. */
  readonly renew?: boolean;
  /** Called at every change; must not throw. */
  readonly onStatus?: (status: DeviceStatus) => void;
  /** What went wrong without a caller to tell: a renewal, an answer to a command. Must not throw. */
  readonly onError?: (cause: unknown) => void;
}

/** A report that is stored; `delivered` resolves on its acknowledgement and rejects when it was refused for good. */
export interface FiledReport {
  readonly report: SecurityReport;
  readonly delivered: Promise<void>;
}

export interface Device {
  readonly clientId: string;
  readonly status: DeviceStatus;
  /** Resolves when connected; at once if it is. Rejects when the device is closed. */
  online(): Promise<void>;
  /** One message of telemetry. Resolves when the platform has it durably (PUBACK); rejects with its problem. */
  send(channel: string, values: JsonMembers): Promise<void>;
  /** Files a security report: stored under its number before this resolves, delivered when it can be (clause 2.6). */
  report(event: SecurityEvent): Promise<FiledReport>;
  /** The running firmware (clause 2.5); told again at every connection. */
  reportVersion(firmware: string, sbom?: string): Promise<void>;
  /** What the device listens on (row B2.3.2). */
  reportPorts(ports: readonly number[]): Promise<void>;
  /** Outcome of trying the declared detectors (row B2.6.1). */
  selftest(detectors: readonly string[], passed: boolean): Promise<void>;
  /** The reported twin. */
  reportState(state: JsonMembers): Promise<void>;
  onCommand(name: string, handler: CommandHandler): void;
  onNotice(handler: (notice: Notice, id: string) => void): void;
  /** Confirms that a notice was read (clause 3.5). */
  acknowledge(notice: string): Promise<void>;
  /** Highest number of the reports that the platform recorded without a gap, as its last receipt said. */
  readonly receipt: { readonly seq: number; readonly index?: number } | undefined;
  /** Leaves with DISCONNECT; unacknowledged reports stay in the store. */
  close(): Promise<void>;
}

const defaults = { port: 8_883, keepAlive: 60, connectTimeout: 15_000, sendTimeout: 60_000 };
/** A connection that lasted so long starts the waits over, in milliseconds. */
const lasting = 30_000;
/** Refusals of a renewed certificate after which the one before it is used again. */
const candidateTries = 3;
const word = /^[A-Za-z0-9_-]{1,64}$/;

/** Opens a device: connects in the background and stays connected until `close`. The identity must be enrolled. */
export async function openDevice(options: DeviceOptions): Promise<Device> {
  if (options.suffix !== undefined && !word.test(options.suffix)) throw new RangeError('suffix: [A-Za-z0-9_-]{1,64}');
  options.identity.credentials(); // not enrolled: better now than in the background
  const started = performance.now();
  const reports = await ReportQueue.open({
    store: options.store ?? memoryStore(),
    now: Date.now,
    mono: () => performance.now() - started,
    random: (size) => randomBytes(size),
  });
  const device = new RunningDevice(options, reports);
  device.start();
  return device;
}

class RunningDevice implements Device {
  readonly clientId: string;
  readonly #options: DeviceOptions;
  readonly #reports: ReportQueue;
  readonly #sender: Sender;
  readonly #commands: Commands;
  readonly #stop = new AbortController();
  readonly #delivered = new Map<number, PromiseWithResolvers<void>>();
  readonly #noticeHandlers: ((notice: Notice, id: string) => void)[] = [];
  #status: DeviceStatus = { state: 'connecting' };
  #online = Promise.withResolvers<void>();
  #link: Link | undefined;
  #version: string | undefined;
  #receipt: { readonly seq: number; readonly index?: number } | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: DeviceOptions, reports: ReportQueue) {
    const { identity, suffix } = options;
    this.#options = options;
    this.#reports = reports;
    this.clientId = suffix === undefined ? identity.device : `${identity.device}:${suffix}`;
    this.#sender = new Sender(reports, options.sendTimeout ?? defaults.sendTimeout, (seq, problem) =>
      this.#settled(seq, problem),
    );
    this.#commands = new Commands({
      publish: (topic, payload) => this.#sender.publish(topic, payload),
      now: Date.now,
      failed: (cause) => this.#failed(cause),
    });
    this.#online.promise.catch(() => undefined); // whoever waits sees it
  }

  get status(): DeviceStatus {
    return this.#status;
  }

  get receipt(): { readonly seq: number; readonly index?: number } | undefined {
    return this.#receipt;
  }

  start(): void {
    const renewing = this.#options.renew === false ? Promise.resolve() : this.#keepRenewed();
    this.#running = Promise.all([this.#stayConnected(), renewing]);
  }

  online(): Promise<void> {
    return this.#online.promise;
  }

  send(channel: string, values: JsonMembers): Promise<void> {
    if (!word.test(channel)) return Promise.reject(new RangeError('channel: [A-Za-z0-9_-]{1,64}'));
    return this.#sender.publish(`up/telemetry/${channel}`, JSON.stringify(values));
  }

  async report(event: SecurityEvent): Promise<FiledReport> {
    const report = await this.#reports.add(event);
    const delivered = this.#delivered.get(report.seq) ?? Promise.withResolvers<void>();
    delivered.promise.catch(() => undefined); // the report is filed either way; whoever waits sees the refusal
    this.#delivered.set(report.seq, delivered);
    this.#sender.pump();
    return { report, delivered: delivered.promise };
  }

  async reportVersion(firmware: string, sbom?: string): Promise<void> {
    const version = JSON.stringify({ v: 1, firmware, ...(sbom === undefined ? {} : { sbom }) });
    await this.#sender.publish('up/version', version);
    // From the next connection on it is told again; until now it waited in the queue by itself.
    this.#version = version;
  }

  reportPorts(ports: readonly number[]): Promise<void> {
    return this.#sender.publish('up/evidence/ports', JSON.stringify({ ports }));
  }

  selftest(detectors: readonly string[], passed: boolean): Promise<void> {
    return this.#sender.publish('up/evidence/selftest', JSON.stringify({ detectors, passed }));
  }

  reportState(state: JsonMembers): Promise<void> {
    return this.#sender.publish('up/state', JSON.stringify(state));
  }

  onCommand(name: string, handler: CommandHandler): void {
    this.#commands.on(name, handler);
  }

  onNotice(handler: (notice: Notice, id: string) => void): void {
    this.#noticeHandlers.push(handler);
  }

  acknowledge(notice: string): Promise<void> {
    if (!word.test(notice)) return Promise.reject(new RangeError('notice: [A-Za-z0-9_-]{1,64}'));
    return this.#sender.publish(`up/notice/${notice}/ack`, '{}');
  }

  async close(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    await this.#link?.close();
    this.#sender.close();
    await this.#running;
    this.#show({ state: 'closed' });
    this.#online.reject(new Problem('request/unavailable', 'the device was closed'));
  }

  async #stayConnected(): Promise<void> {
    const { backoff = defaultBackoff } = this.#options;
    let attempt = 0;
    while (!this.#stop.signal.aborted) {
      this.#show({ state: 'connecting' });
      const began = performance.now();
      const problem = await this.#connection();
      if (this.#stop.signal.aborted) return;
      if (performance.now() - began > lasting) attempt = 0;
      if (attempt > 0 && attempt % candidateTries === 0) await this.#options.identity.fallBack();
      const wait = backoffDelay(attempt++, backoff, Math.random());
      this.#show({ state: 'waiting', problem, retryAt: Date.now() + wait });
      await pause(wait, this.#stop.signal);
    }
  }

  /** One connection from attempt to end; answers why there is none any more. */
  async #connection(): Promise<Problem> {
    const { host, servername, localAddress, identity, version = 5 } = this.#options;
    try {
      const link = await openLink({
        host,
        port: this.#options.port ?? defaults.port,
        ...(servername === undefined ? {} : { servername }),
        ...(localAddress === undefined ? {} : { localAddress }),
        credentials: identity.credentials(),
        clientId: this.clientId,
        version,
        keepAlive: this.#options.keepAlive ?? defaults.keepAlive,
        timeout: this.#options.connectTimeout ?? defaults.connectTimeout,
        onMessage: (topic, payload) => this.#received(topic, payload),
      });
      this.#link = link;
      if (this.#stop.signal.aborted) await link.close();
      await identity.proven();
      this.#goOnline(link);
      const why = await link.ended;
      return why ?? new Problem('request/unavailable', 'the connection was closed');
    } catch (cause) {
      return cause instanceof Problem ? cause : new Problem('internal', String(cause), { cause });
    } finally {
      this.#link = undefined;
      this.#sender.detach();
    }
  }

  #goOnline(link: Link): void {
    this.#sender.attach(link);
    if (this.#version !== undefined) this.#sender.publish('up/version', this.#version).catch(this.#failed);
    this.#show({ state: 'online' });
    this.#online.resolve();
  }

  /** Renews when due, with the same growing waits when it fails; a new certificate is used from the next connection on. */
  async #keepRenewed(): Promise<void> {
    const { identity, backoff = defaultBackoff } = this.#options;
    const { signal } = this.#stop;
    for (let attempt = 0; !signal.aborted; ) {
      await pause((identity.renewAt ?? Number.POSITIVE_INFINITY) - Date.now(), signal);
      if (signal.aborted || (identity.renewAt ?? 0) > Date.now()) continue;
      try {
        await identity.renew();
        attempt = 0;
        // Proven at once: a certificate that does not work is better noticed while the old one is still good.
        await this.#link?.close();
      } catch (cause) {
        this.#failed(cause);
        await pause(
          backoffDelay(attempt++, { first: Math.max(backoff.first, 60_000), most: 3_600_000 }, Math.random()),
          signal,
        );
      }
    }
  }

  #received(topic: string, payload: Buffer): void {
    if (topic.startsWith('dn/cmd/')) {
      const command = readCommand(topic, payload);
      if (command !== undefined) void this.#commands.receive(command);
      return;
    }
    if (topic.startsWith('dn/notice/')) this.#noticed(topic.slice('dn/notice/'.length), payload);
  }

  #noticed(id: string, payload: Buffer): void {
    const notice = readNotice(payload);
    if (notice === undefined) return;
    const { kind, seq, index } = notice;
    if (kind === 'event-receipt' && typeof seq === 'number')
      this.#receipt = { seq, ...(typeof index === 'number' ? { index } : {}) };
    for (const handler of this.#noticeHandlers) handler(notice, id);
  }

  #settled(seq: number, problem: Problem | undefined): void {
    const waiting = this.#delivered.get(seq);
    this.#delivered.delete(seq);
    if (problem === undefined) waiting?.resolve();
    else waiting?.reject(problem);
  }

  #show(status: DeviceStatus): void {
    const wasOnline = this.#status.state === 'online';
    this.#status = status;
    if (wasOnline && status.state !== 'online') {
      this.#online = Promise.withResolvers<void>();
      this.#online.promise.catch(() => undefined); // whoever waits sees it
    }
    this.#options.onStatus?.(status);
  }

  readonly #failed = (cause: unknown): void => this.#options.onError?.(cause);
}

function readNotice(payload: Buffer): Notice | undefined {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    const sound = typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string';
    return sound ? (value as Notice) : undefined; // shape just checked
  } catch {
    return undefined; // not JSON: nobody of ours wrote it
  }
}
