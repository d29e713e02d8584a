import { setTimeout as wait } from 'node:timers/promises';
import type { Credentials } from '@pactgate/device';
import type { Place } from './fleet.ts';
import type { Impostor } from './foreign.ts';
import {
  connectPacket,
  openWire,
  packet,
  packetTypes,
  publishPacket,
  subscribePacket,
  type Wire,
  type WireEvent,
  wordsOf,
} from './wire.ts';

/** A device of the fleet that worked for a while, from this address, and is in the hands of somebody hostile now. */
export interface Rogue {
  readonly device: string;
  readonly localAddress: string;
  readonly credentials: Credentials;
}

/** Whom the attacks are played with; each device once, so that one attack does not hide another. */
export interface Rogues {
  readonly plaintext: Rogue;
  readonly impostor: Impostor & { readonly localAddress: string; readonly device: string };
  /** `revoke` takes its certificate away, between a connection that works and one that must not. */
  readonly revoked: Rogue & { readonly revoke: () => Promise<void> };
  readonly foreign: Rogue & { readonly other: string };
  readonly undeclared: Rogue & { readonly channel: string; readonly values: Readonly<Record<string, unknown>> };
  readonly malformed: Rogue;
  /** `elsewhere`: an address of another network. */
  readonly clone: Rogue & { readonly elsewhere: string };
  readonly flood: Rogue & { readonly channel: string; readonly values: Readonly<Record<string, unknown>> };
}

/** What the attacker saw. */
export interface Sighting {
  readonly observed: string;
  /** Seen from outside, the platform held. */
  readonly held: boolean;
}

const isPacket = (event: WireEvent, type: number): event is Extract<WireEvent, { kind: 'packet' }> =>
  event.kind === 'packet' && event.type === type;
const isLetIn = (events: readonly WireEvent[]): boolean =>
  events.some((event) => isPacket(event, packetTypes.connack) && event.reason === 0);
const isClosed = (events: readonly WireEvent[]): boolean => events.at(-1)?.kind === 'closed';
const shown = (events: readonly WireEvent[]): string => [...new Set(events.map(wordsOf))].join(', ');

const openAs = ({ host, mqttPort }: Place, { localAddress, credentials }: Rogue, from = localAddress): Promise<Wire> =>
  openWire({
    host,
    port: mqttPort,
    localAddress: from,
    tls: { ca: credentials.rootPem, cert: credentials.certificatePem, key: credentials.keyPem },
  });

/** Connects and says who it is; a good device is let in. */
async function connectAs(place: Place, rogue: Rogue, from?: string): Promise<{ wire: Wire; answer: WireEvent }> {
  const wire = await openAs(place, rogue, from);
  wire.send(connectPacket(rogue.device));
  return { wire, answer: await wire.next() };
}

/** Speaks MQTT without TLS: where nothing plain should be spoken, and at the TLS port itself. */
export async function speakPlainly(place: Place, { localAddress, device }: Rogue): Promise<Sighting> {
  const seen: string[] = [];
  let held = true;
  for (const port of [place.tripwirePort, place.mqttPort]) {
    const wire = await openWire({ host: place.host, port, localAddress });
    wire.send(connectPacket(device));
    const events = await wire.rest();
    wire.destroy();
    held &&= isClosed(events) && !isLetIn(events);
    // What comes before the end from the TLS port is its alert, no packet.
    seen.push(`port ${port}: ${shown(events.filter(({ kind }) => kind !== 'packet'))}`);
  }
  return { observed: seen.join('; '), held };
}

export async function comeAsImpostor(place: Place, { impostor, plaintext }: Rogues): Promise<Sighting> {
  const { certificatePem, keyPem, localAddress, device } = impostor;
  const wire = await openWire({
    host: place.host,
    port: place.mqttPort,
    localAddress,
    tls: { ca: plaintext.credentials.rootPem, cert: certificatePem, key: keyPem },
  });
  wire.send(connectPacket(device));
  const events = await wire.rest();
  wire.destroy();
  return { observed: shown(events), held: isClosed(events) && !isLetIn(events) };
}

/** Let in, then revoked: the live session must end, and the certificate must not work again. */
export async function comeRevoked(place: Place, { revoked }: Rogues): Promise<Sighting> {
  const first = await connectAs(place, revoked);
  if (!isLetIn([first.answer])) return { observed: `before: ${wordsOf(first.answer)}`, held: false };
  await revoked.revoke();
  const cut = await first.wire.rest();
  first.wire.destroy();
  const again = await connectAs(place, revoked);
  const events = [again.answer, ...(again.answer.kind === 'packet' ? await again.wire.rest(1_500) : [])];
  again.wire.destroy();
  return {
    observed: `live session: ${shown(cut)}; afterwards: ${shown(events)}`,
    held: isClosed(cut) && !isLetIn(events),
  };
}

/** Publishes and listens where another device lives. */
export async function reachOver(place: Place, { foreign }: Rogues): Promise<Sighting> {
  const { wire, answer } = await connectAs(place, foreign);
  if (!isLetIn([answer])) return { observed: wordsOf(answer), held: false };
  wire.send(publishPacket(1, `v1/${foreign.other}/up/telemetry/status`, '{"temperature":20,"pressure":400}'));
  const published = await wire.next();
  wire.send(subscribePacket(2, `v1/${foreign.other}/dn/#`));
  const subscribed = await wire.next();
  wire.destroy();
  const held = [published, subscribed].every((event) => event.kind === 'packet' && event.reason >= 0x80);
  return { observed: `publish: ${wordsOf(published)}; subscribe: ${wordsOf(subscribed)}`, held };
}

/** Sends more than the manifest declares: accepted, and what is undeclared never stored. */
export async function sayTooMuch(place: Place, { undeclared }: Rogues): Promise<Sighting> {
  const { wire, answer } = await connectAs(place, undeclared);
  if (!isLetIn([answer])) return { observed: wordsOf(answer), held: false };
  const answers: WireEvent[] = [];
  for (let id = 1; id <= 5; id++) {
    const values = { ...undeclared.values, microphone: 'room talk', operator: { name: 'Wu' } };
    wire.send(publishPacket(id, `v1/me/up/telemetry/${undeclared.channel}`, JSON.stringify(values)));
    answers.push(await wire.next());
  }
  wire.destroy();
  const held = answers.every((event) => isPacket(event, packetTypes.puback) && event.reason === 0);
  return { observed: `${answers.length} messages: ${shown(answers)}`, held };
}

const brokenUtf8 = Buffer.from([0x76, 0x31, 0x2f, 0xed, 0xa0, 0x80]); // ends in a lone surrogate
/** Octets that break the standard, each in its own way; all but the last would be harmless if they were read loosely. */
const malformed: readonly { readonly what: string; readonly bytes: Buffer }[] = [
  { what: 'reserved flags of SUBSCRIBE', bytes: packet(0x80, Buffer.from([0, 1, 0, 0, 1, 0x61, 0])) },
  { what: 'UTF-8 with a surrogate in a topic', bytes: publishPacket(1, brokenUtf8, '{}') },
  { what: 'remaining length of five octets', bytes: Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01]) },
  { what: 'packet of type 0', bytes: Buffer.from([0x00, 0x00]) },
];

export async function talkNonsense(place: Place, { malformed: rogue }: Rogues): Promise<Sighting> {
  const seen: string[] = [];
  let held = true;
  for (const { what, bytes } of malformed) {
    const { wire, answer } = await connectAs(place, rogue);
    if (!isLetIn([answer])) return { observed: `${what}: not let in before: ${wordsOf(answer)}`, held: false };
    wire.send(bytes);
    const events = await wire.rest();
    wire.destroy();
    held &&= isClosed(events);
    seen.push(`${what}: ${shown(events)}`);
  }
  return { observed: seen.join('; '), held };
}

/** The same certificate and client id here, there, and here again: the second copy must not stay. */
export async function beInTwoPlaces(place: Place, { clone }: Rogues): Promise<Sighting> {
  const here = await connectAs(place, clone);
  await wait(200);
  const there = await connectAs(place, clone, clone.elsewhere);
  await wait(200);
  const back = await connectAs(place, clone);
  const letIn = [here, there, back].map(({ answer }) => wordsOf(answer)).join(', ');
  const cut = await back.wire.rest(8_000);
  const again = await connectAs(place, clone, clone.elsewhere);
  for (const { wire } of [here, there, back, again]) wire.destroy();
  return {
    observed: `${letIn}; then ${shown(cut)}; afterwards ${wordsOf(again.answer)}`,
    held: isClosed(cut) && !isLetIn([again.answer]),
  };
}

const floodWindow = 20;
const floodMs = 2_000;
const burst = 2_000;

/**
 * As fast as the line goes for a while, never more in flight than allowed, each message answered on its own; then a
 * burst that asks for no answer; then one more message, to see whether anybody still listens.
 */
export async function flood(place: Place, { flood: rogue }: Rogues): Promise<Sighting> {
  const { wire, answer } = await connectAs(place, rogue);
  if (!isLetIn([answer])) return { observed: wordsOf(answer), held: false };
  const payload = JSON.stringify(rogue.values);
  const topic = `v1/me/up/telemetry/${rogue.channel}`;
  const counts = new Map<string, number>();
  const count = (event: WireEvent): void => void counts.set(wordsOf(event), (counts.get(wordsOf(event)) ?? 0) + 1);
  let sent = 0;
  const more = (): void => wire.send(publishPacket((sent++ % 60_000) + 1, topic, payload));
  for (let i = 0; i < floodWindow; i++) more();
  const until = performance.now() + floodMs;
  for (;;) {
    const event = await wire.next(2_000);
    count(event);
    if (event.kind !== 'packet' || performance.now() > until) break;
    more();
  }
  wire.send(Buffer.concat(Array.from({ length: burst }, () => publishPacket(0, topic, payload))));
  for (const event of await wire.rest(1_000)) count(event);
  wire.destroy();
  const refused = [...counts].reduce((sum, [words, n]) => (/^PUBACK 0x[89]/.test(words) ? sum + n : sum), 0);
  const observed = [...counts].map(([words, n]) => `${n} x ${words}`).join(', ');
  return { observed: `${sent} sent, and ${burst} without acknowledgement: ${observed}`, held: refused >= 20 };
}
