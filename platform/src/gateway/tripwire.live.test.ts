import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import type { TripwireHit } from '../flow/gateway-port.ts';
import { until } from './testing/raw-client.ts';
import { guessProtocol, Tripwire } from './tripwire.ts';

const hits: TripwireHit[] = [];
const beats: (readonly number[])[] = [];
const port = {
  record: (hit: TripwireHit): void => void hits.push(hit),
  heartbeat: (ports: readonly number[]): void => void beats.push([...ports]),
};
const options = { host: '127.0.0.1', ports: [0, 0], port, now: () => 1_234, patience: 150 };
const wire = new Tripwire(options);
let ports: readonly number[] = [];
before(async () => {
  ports = await wire.listen();
});
after(() => wire.close());

for (const [name, bytes, want] of [
  ['MQTT CONNECT', Buffer.from('101000044d5154540402003c000464657631', 'hex'), 'mqtt'],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'http'],
  ['CoAP over TCP', Buffer.from('00e1', 'hex'), 'coap'],
  ['TLS on a plaintext port', Buffer.from('1603010200', 'hex'), 'tls'],
  ['something else', Buffer.from('SSH-2.0-x\r\n'), 'other'],
] as const)
  test(`B2.3.2 tripwire: ${name} is recorded, nothing is answered`, async () => {
    const count = hits.length;
    const got: Buffer[] = [];
    const socket = net.connect(ports[1] ?? 0, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk: Buffer) => got.push(chunk)).on('error', () => undefined);
    await until(() => hits.length > count && socket.destroyed, 'the record');
    assert.deepEqual(hits.at(-1), { port: ports[1], address: '127.0.0.1', protocol: want, at: 1_234 });
    assert.equal(hits.length, count + 1);
    assert.equal(got.length, 0);
  });

test('B2.3.2 tripwire: who says nothing is recorded as silent', async () => {
  const count = hits.length;
  const socket = net.connect(ports[0] ?? 0, '127.0.0.1');
  socket.on('error', () => undefined);
  await until(() => hits.length > count, 'the record');
  assert.equal(hits.at(-1)?.protocol, 'silent');
  assert.equal(hits.at(-1)?.port, ports[0]);
});

test('B2.3.2 tripwire: the heartbeat names the ports from the start', () => assert.deepEqual(beats[0], ports));

test('tripwire: a taken port is an error, and none stays open', async () => {
  const second = new Tripwire({ ...options, ports: [0, ports[0] ?? 0] });
  await assert.rejects(second.listen(), { code: 'EADDRINUSE' });
  await second.close();
});

test('guess of empty bytes', () => assert.equal(guessProtocol(Buffer.alloc(0)), 'silent'));
