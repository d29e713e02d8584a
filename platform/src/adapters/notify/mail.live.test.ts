import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { openMail } from './mail.ts';

/** A real SMTP server (Debian's python3-aiosmtpd) that prints one JSON line for each message it takes. */
const peer = `
import asyncio, json, sys
try:
    from aiosmtpd.controller import Controller
except ImportError:
    sys.exit('this test needs aiosmtpd; as root: apt-get install -y --no-install-recommends python3-aiosmtpd')
class Keep:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address == 'nobody@example.org':
            return '550 no such mailbox'
        envelope.rcpt_tos.append(address)
        return '250 OK'
    async def handle_DATA(self, server, session, envelope):
        print(json.dumps({'from': envelope.mail_from, 'to': envelope.rcpt_tos, 'text': envelope.content.decode('utf-8', 'replace')}), flush=True)
        return '250 OK'
controller = Controller(Keep(), hostname='127.0.0.1', port=int(sys.argv[1]))
controller.start()
print('ready', flush=True)
sys.stdin.read()
controller.stop()
`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

let smtp: ChildProcess;
let port = 0;
let printed = '';

async function printedLine(n: number): Promise<string> {
  while (printed.split('\n').length < n + 2) {
    if (!smtp.stdout) throw new Error('no output');
    await once(smtp.stdout, 'data', { signal: AbortSignal.timeout(15_000) });
  }
  return printed.split('\n')[n] ?? '';
}

before(async () => {
  port = await freePort();
  smtp = spawn('/usr/bin/python3', ['-c', peer, String(port)], { stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  smtp.stderr?.on('data', (text: Buffer) => (errors += text.toString()));
  smtp.stdout?.on('data', (text: Buffer) => (printed += text.toString()));
  const ended = once(smtp, 'exit').then(() => {
    throw new Error(`the SMTP server ended: ${errors}`);
  });
  ended.catch(() => {}); // its normal end, in after()
  await Promise.race([printedLine(0), ended]);
});
after(() => smtp.stdin?.end());

const silent = (): void => {};

test('a message with Chinese text reaches a real SMTP server, for one recipient', async () => {
  const mail = openMail({ url: `smtp://127.0.0.1:${port}`, from: 'Pactgate <pactgate@iot.example>', log: silent });
  assert.equal(await mail.send('ann@example.org', 'Pactgate 邀请', 'https://iot.example/join?token=abc\n'), 'sent');
  const got = JSON.parse(await printedLine(1)) as { from: string; to: string[]; text: string };
  assert.equal(got.from, 'pactgate@iot.example');
  assert.deepEqual(got.to, ['ann@example.org']);
  assert.match(got.text, /https:\/\/iot\.example\/join\?token=3Dabc|https:\/\/iot\.example\/join\?token=abc/);
  assert.match(got.text, /^subject: =\?utf-8\?/im);
});

test('a recipient that smuggles another one or a header is not written to', async () => {
  const mail = openMail({ url: `smtp://127.0.0.1:${port}`, from: 'pactgate@iot.example', log: silent });
  const hostile = [
    'a@example.org, b@example.org',
    'a@example.org\r\nBcc: c@example.org',
    '<a@example.org>',
    '"a b"@example.org',
    '',
  ];
  for (const to of hostile) assert.equal(await mail.send(to, 's', 'x'), 'failed', to);
  assert.equal(await mail.send('last@example.org', 'one\r\nBcc: d@example.org', 'x'), 'sent');
  const { to, text } = JSON.parse(await printedLine(2)) as { to: string[]; text: string };
  assert.deepEqual(to, ['last@example.org']);
  assert.doesNotMatch(text, /^bcc:/im);
});

test('a refused recipient and a dead server are a failure, told without recipient', async () => {
  const told: string[] = [];
  const log = (message: string): void => void told.push(message);
  const mail = openMail({ url: `smtp://127.0.0.1:${port}`, from: 'pactgate@iot.example', log });
  assert.equal(await mail.send('nobody@example.org', 's', 'x'), 'failed');
  const dead = openMail({ url: `smtp://127.0.0.1:${await freePort()}`, from: 'pactgate@iot.example', log });
  assert.equal(await dead.send('ann@example.org', 's', 'x'), 'failed');
  assert.equal(told.length, 2);
  assert.doesNotMatch(told.join(), /example\.org/);
});

test('a server elsewhere must offer STARTTLS: nothing is sent in plaintext', async () => {
  // The same peer, which offers no TLS, by an address that is not on the list of those that need none.
  const earlier = printed;
  const mail = openMail({ url: `smtp://[::ffff:127.0.0.1]:${port}`, from: 'pactgate@iot.example', log: silent });
  assert.equal(await mail.send('ann@example.org', 's', 'x'), 'failed');
  assert.equal(printed, earlier);
  assert.throws(() => openMail({ url: 'http://mail.example', from: 'p@iot.example', log: silent }), TypeError);
});
