import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { test } from 'node:test';
import { checkClock } from '../../duties/audit/index.ts';
import { type Clock, instant } from '../../kernel/time.ts';
import { askTime, parseServer, readAnswer } from './ntp.ts';

const clock: Clock = { now: () => instant(Date.now()) };

/** Writes epoch milliseconds as NTP has them (RFC 4330 section 3). */
function put(packet: Buffer, at: number, ms: number): void {
  packet.writeUInt32BE((Math.floor(ms / 1_000) + 2_208_988_800) % 2 ** 32, at);
  packet.writeUInt32BE(Math.floor(((ms % 1_000) / 1_000) * 2 ** 32), at + 4);
}

function answerTo(question: Buffer, ahead: number, { stratum = 2, leap = 0 } = {}): Buffer {
  const answer = Buffer.alloc(48);
  answer[0] = (leap << 6) | 0x24;
  answer[1] = stratum;
  question.copy(answer, 24, 40, 48);
  put(answer, 32, Date.now() + ahead);
  put(answer, 40, Date.now() + ahead);
  return answer;
}

async function serve(reply: (question: Buffer) => Buffer | undefined): Promise<{ port: number; close(): void }> {
  const socket = dgram.createSocket('udp4');
  socket.on('message', (question, peer) => {
    const answer = reply(question);
    if (answer) socket.send(answer, peer.port, peer.address);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.bind(0, '127.0.0.1', resolve);
  await promise;
  return { port: socket.address().port, close: () => void socket.close() };
}

test('A3.4.1 clock: an offset of the time server is measured over real UDP (RFC 4330)', async () => {
  const server = await serve((question) => answerTo(question, 700));
  const samples = await askTime(`127.0.0.1:${server.port}`, clock);
  server.close();
  assert.equal(samples.length, 4);
  const { method, offsetMs, uncertaintyMs } = checkClock('ntp', samples);
  assert.equal(method, 'ntp');
  assert.ok(Math.abs(offsetMs - 700) < 50 + uncertaintyMs, `${offsetMs}`);
});

const useless: readonly { name: string; change: (answer: Buffer) => void }[] = [
  { name: 'an answer to another question', change: (answer) => answer.writeUInt32BE(1, 24) },
  { name: 'a kiss of death', change: (answer) => answer.writeUInt8(0, 1) },
  { name: 'an unsynchronised clock', change: (answer) => answer.writeUInt8(0xe4, 0) },
  { name: 'a client that speaks', change: (answer) => answer.writeUInt8(0x23, 0) },
  { name: 'no time at all', change: (answer) => answer.writeUInt32BE(0, 40) },
];
for (const { name, change } of useless) {
  test(`A3.4.1 clock: not used: ${name} (RFC 4330 section 5)`, () => {
    const question = Buffer.alloc(48, 7);
    const answer = answerTo(question, 0);
    const mark = question.subarray(40, 48);
    assert.ok(readAnswer(answer, mark) !== undefined);
    change(answer);
    assert.equal(readAnswer(answer, mark), undefined);
  });
}

test('A3.4.1 clock: a server that is silent, or no address, gives no sample', async () => {
  const server = await serve(() => undefined);
  assert.deepEqual(await askTime(`127.0.0.1:${server.port}`, clock), []);
  server.close();
  assert.deepEqual(await askTime('not a server', clock), []);
  assert.deepEqual(parseServer('[::1]:1123'), { host: '::1', port: 1_123 });
  assert.deepEqual(parseServer('time.example'), { host: 'time.example', port: 123 });
});
