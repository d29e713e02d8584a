import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import mqtt from 'mqtt';
import type { Issued } from './testing/certificates.ts';
import { type Harness, startHarness } from './testing/harness.ts';
import { until } from './testing/raw-client.ts';

/** Debian's mosquitto-clients and python3-paho-mqtt, and MQTT.js, against the gateway over real TLS. */

const run = promisify(execFile);
let h: Harness;
let folder: string;
let device: Issued;
before(async () => {
  h = await startHarness();
  device = await h.device('dev-1');
  folder = mkdtempSync(path.join(tmpdir(), 'pactgate-clients-'));
  writeFileSync(path.join(folder, 'ca.crt'), h.authority.root);
  writeFileSync(path.join(folder, 'dev.crt'), device.cert);
  writeFileSync(path.join(folder, 'dev.key'), device.key, { mode: 0o600 });
});
after(async () => {
  await h.stop();
  rmSync(folder, { recursive: true });
});

const file = (name: string): string => path.join(folder, name);
const telemetry = 'v1/me/up/telemetry/ambient';
const target = { party: 'acme', device: 'dev-1' };
const command = { topic: 'dn/cmd/c1', payload: Buffer.from('{"do":"blink"}'), qos: 1 } as const;

const tlsArgs = (): string[] => ['--cafile', file('ca.crt'), '--cert', file('dev.crt'), '--key', file('dev.key')];
const mosquitto = (version: string, id: string, ...args: readonly string[]): string[] =>
  ['-h', 'localhost', '-p', String(h.port), '-V', version, '-i', id].concat(tlsArgs(), args);

function output(child: ChildProcess): () => string {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return () => text;
}

for (const version of ['mqttv311', 'mqttv5']) {
  for (const qos of [0, 1, 2])
    test(`mosquitto_pub ${version} QoS ${qos}`, async () => {
      const payload = `{"v":"${version}","q":${qos}}`;
      await run('mosquitto_pub', mosquitto(version, 'dev-1', '-t', telemetry, '-m', payload, '-q', String(qos)));
      const stored = (): boolean =>
        h.uplink.stored.some((message) => message.payload === payload && message.qos === qos);
      await until(stored, 'the stored message');
    });

  test(`mosquitto_pub ${version}: a shell loop is an honest client (fact 9)`, async () => {
    for (let i = 0; i < 20; i++)
      await run('mosquitto_pub', mosquitto(version, 'dev-1', '-t', telemetry, '-m', `${i}`, '-q', '1'));
    assert.deepEqual(h.records.bans, []);
  });

  test(`mosquitto_sub and mosquitto_pub ${version} side by side with one certificate`, async () => {
    const child = spawn(
      'mosquitto_sub',
      mosquitto(version, 'dev-1:sub', '-t', 'v1/me/dn/#', '-q', '1', '-C', '1', '-v'),
    );
    const text = output(child);
    const open = (): boolean => h.engine.sessions().some(({ subscriptions }) => subscriptions.length > 0);
    await until(open, 'the subscription');
    await run('mosquitto_pub', mosquitto(version, 'dev-1', '-t', telemetry, '-m', '{}', '-q', '1'));
    const results: string[] = [];
    assert.equal(
      h.engine.deliver(target, command, (result) => results.push(result)),
      'sent',
    );
    await until(() => child.exitCode !== null && results.length > 0, 'the command');
    assert.equal(text().trim(), 'v1/me/dn/cmd/c1 {"do":"blink"}');
    assert.deepEqual(results, ['acknowledged']);
  });

  test(`mosquitto_pub ${version}: a denied topic ends with an error or a warning, never hangs`, async () => {
    const args = mosquitto(version, 'dev-1', '-t', 'v1/dev-2/up/state', '-m', 'x', '-q', '1', '--repeat', '1');
    const { stderr } = await run('timeout', ['10', 'mosquitto_pub', ...args]).catch(
      (error: { stderr: string; code: number }) => {
        assert.notEqual(error.code, 124, 'it hung');
        return error;
      },
    );
    assert.match(stderr, /not authori[sz]ed|connection was lost|Error/i);
  });

  test(`mosquitto_pub ${version}: wrong client id is refused`, async () => {
    await assert.rejects(run('mosquitto_pub', mosquitto(version, 'dev-10', '-t', telemetry, '-m', 'x')), {
      code: version === 'mqttv5' ? 133 : 2,
    });
  });

  test(`mosquitto_pub ${version}: will on an abnormal end`, async () => {
    const payload = `"gone ${version}"`;
    const args = mosquitto(
      version,
      'dev-1:w',
      '-t',
      'v1/me/dn/#',
      '--will-topic',
      'v1/me/up/state',
      '--will-payload',
      payload,
      '--will-qos',
      '1',
    );
    const child = spawn('mosquitto_sub', args);
    await until(() => h.engine.sessions().some(({ session }) => session.clientId === 'dev-1:w'), 'the connection');
    child.kill('SIGKILL');
    await until(() => h.uplink.stored.some((message) => message.payload === payload), 'the will');
  });
}

const base = (): mqtt.IClientOptions => ({
  protocol: 'mqtts',
  host: 'localhost',
  port: h.port,
  ca: h.authority.root,
  ...device,
  reconnectPeriod: 0,
});

for (const protocolVersion of [4, 5] as const) {
  const connect = (options: mqtt.IClientOptions = {}): Promise<mqtt.MqttClient> =>
    mqtt.connectAsync({ ...base(), protocolVersion, clientId: 'dev-1:js', ...options });

  test(`MQTT.js version ${protocolVersion}: publish QoS 0, 1, 2, subscribe, command with its properties`, async () => {
    const client = await connect();
    for (const qos of [0, 1, 2] as const) await client.publishAsync(telemetry, `{"js":${qos}}`, { qos });
    await until(
      () => [0, 1, 2].every((qos) => h.uplink.stored.some(({ payload }) => payload === `{"js":${qos}}`)),
      'all three',
    );
    const got: mqtt.IPublishPacket[] = [];
    client.on('message', (_topic, _payload, packet) => got.push(packet));
    const [granted] = await client.subscribeAsync('v1/me/dn/#', { qos: 1 });
    assert.equal(granted?.qos, 1);
    const results: string[] = [];
    const message = {
      ...command,
      responseTopic: 'v1/me/up/cmd/c1/result',
      correlation: Buffer.from('c1'),
      expiresAt: Date.now() + 60_000,
    };
    assert.equal(
      h.engine.deliver(target, message, (result) => results.push(result)),
      'sent',
    );
    await until(() => got.length > 0 && results.length > 0, 'the command');
    assert.equal(got[0]?.topic, 'v1/me/dn/cmd/c1');
    if (protocolVersion === 5) assert.equal(got[0].properties?.responseTopic, 'v1/me/up/cmd/c1/result');
    assert.deepEqual(results, ['acknowledged']);
    await client.endAsync();
    await until(() => h.admission.sessions.at(-1)?.ended !== undefined, 'the end');
    assert.equal(h.admission.sessions.at(-1)?.ended?.reason, 'client');
  });

  test(`MQTT.js version ${protocolVersion}: a session is resumed with its subscription`, async () => {
    const options = {
      clean: false,
      clientId: 'dev-1:kept',
      ...(protocolVersion === 5 && { properties: { sessionExpiryInterval: 60 } }),
    };
    const first = await connect(options);
    await first.subscribeAsync('v1/me/dn/#', { qos: 1 });
    await first.endAsync();
    const got: string[] = [];
    const again = mqtt.connect({ ...first.options, ...options, resubscribe: false });
    again.on('message', (topic) => got.push(topic));
    const [connack] = await new Promise<[mqtt.IConnackPacket]>(
      (resolve) => void again.once('connect', (packet) => resolve([packet])),
    );
    assert.equal(connack.sessionPresent, true);
    assert.equal(
      h.engine.deliver(target, command, () => undefined),
      'sent',
    );
    await until(() => got.length > 0, 'the command');
    await again.endAsync();
  });
}

test('MQTT.js version 5: limits of CONNACK, reason of a denied publish, topic aliases', async () => {
  const client = mqtt.connect({ ...base(), protocolVersion: 5, clientId: '', autoAssignTopicAlias: true });
  const connack = await new Promise<mqtt.IConnackPacket>((resolve) => void client.once('connect', resolve));
  assert.equal(connack.properties?.receiveMaximum, 20);
  assert.match(connack.properties.assignedClientIdentifier ?? '', /^dev-1:/);
  await assert.rejects(client.publishAsync('v1/other/up/state', 'x', { qos: 1 }), { code: 0x87 });
  const count = h.uplink.stored.length;
  for (let i = 0; i < 50; i++) await client.publishAsync(telemetry, `{"alias":${i}}`, { qos: 1 });
  assert.equal(h.uplink.stored.length, count + 50);
  assert.ok(h.uplink.stored.slice(count).every(({ topic }) => topic === telemetry));
  await client.endAsync();
});

/** Debian's own Python: its packages are not seen by another one that stands first in the path. */
const debianPython = '/usr/bin/python3';
const paho = `
import sys, ssl, time, paho.mqtt.client as mqtt
port, folder, version = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
c = mqtt.Client(client_id="dev-1:py", protocol=mqtt.MQTTv5 if version == 5 else mqtt.MQTTv311)
c.tls_set(folder + "/ca.crt", folder + "/dev.crt", folder + "/dev.key")
got = []
c.on_message = lambda client, data, m: got.append((m.topic, m.payload.decode()))
c.on_subscribe = lambda client, data, mid, codes, *rest: print("granted", [int(getattr(x, "value", x)) for x in codes], flush=True)
c.connect("localhost", port, keepalive=20)
c.loop_start()
for qos in (0, 1, 2):
    info = c.publish("${telemetry}", '{"py":%d%d}' % (version, qos), qos=qos)
    info.wait_for_publish()
c.subscribe("v1/me/dn/#", qos=1)
end = time.time() + 8
while not got and time.time() < end: time.sleep(0.01)
print("got", got, flush=True)
c.disconnect()
c.loop_stop()
`;
for (const version of [4, 5])
  test(`Paho Python version ${version}: publish QoS 0, 1, 2, subscribe, receive`, async () => {
    const child = spawn(debianPython, ['-c', paho, String(h.port), folder, String(version)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const text = output(child);
    await until(() => text().includes('granted'), 'the grant');
    assert.equal(
      h.engine.deliver(target, command, () => undefined),
      'sent',
    );
    await until(() => child.exitCode !== null, 'the end of Paho');
    assert.match(text(), /granted \[1\]/);
    assert.match(text(), /got \[\('v1\/me\/dn\/cmd\/c1', '\{"do":"blink"\}'\)\]/);
    for (const qos of [0, 1, 2])
      assert.ok(h.uplink.stored.some(({ payload }) => payload === `{"py":${version}${qos}}`));
  });
