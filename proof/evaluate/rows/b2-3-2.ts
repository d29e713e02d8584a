import type { Device } from '../devices.ts';
import {
  activeDevices,
  beginning,
  breached,
  type Lack,
  lackOf,
  met,
  type Outcome,
  refsOf,
  unknownBy,
  type View,
  why,
} from '../finding.ts';
import { type Rule, readsActive } from '../rule.ts';
import type { Finding } from '../types.ts';

const code = 'INSECURE_PROTOCOL';
const telnetPort = 23;
/** The party as a subject: an attempt from its own addresses that fits no single device. */
const partySubject = 'party';

/** Only a tripwire that listens can say that nothing came. */
function lackOfTripwire(view: View): Lack | undefined {
  const { tripwire } = view.evaluation.probes;
  const lack = lackOf(view, 'monitor.heartbeat', tripwire, beginning(view));
  if (lack !== undefined || tripwire === undefined) return lack;
  if (tripwire.body.up && tripwire.body.ports.length > 0) return undefined;
  return { kind: 'monitor.heartbeat', since: tripwire.at, why: why('tripwire/down') };
}

const cureOf = (view: View, port: number): number | null =>
  port === telnetPort ? view.terms.ms('telnetCure') : view.terms.ms('cure');

function judgePorts(view: View, { id, conduct: { ports } }: Device): Finding | undefined {
  if (ports === undefined) return undefined;
  const limit = view.terms.ms('reportMaxAge');
  const age = view.at - ports.at;
  const refs = [ports.ref];
  // The criterion itself limits the age of the report.
  if (age > limit)
    return breached(id, why('ports/report-old', { age: { ms: age }, limit: { ms: limit } }), { code, refs });
  const forbidden = new Set(view.terms.text('forbiddenPorts').split(',').map(Number));
  const open = ports.body.ports.filter((port) => forbidden.has(port));
  if (open.length === 0) return undefined;
  const cureMs = cureOf(view, open.includes(telnetPort) ? telnetPort : 0);
  return breached(id, why('ports/forbidden', { ports: open.join(', ') }), { code, refs, cureMs });
}

function judgeDevice(view: View, device: Device, tripwire: Lack | undefined): Finding {
  const { id, bornAt, conduct } = device;
  const hit = conduct.plaintext;
  const window = { ms: view.terms.ms('window') };
  if (hit !== undefined && view.at - hit.at < window.ms) {
    const { protocol, port } = hit.body;
    const cureMs = cureOf(view, port);
    return breached(id, why('plaintext/hit', { protocol, port, at: { at: hit.at } }), {
      code,
      refs: [hit.ref],
      cureMs,
    });
  }
  const ports = judgePorts(view, device);
  if (ports !== undefined) return ports;
  const lack = tripwire ?? lackOf(view, 'device.ports.report', conduct.ports, bornAt);
  if (lack !== undefined) return unknownBy(id, lack);
  const heartbeat = view.evaluation.probes.tripwire;
  const refs = refsOf(conduct.ports, heartbeat);
  return met(id, why('plaintext/none', { window, ports: conduct.ports?.body.ports.length ?? 0 }), refs);
}

function judgeParty(view: View, tripwire: Lack | undefined): Finding | undefined {
  const hit = view.evaluation.probes.partyHit;
  if (hit === undefined) return undefined;
  const { protocol, port } = hit.body;
  const args = { protocol, port, at: { at: hit.at } };
  const refs = [hit.ref];
  if (view.at - hit.at < view.terms.ms('window'))
    return breached(partySubject, why('plaintext/party', args), { code, refs, cureMs: cureOf(view, port) });
  return tripwire === undefined
    ? met(partySubject, why('plaintext/party-none', args), refs)
    : unknownBy(partySubject, tripwire, refs);
}

/**
 * B2.3.2 Insecure protocols disabled: no plaintext attempt by a known device in `window` while the tripwire was
 * listening, and a port report at most `reportMaxAge` old that names none of `forbiddenPorts`. A device that never
 * sent a port report is unknown. Subjects: each active device, any other that was caught, and `party` for an attempt
 * from the party's own addresses that fits no device; strays that fit nobody are counted beside.
 */
export const b232: Rule = {
  id: 'B2.3.2',
  reads: readsActive,
  judge: (view): Outcome => {
    const { active, silent } = activeDevices(view);
    const tripwire = lackOfTripwire(view);
    const seen = new Set(active.map(({ id }) => id));
    const caught = [...view.evaluation.devices.byId.values()].filter(
      ({ id, conduct }) =>
        !seen.has(id) && conduct.plaintext !== undefined && view.at - conduct.plaintext.at < view.terms.ms('window'),
    );
    const party = judgeParty(view, tripwire);
    const findings = [...active, ...caught].map((device) => judgeDevice(view, device, tripwire));
    // A party without devices is not met for want of attempts: only its offence is a subject then.
    const counted = party !== undefined && (findings.length > 0 || party.status === 'breached') ? [party] : [];
    return {
      findings: [...findings, ...counted],
      counts: { silent, strayAttempts: view.evaluation.probes.strayHits },
    };
  },
};
