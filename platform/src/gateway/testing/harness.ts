import { defaultSourceSettings, SourceLimits, type SourceSettings } from '../limits.ts';
import { DeviceListener } from '../listener.ts';
import { Engine } from '../mqtt/engine/engine.ts';
import { deviceProfile, type Profile } from '../mqtt/engine/profile.ts';
import { type Issued, TestAuthority } from './certificates.ts';
import { FakeAdmission, FakeDownlink, FakeRecords, FakeUplink } from './ports.ts';

export interface HarnessOptions {
  readonly profile?: Partial<Profile>;
  readonly sources?: Partial<SourceSettings>;
  readonly authority?: TestAuthority;
  readonly port?: number;
}

/** A gateway on a loopback port over real TLS, with fakes behind it. */
export interface Harness {
  readonly port: number;
  readonly authority: TestAuthority;
  readonly engine: Engine;
  readonly listener: DeviceListener;
  readonly admission: FakeAdmission;
  readonly uplink: FakeUplink;
  readonly downlink: FakeDownlink;
  readonly records: FakeRecords;
  readonly sources: SourceLimits;
  /** Exceptions that reached the operational log. */
  readonly failures: readonly unknown[];
  device(id: string, notAfter?: number): Promise<Issued>;
  stop(): Promise<void>;
}

const now = (): number => Date.now();

export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  const authority = options.authority ?? (await TestAuthority.create());
  const server = await authority.server();
  const [admission, uplink, downlink, records] = [
    new FakeAdmission(),
    new FakeUplink(),
    new FakeDownlink(),
    new FakeRecords(),
  ];
  const sources = new SourceLimits({ ...defaultSourceSettings, ...options.sources });
  const profile = { ...deviceProfile, ...options.profile };
  const failures: unknown[] = [];
  const failed = (error: unknown): void => void failures.push(error);
  const ports = { admission, uplink, downlink, records };
  const engine = new Engine({ profile, ports, sources, now, failed, lagMark: 60_000 });
  const listener = new DeviceListener({
    name: 'mqtts',
    host: '127.0.0.1',
    port: options.port ?? 0,
    tls: { ...server, ca: [authority.root] },
    sources,
    records,
    maximumConnections: 10_000,
    now,
    failed,
    attach: (socket, peer) => engine.attach(socket, peer),
  });
  const port = await listener.listen();
  engine.start();
  return {
    port,
    authority,
    engine,
    listener,
    admission,
    uplink,
    downlink,
    records,
    sources,
    failures,
    device: (id, notAfter) => authority.device(id, notAfter),
    stop: async () => {
      engine.stop();
      await listener.close();
    },
  };
}
