import { existsSync } from 'node:fs';
import path from 'node:path';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { rowOf } from '@pactgate/agreement';
import { probedLevels } from '@pactgate/proof';
import type { IsolationLevel, RecordBody } from '@pactgate/protocol';
import { probeAuthn, type Rejection } from '../adapters/probes/authn.ts';
import { type Door, httpsDoor, mqttDoor } from '../adapters/probes/doors.ts';
import type { Place } from '../adapters/probes/https.ts';
import { probeIsolation } from '../adapters/probes/isolation.ts';
import { type LogTarget, oneLine, verifyIndependently, verifyLog } from '../adapters/probes/self-test.ts';
import { type ScanTarget, scanTls } from '../adapters/probes/tls-scan.ts';
import { nodeProofCrypto } from '../adapters/proof-crypto.ts';
import { largestOf, rhythmOf } from '../flow/collect.ts';
import { replaySlowly, sampleTables } from '../flow/collect-decisions.ts';
import { logIdOf } from '../flow/logs.ts';
import { hours, later, minutes, seconds } from '../kernel/time.ts';
import { type LogEntry, maxBatch } from '../ledger/index.ts';
import { platformItself } from '../parties/people.ts';
import { type ProbeIdentity, probeChannel, probeTenant } from './assurance-identity.ts';
import { agreedOf, nowOf, ownHost, Turns, type Work } from './assurance-parts.ts';
import { hostNames } from './gateway.ts';

/** Probes of the own listeners and logs, each a job of its own. */
export interface Probes {
  authn(): Promise<void>;
  tls(): Promise<void>;
  isolation(): Promise<void>;
  replay(): Promise<void>;
  /** Tests logs whose turn it is; all of them when asked for. */
  selfTest(asked: boolean): Promise<void>;
}

export function makeProbes(work: Work, identity: ProbeIdentity): Probes {
  const { base, parts } = work;
  const mqtt: Place = { ...identity.est, port: parts.gateway.mqttPort };
  const doors = [mqttDoor('mqtts', mqtt), httpsDoor('https', identity.est)];
  const token = makeToken(work);
  const told = { requests: 0, answered: 0 };
  const turns = new Turns();
  return {
    authn: () => authn(work, identity, doors),
    tls: () => scanAll(work, identity, doors),
    isolation: () => isolate(work, identity, { mqtt, doors: doors.slice(1) }),
    replay: () => replayAll(work),
    selfTest: async (isAsked) => {
      const secret = await token();
      const longest = seconds(base.config.evaluation.probeSeconds);
      for (const log of parts.ledger.reader.logs()) {
        const agreed = agreedOf(parts).filter(({ id }) => log.agreement === undefined || id === log.agreement);
        const every = rhythmOf(agreed, { kinds: ['ledger.proof.selftest'] }, longest);
        if (turns.take(log.id, every, isAsked))
          await selfTest(work, log, { token: secret, told }).catch((error: unknown) => {
            turns.forget(log.id);
            throw error;
          });
      }
    },
  };
}

async function authn(work: Work, identity: ProbeIdentity, doors: readonly Door[]): Promise<void> {
  await identity.permit();
  const { platformLog, ledger } = work.parts.ledger;
  const good = await identity.guise('probe-good');
  const doomed = await identity.fresh('probe-doomed');
  const expired = await identity.expired();
  const cloned = await identity.cloned(good.key);
  const stranger = await identity.stranger();
  const from = ledger.states().find(({ log }) => log.id === platformLog.id)?.size ?? 0;
  const bodies = await probeAuthn(
    doors,
    {
      good,
      doomed,
      expired,
      cloned,
      stranger,
      revoke: () => identity.revoke('probe-doomed'),
      rejections: () => rejectionsSince(work, from),
      pause: () => sleep(100, undefined, { signal: work.stopping }),
    },
    work.parts.version,
  );
  await work.outgoing.record(
    bodies.map((body) => ({
      kind: 'probe.authn.neg',
      outcome: body.positive && body.cases.every(({ refused, logged }) => refused && logged) ? 'passed' : 'failed',
      body,
    })),
  );
}

/** Refused connections that stand in the platform log from an index on. */
async function rejectionsSince({ base, parts }: Work, from: number): Promise<readonly Rejection[]> {
  const { platformLog } = parts.ledger;
  const records = await base.store.ledger.recordsOfKinds(platformLog.id, ['session.reject'], from, maxBatch);
  return records.flatMap(({ body }) => {
    if (body === undefined) return [];
    // Written by the recorder, which checked it.
    const { listener, spki } = JSON.parse(body) as RecordBody<'session.reject'>;
    return [{ listener, ...(spki === undefined ? {} : { spki }) }];
  });
}

async function scanAll(work: Work, identity: ProbeIdentity, doors: readonly Door[]): Promise<void> {
  const { base, parts } = work;
  const good = await identity.guise('probe-good');
  // A good certificate from here shields the address: the failed handshakes below would ban it.
  for (const door of doors) await door.knock(good);
  const { host, roots } = identity.est;
  const { names } = hostNames(base);
  const isPublic = base.config.console.certificate !== '';
  const own = { host, roots, credentials: good.credentials };
  const targets: readonly ScanTarget[] = [
    {
      listener: 'console',
      host,
      port: parts.ports.console,
      roots: isPublic ? [...tls.rootCertificates, ...roots] : roots,
      ...(isPublic && names.length > 1 ? { servername: names[1] ?? '' } : {}),
    },
    { ...own, listener: 'https', port: parts.ports.device },
    { ...own, listener: 'mqtts', port: parts.gateway.mqttPort },
  ];
  for (const target of targets) {
    const body = await scanTls(target);
    await work.outgoing.record([
      { kind: 'probe.tls', outcome: body.findings.length === 0 && body.chainValid ? 'scanned' : 'finding', body },
    ]);
  }
}

const orderLife = minutes(5);

async function isolate(
  work: Work,
  identity: ProbeIdentity,
  { mqtt, doors }: { readonly mqtt: Place; readonly doors: readonly Door[] },
): Promise<void> {
  const guise = await identity.guise('probe-isolated');
  const ref = { agreement: probeTenant.agreement, device: 'probe-isolated' };
  const order = async (level: IsolationLevel): Promise<void> => {
    if (level === identity.device('probe-isolated').level) return;
    // An order that nobody releases ends by itself.
    const until = level === 0 ? {} : { until: later(nowOf(work), orderLife) };
    await work.parts.isolation.order(ref, { level, reason: 'probe', by: 'assurance', ...until });
  };
  for (const level of probedLevels) {
    const { pseudonym } = identity.device('probe-isolated');
    const target = { place: mqtt, doors, guise, pseudonym, channel: probeChannel, order };
    const body = await probeIsolation(target, level as IsolationLevel); // `probedLevels` are levels of the ladder
    const outcome = body.leaks.length > 0 ? 'leak' : body.blocked.length > 0 ? 'blocked' : 'tight';
    await work.outgoing.record([{ kind: 'probe.isolation', outcome, body }]);
  }
}

async function replayAll(work: Work): Promise<void> {
  const { devices } = work.parts;
  const wanted = largestOf(agreedOf(work.parts), rowOf('A3.1.3'), 'replaySamples');
  const drained = devices.samples.drain();
  const tables = [...devices.gate.sessions()].map(({ table }) => table);
  const samples = [...drained, ...sampleTables(tables, wanted - drained.length)];
  const body = await replaySlowly(
    samples,
    {
      setOf: (digest) => devices.policies.setOf(digest),
      decide: (set, request) => devices.compiler.decideAnew(set, request),
    },
    () => setImmediate(),
  );
  const outcome = body.equal === body.samples ? 'equal' : 'diverged';
  await work.outgoing.record([{ kind: 'probe.authz.replay', outcome, body }]);
}

const tokenLife = hours(25);
const tokenLeft = hours(1);

/** The self-test's own API token, as an auditor of A has one; renewed before it ends. */
function makeToken({ base, parts }: Work): () => Promise<string> {
  let known: { readonly secret: string; readonly until: number } | undefined;
  return async () => {
    if (known !== undefined && known.until - base.clock.now() > tokenLeft) return known.secret;
    const { secret, token } = await parts.people.makeToken({
      name: 'ledger self-test',
      role: 'a.auditor',
      party: 'platform',
      life: tokenLife,
      by: platformItself,
    });
    known = { secret, until: token.expiresAt };
    return secret;
  };
}

const script = path.resolve(import.meta.dirname, '../../../tools/verify_log.py');

interface Test {
  readonly token: string;
  /** Proof requests that were told already. */
  readonly told: { requests: number; answered: number };
}

async function selfTest(work: Work, log: LogEntry, { token, told }: Test): Promise<void> {
  const { parts, base, stopping, outgoing } = work;
  const { reader } = parts.ledger;
  const newest = await base.store.ledger.checkpoint(log.id);
  if (!newest) return;
  const target: LogTarget = {
    host: ownHost(base),
    port: parts.ports.console,
    roots: [
      ...(base.config.console.certificate === '' ? [] : tls.rootCertificates),
      parts.identity.authority.rootPem(),
    ],
    token,
    origin: log.origin,
    vkey: log.vkey,
    id: logIdOf(nodeProofCrypto, log.origin),
    signal: stopping,
  };
  const leaves = largestOf(agreedOf(parts), rowOf('A3.4.6'), 'randomLeaves');
  const found = await verify(target, { leaves, size: newest.size });
  // Requests are told once, with the log that every party can read.
  const isShared = log.kind === 'platform';
  const { requests, answered } = reader.counters;
  const counts = isShared
    ? { requests: requests - told.requests, answered: answered - told.answered }
    : { requests: 0, answered: 0 };
  if (isShared) Object.assign(told, { requests, answered });
  await outgoing.record([
    {
      ...(log.agreement === undefined ? {} : { agreement: log.agreement }),
      kind: 'ledger.proof.selftest',
      outcome: found.passed ? 'passed' : 'failed',
      body: { origin: log.origin, ...found, ...counts },
    },
  ]);
}

type Found = Pick<RecordBody<'ledger.proof.selftest'>, 'size' | 'leaves' | 'passed' | 'verifier' | 'error'>;

/** Both builds on the same leaves; a machine without the independent one says so in the record. */
async function verify(target: LogTarget, wanted: { readonly leaves: number; readonly size: number }): Promise<Found> {
  const own = '@pactgate/proof';
  try {
    const { size, indexes } = await verifyLog(target, wanted.leaves);
    const second = existsSync(script)
      ? await verifyIndependently(script, target, indexes)
      : { kind: 'absent' as const };
    const base = { size, leaves: indexes.length };
    if (second.kind === 'absent') return { ...base, passed: true, verifier: `${own} alone, no independent build here` };
    const verifier = `${own} and ${second.verifier}`.slice(0, 128);
    if (second.kind === 'failed') return { ...base, passed: false, verifier, error: oneLine(second.error) };
    return { ...base, leaves: Math.min(indexes.length, second.leaves), passed: true, verifier };
  } catch (error) {
    if (isTransport(error)) throw error;
    const text = error instanceof Error ? error.message : 'unknown';
    return { size: wanted.size, leaves: 0, passed: false, verifier: own, error: oneLine(text) };
  }
}

/** The platform is stopping or nobody listens: no verdict about the log. */
const isTransport = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === 'AbortError' || ('code' in error && ['ECONNREFUSED', 'ECONNRESET'].includes(String(error.code))));
