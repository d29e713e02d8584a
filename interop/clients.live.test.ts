import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { run } from '../tools/live/process.ts';
import { connectJs, demandSoon, mosquittoArgs, reading, startClient, telemetryTopic } from './clients.ts';
import { type Enrolled, enrol, newKey, register, shell } from './devices.ts';
import { type PartySide, type Ready, readyPlatform } from './platform.ts';

/** Debian's mosquitto tools, MQTT.js and Debian's Paho for Python against the whole platform (clauses 2.2-2.4, 3.6). */

let ready: Ready;
let party: PartySide;
before(async () => {
  ready = await readyPlatform();
  [party] = ready.parties;
});
after(() => ready.stop());

const params = (device: string): { agreement: string; device: string } => ({ agreement: party.agreement, device });
const stored = async (device: string): Promise<readonly unknown[]> => {
  const query = { channel: 'status', order: 'asc' } as const;
  return (await party.engineer.client.call('telemetry', { params: params(device), query })).items;
};
/** A command that waits for the device; answers its id. */
const command = async (device: string): Promise<string> =>
  (
    await party.engineer.client.call('sendCommand', {
      params: params(device),
      body: { name: 'blink', payload: { times: 2 } },
    })
  ).id;
const commandState = async (device: string, id: string): Promise<string> =>
  (await party.engineer.client.call('command', { params: { ...params(device), command: id } })).state;
const delivered = (device: string, id: string): Promise<string> =>
  demandSoon('the delivery of the command', async () => {
    const state = await commandState(device, id);
    return state === 'waiting' ? undefined : state;
  });

for (const version of ['311', '5'] as const) {
  test(`mosquitto_pub and mosquitto_sub side by side with one certificate, MQTT ${version}`, async () => {
    const device = await enrol(ready, party, `mosquitto-${version}`);
    const sub = startClient(device, 'mosquitto_sub', [
      ...mosquittoArgs(ready, version, `${device.id}:sub`),
      '-q',
      '1',
      '-t',
      'v1/me/dn/#',
      '-v',
      '-C',
      '1',
    ]);
    const args = [...mosquittoArgs(ready, version, device.id), '-q', '1', '-t', telemetryTopic];
    for (let i = 0; i < 5; i++) {
      const { code, stderr } = await run('mosquitto_pub', [...args, '-m', reading(20 + i)], { cwd: device.dir });
      assert.equal(code, 0, stderr);
    }
    assert.equal((await stored(device.id)).length, 5);
    const id = await command(device.id);
    assert.equal(await sub.process.ended, 0, sub.process.tail());
    const [line = ''] = sub.lines;
    assert.ok(line.startsWith(`v1/me/dn/cmd/${id} `), line);
    assert.match(line, /"name":"blink"/);
    assert.equal(await delivered(device.id, id), 'delivered');
  });

  test(`mosquitto_pub MQTT ${version}: a shell loop is an honest client, another client id is not`, async () => {
    const device = await enrol(ready, party, `loop-${version}`);
    const loop = await shell(
      device,
      `for i in $(seq 25); do mosquitto_pub ${mosquittoArgs(ready, version, device.id).join(' ')} -q 1 -t ${telemetryTopic} -m '${reading()}'; done`,
    );
    assert.equal(loop.code, 0, loop.stderr);
    assert.equal((await stored(device.id)).length, 25);
    const args = [...mosquittoArgs(ready, version, 'somebody-else'), '-q', '1', '-t', telemetryTopic, '-m', '{}'];
    const { code } = await run('mosquitto_pub', args, { cwd: device.dir });
    assert.equal(code, version === '5' ? 0x85 : 2);
  });
}

for (const protocolVersion of [4, 5] as const)
  test(`MQTT.js, protocol version ${protocolVersion}: publish, subscribe, command and its result`, async () => {
    const device = await enrol(ready, party, `mqttjs-${protocolVersion}`);
    const client = await connectJs(ready, device, { protocolVersion });
    const got: { readonly topic: string; readonly payload: string }[] = [];
    client.on('message', (topic, payload) => got.push({ topic, payload: payload.toString() }));
    const [granted] = await client.subscribeAsync('v1/me/dn/#', { qos: 1 });
    assert.equal(granted?.qos, 1);
    await client.publishAsync(telemetryTopic, reading(), { qos: 1 });
    assert.equal((await stored(device.id)).length, 1, 'acknowledged means stored');
    const id = await command(device.id);
    const message = await demandSoon('the command', () => got[0]);
    assert.equal(message.topic, `v1/me/dn/cmd/${id}`);
    await client.publishAsync(`v1/me/up/cmd/${id}/accepted`, '{}', { qos: 1 });
    assert.equal(await commandState(device.id, id), 'accepted');
    const result = JSON.stringify({ outcome: 'done', result: { blinked: 2 } });
    await client.publishAsync(`v1/me/up/cmd/${id}/result`, result, { qos: 1 });
    const done = await party.engineer.client.call('command', { params: { ...params(device.id), command: id } });
    assert.deepEqual([done.state, done.result], ['done', { blinked: 2 }]);
    await client.endAsync();
  });

test('B2.4.1 MQTT.js: what cannot be stored is refused with its reason, and never acknowledged as stored', async () => {
  const device = await enrol(ready, party, 'refused-data');
  const client = await connectJs(ready, device);
  const refusals: readonly { readonly topic: string; readonly payload: string; readonly code: number }[] = [
    { topic: telemetryTopic, payload: 'no json', code: 0x99 },
    { topic: telemetryTopic, payload: '{"temperature":20}', code: 0x99 },
    { topic: telemetryTopic, payload: reading().padEnd(3_000), code: 0x97 },
    { topic: 'v1/me/up/telemetry/undeclared', payload: reading(), code: 0x87 },
    { topic: 'v1/me/up/nothing', payload: '{}', code: 0x90 },
    { topic: 'v1/me/up/version', payload: '{"v":1,"firmware":"2.1.3","more":1}', code: 0x99 },
  ];
  for (const { topic, payload, code } of refusals)
    await assert.rejects(client.publishAsync(topic, payload, { qos: 1 }), { code }, `${topic} ${payload.slice(0, 40)}`);
  assert.equal((await stored(device.id)).length, 0);
  await client.publishAsync(telemetryTopic, reading(), { qos: 1 });
  assert.equal((await stored(device.id)).length, 1, 'the connection lives on');
  await client.endAsync();
});

/** Debian's own Python: another one that stands first in the path does not see its packages. */
const debianPython = '/usr/bin/python3';
const paho = `
import sys, time, paho.mqtt.client as mqtt
port, version, device = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
c = mqtt.Client(client_id=device, protocol=mqtt.MQTTv5 if version == 5 else mqtt.MQTTv311)
c.tls_set("root.pem", "device.pem", "device.key")
got = []
c.on_message = lambda client, data, m: got.append(m.topic)
c.on_subscribe = lambda client, data, mid, codes, *rest: print("granted", [int(getattr(x, "value", x)) for x in codes], flush=True)
c.connect("localhost", port, keepalive=20)
c.loop_start()
for qos in (0, 1):
    c.publish("${telemetryTopic}", '${reading()}', qos=qos).wait_for_publish()
c.subscribe("v1/me/dn/#", qos=1)
end = time.time() + 10
while not got and time.time() < end: time.sleep(0.01)
print("got", got[0] if got else "nothing", flush=True)
c.disconnect()
c.loop_stop()
`;
for (const version of [4, 5])
  test(`Paho for Python, protocol version ${version}: publish QoS 0 and 1, subscribe, receive a command`, async () => {
    const device = await enrol(ready, party, `paho-${version}`);
    const client = startClient(device, debianPython, [
      '-c',
      paho,
      String(ready.platform.mqttPort),
      String(version),
      device.id,
    ]);
    await demandSoon('the grant', () => client.lines.find((line) => line === 'granted [1]'));
    const id = await command(device.id);
    assert.equal(await client.process.ended, 0, client.process.tail());
    assert.equal(client.lines.at(-1), `got v1/me/dn/cmd/${id}`);
    assert.equal((await stored(device.id)).length, 2);
  });

test('the connection sheet: its commands, run as they are written', async () => {
  const [code = ''] = await register(party, 'sheet-1');
  const sheet = await party.engineer.client.call('sheet', { params: params('sheet-1') });
  const place: Enrolled = await newKey(ready, party, 'sheet-1');
  writeFileSync(path.join(place.dir, 'root.pem'), sheet.rootPem);
  const of = (tool: string): string =>
    sheet.commands.find((one) => one.tool === tool)?.text ?? `echo no ${tool}; false`;
  for (const tool of ['openssl', 'curl']) {
    const { code: exit, stdout, stderr } = await shell(place, of(tool), { CODE: code });
    assert.equal(exit, 0, `${tool}: ${stdout}${stderr}`);
  }
  const sub = startClient(place, 'bash', ['-c', `exec ${of('mosquitto_sub')}`]);
  const online = async (): Promise<true | undefined> =>
    (await party.engineer.client.call('device', { params: params('sheet-1') })).summary.online || undefined;
  await demandSoon('mosquitto_sub', online);
  const pub = await shell(place, of('mosquitto_pub'));
  assert.equal(pub.code, 0, pub.stderr);
  writeFileSync(path.join(place.dir, 'client.mjs'), of('MQTT.js'));
  const root = path.resolve(import.meta.dirname, '..');
  const js = await shell(place, `ln -s ${root}/node_modules node_modules; ${root}/node_modules/.bin/node client.mjs`);
  assert.equal(js.code, 0, js.stderr);
  const id = await command('sheet-1');
  await demandSoon('the command', () => sub.lines.find((line) => line.startsWith(`v1/me/dn/cmd/${id} `)));
  await sub.process.stop();
  assert.ok((await stored('sheet-1')).length >= 2);
});

test('B2.3.1 nothing listens in plaintext: no port answers an unencrypted word', async () => {
  const { consolePort, devicePort, mqttPort } = ready.platform;
  const words = [
    'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
    Buffer.from('101000044d51545405020 03c00000361 6263'.replaceAll(' ', ''), 'hex'),
  ];
  for (const port of [consolePort, devicePort, mqttPort])
    for (const word of words) {
      const answer = await plainly(port, word);
      assert.doesNotMatch(answer.toString('latin1'), /^HTTP\/1\.1 [23]/);
      assert.notEqual(answer[0], 0x20, 'a CONNACK in plaintext');
    }
});

/** What a port answers to octets without TLS, until it closes. */
function plainly(port: number, word: string | Buffer): Promise<Buffer> {
  const parts: Buffer[] = [];
  return new Promise((resolve) => {
    const socket = net.connect({ host: '127.0.0.1', port }, () => void socket.write(word));
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on('data', (part: Buffer) => void parts.push(part));
    socket.on('error', () => undefined); // a reset is an answer too
    socket.on('close', () => resolve(Buffer.concat(parts)));
  });
}
