import type { ProblemCode } from '@pactgate/protocol';
import type { RecentAddresses } from '../duties/channel/index.ts';
import type { Device, IdentityRegistry } from '../duties/identity/index.ts';
import { type Clock, instant } from '../kernel/time.ts';
import type { NewRecord } from '../parties/record.ts';
import type { LiveSession } from './device-session.ts';
import type { GatewayRecords, GatewayRefusal, SourceBan, TripwireHit } from './gateway-port.ts';
import type { Refusals } from './refusals.ts';

export interface GatewayRecordParts {
  readonly registry: IdentityRegistry;
  readonly addresses: RecentAddresses;
  readonly refusals: Refusals;
  readonly clock: Clock;
  /** Records without waiting; errors are told to the operator's log. */
  readonly record: (records: readonly NewRecord[]) => void;
}

const rates: ReadonlySet<ProblemCode> = new Set(['gate/rate', 'gate/busy', 'gate/banned', 'gate/connections']);

/** The device behind a refusal, when it proved possession of the key it is known by. */
function deviceOf(registry: IdentityRegistry, { peer }: GatewayRefusal): Device | undefined {
  if (!peer) return undefined;
  const record = registry.record(peer.serial);
  return record?.certificate.spki === peer.spki && peer.spki !== '' ? record.device : undefined;
}

/** What the transports refuse by themselves, as records: malformed bytes, rates, handshakes, bans (A3.1.4, A3.4.1). */
export function makeGatewayRecords(
  parts: GatewayRecordParts,
): GatewayRecords & { readonly plaintext: (hit: TripwireHit) => void } {
  return {
    plaintext: (hit) => plaintext(parts, hit),
    refused: (refusal) => {
      // Sessions are made by this flow's own gate.
      const session = refusal.session as LiveSession | undefined;
      if (session) inSession(parts, refusal, session);
      else atTheDoor(parts, refusal);
    },
    banned: (ban) => parts.record([bannedRecord(ban)]),
  };
}

function inSession(parts: GatewayRecordParts, refusal: GatewayRefusal, session: LiveSession): void {
  const { code, count, listener } = refusal;
  const at = instant(refusal.at);
  const { agreement, device, pseudonym } = session;
  const record: NewRecord = rates.has(code)
    ? {
        agreement,
        kind: 'gate.limit',
        outcome: 'limited',
        body: { device: pseudonym, listener, code, count, from: at, to: at },
      }
    : {
        agreement,
        kind: 'msg.refuse',
        outcome: 'refused',
        n: count,
        body: { device: pseudonym, code, protocol: session.version5 ? 'mqtt5' : 'mqtt3.1.1' },
      };
  parts.refusals.add({ agreement, device, code, action: 'mqtt', resource: refusal.stage, policies: [], at, record });
}

function atTheDoor(parts: GatewayRecordParts, refusal: GatewayRefusal): void {
  const { code, stage, listener, transport, peer, address, count } = refusal;
  const device = deviceOf(parts.registry, refusal);
  const record: NewRecord = {
    ...(device ? { agreement: device.agreement } : {}),
    kind: 'session.reject',
    outcome: 'refused',
    n: count,
    body: {
      code,
      stage,
      listener,
      transport,
      ...(device ? { device: device.pseudonym } : {}),
      ...(peer && peer.spki !== '' ? { spki: peer.spki, serial: peer.serial } : {}),
      ...(peer ? { tls: peer.tls, suite: peer.suite } : {}),
    },
    personal: { address },
  };
  if (!device) {
    parts.record([record]);
    return;
  }
  const { agreement, id } = device;
  parts.refusals.add({
    agreement,
    device: id,
    code,
    action: 'connect',
    resource: stage,
    policies: [],
    at: instant(refusal.at),
    record,
  });
}

const bannedRecord = ({ kind, value, until, failures, at }: SourceBan): NewRecord => ({
  kind: 'gate.limit',
  outcome: 'banned',
  body: { listener: kind, code: 'gate/banned', count: failures, from: instant(at), to: instant(until) },
  personal: { source: value },
});

/**
 * A plaintext attempt (B2.3.2): attributed to a party when only its devices were seen at this address in a day, and
 * shown on the device's page when it was one device alone.
 */
function plaintext(parts: GatewayRecordParts, hit: TripwireHit): void {
  const at = instant(hit.at);
  const whose = parts.addresses.attribute(hit.address, at);
  const device = whose?.device === undefined ? undefined : parts.registry.device(whose.agreement, whose.device);
  const record: NewRecord = {
    ...(whose ? { agreement: whose.agreement } : {}),
    kind: 'probe.plaintext.hit',
    outcome: 'refused',
    body: {
      port: hit.port,
      protocol: hit.protocol,
      attributed: whose !== undefined,
      ...(device ? { device: device.pseudonym } : {}),
    },
    personal: { address: hit.address },
  };
  if (!device) return parts.record([record]);
  const [code, resource] = ['channel/plaintext', `${hit.protocol} tcp/${hit.port}`] as const;
  const { agreement, id } = device;
  parts.refusals.add({ agreement, device: id, code, action: 'connect', resource, policies: [], at, record });
}
