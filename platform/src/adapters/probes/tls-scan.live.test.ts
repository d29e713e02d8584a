import assert from 'node:assert/strict';
import { constants } from 'node:crypto';
import net from 'node:net';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import type { RecordBody } from '@pactgate/protocol';
import { type Issued, TestAuthority } from '../../gateway/testing/certificates.ts';
import { type Harness, startHarness } from '../../gateway/testing/harness.ts';
import { clientHello, readReply } from './client-hello.ts';
import { scanTls } from './tls-scan.ts';

let authority: TestAuthority;
let server: Issued;
before(async () => {
  authority = await TestAuthority.create();
  server = await authority.server();
});
const listeners: net.Server[] = [];
after(() => {
  for (const listener of listeners) listener.close();
});

async function listen(made: net.Server): Promise<number> {
  listeners.push(made);
  const { promise, resolve } = Promise.withResolvers<void>();
  made.listen(0, '127.0.0.1', resolve);
  await promise;
  return (made.address() as net.AddressInfo).port; // it listens on TCP
}

/** Scans a bare TLS server with these options. */
async function scan(options: tls.TlsOptions, servername = 'localhost'): Promise<RecordBody<'probe.tls'>> {
  const made = tls.createServer({ ...server, ...options }, (socket) =>
    socket.on('error', () => socket.destroy()).resume(),
  );
  made.on('tlsClientError', () => undefined);
  const port = await listen(made);
  return scanTls({ listener: 'test', host: '127.0.0.1', port, roots: [authority.root], servername });
}

test('A3.2.1 scan: the device listener takes the accepted suites of TLS 1.2 and 1.3, and nothing else', async () => {
  const harness: Harness = await startHarness({ authority, sources: { failures: 1_000 } });
  try {
    const device = await harness.device('probe');
    const credentials = { ...device, spki: '', notAfter: 0 };
    const at = { host: '127.0.0.1', port: harness.port, roots: [authority.root], servername: 'localhost' };
    const body = await scanTls({ listener: 'mqtts', ...at, credentials });
    assert.deepEqual(body.accepted.toSorted(), [
      'TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256',
      'TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384',
      'TLSv1.2 ECDHE-ECDSA-CHACHA20-POLY1305',
      'TLSv1.3 TLS_AES_128_GCM_SHA256',
      'TLSv1.3 TLS_AES_256_GCM_SHA384',
      'TLSv1.3 TLS_CHACHA20_POLY1305_SHA256',
    ]);
    for (const name of ['SSLv3', 'TLSv1.0', 'TLSv1.1', 'ECDHE-ECDSA-AES128-SHA', 'AES128-GCM-SHA256', 'NULL-SHA256'])
      assert.ok(body.refused.includes(name), name);
    assert.deepEqual([body.chainValid, body.plaintext, body.findings], [true, false, []]);
    assert.ok(body.notAfter > Date.now());
  } finally {
    await harness.stop();
  }
});

const sound: tls.TlsOptions = {
  minVersion: 'TLSv1.2',
  ciphers: 'TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256',
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
};

test('A3.2.1 scan: TLS 1.1 and CBC suites are found where a listener offers them', async () => {
  const body = await scan({ ...sound, minVersion: 'TLSv1.1', ciphers: 'ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0' });
  assert.ok(body.accepted.includes('TLSv1.1'));
  assert.ok(body.accepted.includes('TLSv1.2 ECDHE-ECDSA-AES128-SHA'));
  assert.ok(body.refused.includes('TLSv1.0'));
});

test('A3.2.1 scan: client-initiated renegotiation is found', async () => {
  assert.deepEqual((await scan(sound)).findings, []);
  const { secureOptions: _, ...loose } = sound;
  assert.deepEqual((await scan(loose)).findings, ['renegotiates at the wish of a client']);
});

test('A3.2.1 scan: a chain that is not valid, by root and by name', async () => {
  const other = await (await TestAuthority.create('another root')).server();
  assert.equal((await scan({ ...sound, ...other })).chainValid, false);
  assert.equal((await scan(sound, 'elsewhere.example')).chainValid, false);
  assert.equal((await scan(sound)).chainValid, true);
});

test('A3.2.1 scan: a listener that answers plaintext beside TLS is found', async () => {
  const secured = tls.createServer({ ...server, ...sound }, (socket) => socket.on('error', () => undefined).resume());
  secured.on('tlsClientError', () => undefined);
  const inner = await listen(secured);
  const port = await listen(
    net.createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', (first: Buffer) => {
        if (first[0] !== 0x16) {
          socket.end('HTTP/1.1 200 OK\r\n\r\n');
          return;
        }
        const through = net.connect(inner, '127.0.0.1');
        through.on('error', () => socket.destroy());
        through.write(first);
        socket.pipe(through).pipe(socket);
      });
    }),
  );
  const body = await scanTls({
    listener: 'test',
    host: '127.0.0.1',
    port,
    roots: [authority.root],
    servername: 'localhost',
  });
  assert.equal(body.plaintext, true);
});

test('A3.2.1 scan: nobody listening is no verdict', async () => {
  const port = await listen(net.createServer());
  listeners.at(-1)?.close();
  await assert.rejects(scanTls({ listener: 'test', host: '127.0.0.1', port, roots: [] }), /ECONNREFUSED/);
});

test('RFC 8446 4.1.2 a ClientHello by hand is one record whose lengths agree; cut answers ask for more', () => {
  for (const version of ['SSLv3', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const) {
    const hello = clientHello({ version, suites: [0x1301, 0xc02b], servername: 'localhost' });
    assert.equal(hello.readUInt16BE(3), hello.length - 5);
    assert.equal(hello.readUIntBE(6, 3), hello.length - 9);
  }
  const alert = Buffer.from('15030300020228', 'hex');
  assert.deepEqual(readReply(alert), { kind: 'alert', code: 40 });
  for (let size = 0; size < alert.length; size++) assert.equal(readReply(alert.subarray(0, size)), undefined);
  assert.equal(readReply(Buffer.from('HTTP/1.1 400'))?.kind, 'other');
  assert.equal(
    readReply(Buffer.from('1603030004ff000000', 'hex'))?.kind,
    'other',
    'a handshake message that is no hello',
  );
});
