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
  device(id: string, notAfter?: number): Promise<Issued>;
  stop(): Promise<void>;
}

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
  const now = (): number => Date.now();
  const profile = { ...deviceProfile, ...options.profile };
  const engine = new Engine({ profile, ports: { admission, uplink, downlink, records }, sources, now });
  const listener = new DeviceListener({
    name: 'mqtts',
    host: '127.0.0.1',
    port: options.port ?? 0,
    tls: { ...server, ca: [authority.root] },
    sources,
    records,
    maximumConnections: 10_000,
    now,
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
    device: (id, notAfter) => authority.device(id, notAfter),
    stop: async () => {
      engine.stop();
      await listener.close();
    },
  };
}
