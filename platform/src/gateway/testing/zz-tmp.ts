/**
 * The gateway alone on a port, with a store that acknowledges in the next turn and keeps nothing: for benchmarks and
 * for trying clients by hand. Limits stay on, raised.
 *
 *   node platform/src/gateway/testing/serve.ts CERTIFICATES PORT     (ca.crt, server.crt, server.key)
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ProblemCode } from '@pactgate/protocol';
import type { UplinkMessage, UplinkPort, UplinkWaiter } from '/work/main/platform/src/flow/gateway-port.ts';
import { defaultSourceSettings, SourceLimits } from '/work/main/platform/src/gateway/limits.ts';
import { DeviceListener } from '/work/main/platform/src/gateway/listener.ts';
import { Engine } from '/work/main/platform/src/gateway/mqtt/engine/engine.ts';
import { deviceProfile } from '/work/main/platform/src/gateway/mqtt/engine/profile.ts';
import { FakeAdmission, FakeDownlink, FakeRecords } from '/work/main/platform/src/gateway/testing/ports.ts';

/** Two parallel arrays instead of an object per message. */
class NextTurn implements UplinkPort {
  private waiters: UplinkWaiter[] = [];
  private ids: number[] = [];
  private readonly commit = (): void => {
    const { waiters, ids } = this;
    this.waiters = [];
    this.ids = [];
    for (let i = 0; i < waiters.length; i++) waiters[i]?.acknowledge(ids[i] ?? 0);
  };

  submit(message: UplinkMessage, waiter: UplinkWaiter): ProblemCode | undefined {
    if (message.qos === 0) return undefined;
    if (this.waiters.length === 0) setImmediate(this.commit);
    this.waiters.push(waiter);
    this.ids.push(message.packetId);
    return undefined;
  }
}

const [, , folder = 'certs', port = '8883'] = process.argv;
const read = (name: string): Buffer => readFileSync(path.join(folder, name));
const now = (): number => Date.now();
const records = new FakeRecords();
const many = 1_000_000_000;
const sources = new SourceLimits({
  ...defaultSourceSettings,
  acceptsPerSecond: many,
  acceptBurst: many,
  acceptsPerSecondTotal: many,
  acceptBurstTotal: many,
  failures: 1_000_000,
});
const profile = { ...deviceProfile, publishesPerSecond: many, bytesPerSecond: many };
const ports = { admission: new FakeAdmission(), uplink: new NextTurn(), downlink: new FakeDownlink(), records };
const failed = (error: unknown): void => {
  throw error;
};
const engine = new Engine({ profile, ports, sources, now, failed });
const listener = new DeviceListener({
  name: 'mqtts',
  host: '127.0.0.1',
  port: Number(port),
  tls: { key: read('server.key'), cert: read('server.crt'), ca: [read('ca.crt')] },
  sources,
  records,
  maximumConnections: 100_000,
  now,
  failed,
  attach: (socket, peer) => engine.attach(socket, peer),
});
engine.start();
process.stdout.write(`listening ${await listener.listen()}\n`);
process.on('SIGUSR2', () => { const t=performance.now(); let n=0; const one=[]; for (let i=0;i<200;i++){ const t1=performance.now(); n+=engine.kick({party:'acme',device:'dev-'+String(i).padStart(6,'0')},'device/isolated'); one.push(performance.now()-t1);} one.sort((a,b)=>a-b); const t2=performance.now(); const m=engine.kick({party:'acme'},'device/isolated'); process.stdout.write('single p50 '+one[100].toFixed(3)+' p99 '+one[198].toFixed(3)+' ms; all '+m+' in '+(performance.now()-t2).toFixed(1)+' ms\n'); });
process.on('SIGTERM', () => {
  const { heapUsed, rss } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ ...engine.counters, heapUsed, rss, refusals: records.refusals.length })}\n`);
  for (const { code, detail } of records.refusals.slice(0, 5)) process.stdout.write(`${code} ${detail}\n`);
  process.exit(0);
});
