import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { connectPacket, type Fleet, openWire, publishPacket, simModels, wordsOf } from '@pactgate/sim';
import { run, start, until } from '../live/process.ts';
import { recordsOf } from '../live/records.ts';
import { missingPackages, openPortDevice, type ToolFiles } from './devices.ts';
import type { Party, World } from './world.ts';

/** Registered, enrolled and connected devices over all parties, as the platform counts them. */
export async function countDevices(
  parties: readonly Party[],
): Promise<{ readonly total: number; readonly active: number; readonly online: number }> {
  const pages = await Promise.all(
    parties.map(({ client, agreement }) =>
      client.call('devices', { params: { agreement }, query: { limit: 500, state: 'active' } }),
    ),
  );
  const all = await Promise.all(
    parties.map(({ client, agreement }) => client.call('devices', { params: { agreement }, query: { limit: 1 } })),
  );
  return {
    total: all.reduce((sum, { total }) => sum + total, 0),
    active: pages.reduce((sum, { items }) => sum + items.length, 0),
    online: all.reduce((sum, { online }) => sum + online, 0),
  };
}

/** Connects the fleet and lets it work for a moment. */
export async function connectFleet({ progress }: World, fleet: Fleet, parties: readonly Party[]): Promise<number> {
  await fleet.connect();
  await wait(3_000);
  const { online } = await countDevices(parties);
  progress.held('the platform sees what the fleet says', online >= fleet.counts.online, `${online} online`);
  return online;
}

const said: readonly (readonly [topic: string, message: unknown])[] = [
  ['version', { v: 1, firmware: simModels.pump.firmware }],
  ['evidence/ports', { ports: [] }],
  ['evidence/selftest', { detectors: simModels.pump.detectors, passed: true }],
  ['telemetry/status', { temperature: 61.5, pressure: 431, site: 'hall 1, bay 3' }],
];
const mosquitto = { mosquitto_pub: 'mosquitto-clients', mosquitto_sub: 'mosquitto-clients' };

/** A device with a certificate in files speaks through mosquitto's clients, or by hand where they are not installed. */
export async function speakWithTools(world: World, party: Party, files: ToolFiles): Promise<void> {
  const missing = missingPackages(mosquitto);
  if (missing.length === 0) return speakWithMosquitto(world, party, files);
  world.progress.note(`NOT INSTALLED: ${missing.join(' ')}. This part is left out; apt-get install it to see it.`);
  return speakByHand(world, files);
}

async function speakByHand({ platform, progress }: World, files: ToolFiles): Promise<void> {
  const [ca, cert, key] = await Promise.all([
    readFile(files.root, 'utf8'),
    readFile(files.certificate, 'utf8'),
    readFile(files.key, 'utf8'),
  ]);
  const wire = await openWire({ host: '127.0.0.1', port: platform.mqttPort, tls: { ca, cert, key } });
  wire.send(connectPacket(files.device));
  const answers = [await wire.next()];
  for (const [i, [topic, message]] of said.entries()) {
    wire.send(publishPacket(i + 1, `v1/me/up/${topic}`, JSON.stringify(message)));
    answers.push(await wire.next());
  }
  wire.destroy();
  const isGood = answers.every((answer) => answer.kind === 'packet' && answer.reason === 0);
  progress.held('its certificate is good', isGood, answers.map(wordsOf).join(', '));
}

/** mosquitto_sub and mosquitto_pub side by side with one certificate: a command arrives, telemetry is stored. */
async function speakWithMosquitto({ progress, platform }: World, party: Party, files: ToolFiles): Promise<void> {
  const { device } = files;
  const secure = ['--cafile', files.root, '--cert', files.certificate, '--key', files.key];
  const base = ['-h', '127.0.0.1', '-p', String(platform.mqttPort), '-V', '5', '-q', '1', ...secure];
  const heard: string[] = [];
  const sub = start('mosquitto_sub', [...base, '-i', device, '-t', 'v1/me/dn/#', '-v'], {
    onLine: (line) => void heard.push(line),
  });
  try {
    const params = { agreement: party.agreement, device };
    const isOnline = async (): Promise<true | undefined> =>
      (await party.client.call('device', { params })).summary.online || undefined;
    progress.held('mosquitto_sub connects', (await until(isOnline, { within: 10_000 })) === true, sub.tail());
    for (const [topic, message] of said) {
      const words = ['-i', `${device}:pub`, '-t', `v1/me/up/${topic}`, '-m', JSON.stringify(message)];
      const sent = await run('mosquitto_pub', [...base, ...words]);
      progress.held(`mosquitto_pub beside it with the same certificate: ${topic}`, sent.code === 0, sent.stderr.trim());
    }
    const { items } = await party.client.call('telemetry', { params, query: { channel: 'status' } });
    const isStored = items.some(({ values }) => values['/temperature'] === 61.5);
    progress.held('its message is stored', isStored);
    await party.client.call('sendCommand', { params, body: { name: 'identify', payload: { blink: 3 } } });
    const arrived = await until(() => heard.find((line) => line.includes('dn/cmd/') && line.includes('blink')), {
      within: 10_000,
      every: 50,
    });
    progress.held('mosquitto_sub receives a command', arrived !== undefined, heard.join(' | ').slice(0, 200));
  } finally {
    await sub.stop(2_000);
  }
}

/** Data as its roles see it: sealed fields masked for A, a declared view for B's engineer, whole for B's administrator. */
export async function lookAtData({ operator, progress }: World, party: Party): Promise<void> {
  const params = { agreement: party.agreement, device: 'meter-001' };
  const query = { channel: 'energy', limit: 5 };
  const mine = await party.client.call('telemetry', { params, query });
  const theirs = await operator.client.call('telemetry', { params, query });
  const clear = mine.items.map(({ values }) => JSON.stringify(values)).join('\n');
  progress.held('B reads its own sealed field', /C\d{8}/.test(clear), clear.slice(0, 120));
  const masked = theirs.items.map(({ values }) => JSON.stringify(values)).join('\n');
  progress.held('A does not', theirs.items.length > 0 && !/C\d{8}/.test(masked), `masked: ${theirs.masked.join(', ')}`);
  const csv = new TextDecoder().decode(
    await party.client.call('exportTelemetry', { params, query: { channel: 'energy', format: 'csv' } }),
  );
  progress.held('export as CSV', csv.split('\n').length > 2 && csv.includes('customer'), csv.split('\n', 1)[0] ?? '');
}

/** A device notices tampering; its report is an incident, which A confirms, contains and closes. */
export async function reportIncident({ operator, progress }: World, fleet: Fleet, party: Party): Promise<void> {
  await fleet.device('pump-003').report('tamper', 'high');
  const found = await until(
    async () => {
      const { items } = await operator.client.call('incidents', { params: { agreement: party.agreement }, query: {} });
      return items.find(({ device, type }) => device === 'pump-003' && type === 'tamper');
    },
    { within: 5_000 },
  );
  progress.held('a security report opens an incident', found !== undefined);
  if (!found) return;
  const params = { agreement: party.agreement, incident: found.id };
  for (const step of ['confirm', 'contain', 'close'] as const)
    await operator.client.call('moveIncident', { params, body: { step, note: `demo: ${step}` } });
  const { incident, timeline } = await operator.client.call('incident', { params });
  progress.held('it is confirmed, contained and closed', incident.state === 'closed' && timeline.length >= 4);
  const { versions } = await operator.client.call('device', {
    params: { agreement: party.agreement, device: 'pump-003' },
  });
  progress.held('the running version is known', versions[0]?.known === true, versions[0]?.version ?? 'none');
}

/** A command: delivered, acknowledged, answered. */
export async function command({ operator, progress }: World, party: Party): Promise<void> {
  const words = ['device', 'command', 'pump-004', 'set-rate', '--agreement', party.plan.id];
  const payload = ['--payload', '{"seconds":2}', '--wait', '15'];
  const { json } = await operator.cli.call([...words, ...payload], { expect: 'any' });
  progress.held('a command is delivered, accepted and done', json['state'] === 'done', String(json['state']));
}

export interface Isolated {
  /** From the commit of the order to the closed socket, as the ledger has it. */
  readonly sessionCutMs: number;
  /** From the call of the API to the lost connection, as the device saw it. */
  readonly deviceSawMs: number;
}

/** Isolating a device cuts its live session and refuses it until it is released. */
export async function isolate(world: World, fleet: Fleet, party: Party): Promise<Isolated> {
  const { progress, operator } = world;
  const id = 'pump-005';
  const params = { agreement: party.agreement, device: id };
  const device = fleet.device(id);
  const began = performance.now();
  const order = operator.client.call('isolate', { params, body: { level: 4, reason: 'demo: suspected takeover' } });
  const lostAt = await until(() => device.lostAt, { within: 5_000, every: 1 });
  const { order: orderId, connectionsCut } = await order;
  progress.held('the live session is cut', lostAt !== undefined && connectionsCut === 1, `${connectionsCut} cut`);
  await wait(1_500);
  progress.held('it is refused while isolated', !device.online);
  const { items } = await operator.client.call('refusals', { params, query: {} });
  const refusal = items.find(({ code }) => code === 'device/isolated');
  const explained =
    refusal !== undefined && refusal.next.zh !== '' && refusal.next.en !== '' && refusal.cause.zh !== '';
  progress.held('the refusal is on its page with cause and next step in both languages', explained);
  await operator.client.call('isolate', { params, body: { level: 0, reason: 'demo: nothing was found' } });
  const back = await until(() => device.online || undefined, { within: 15_000 });
  progress.held('released, it comes back by itself', back === true);
  const effects = await recordsOf(party.client, party.log, { kinds: ['device.isolate.effect'] });
  const effect = effects.find(({ body }) => body['order'] === orderId);
  progress.held('the effect is in the ledger', effect !== undefined);
  const cut = effect?.body['commitToCutMs'];
  return {
    sessionCutMs: typeof cut === 'number' ? cut : -1,
    deviceSawMs: Math.round((lostAt ?? began + 5_000) - began),
  };
}

/** A breach opens and is told, the device is mended, the breach is cured and closed: each an entry. */
export async function breachAndCure({ progress }: World, fleet: Fleet, party: Party): Promise<void> {
  const { agreement, client, log } = party;
  const find = async (state: string) => {
    const { items } = await client.call('breaches', { params: { agreement }, query: {} });
    return items.find(({ row, state: is }) => row === 'B2.3.2' && (state === 'open' ? is === 'open' : is !== 'open'));
  };
  const open = await until(() => find('open'), { within: 20_000 });
  progress.held(`an open Telnet port of ${openPortDevice} is a breach`, open?.code === 'INSECURE_PROTOCOL', open?.code);
  await fleet.device(openPortDevice).reportPorts([443]);
  const cured = await until(() => find('over'), { within: 20_000 });
  progress.held('closing the port cures it', cured !== undefined, cured?.state ?? 'still open');
  const kinds = ['breach.open', 'breach.notify', 'breach.cure', 'breach.close'];
  const seen = await until(
    async () => {
      const found = await recordsOf(client, log, { kinds });
      const own = found.filter(({ body }) => body['breach'] === open?.id).map(({ kind }) => kind);
      return kinds.every((kind) => own.includes(kind)) ? own : undefined;
    },
    { within: 15_000 },
  );
  progress.held('opened, told, cured, closed: each a ledger entry', seen !== undefined);
}
