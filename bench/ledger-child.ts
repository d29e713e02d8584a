/**
 * The ledger alone, in a process of its own on the core of the server: events through recorder, outbox, sequencer and
 * signed checkpoint, all durable; then inclusion proofs.
 *
 *   node bench/ledger-child.ts DIRECTORY
 */
import { randomBytes, randomInt } from 'node:crypto';
import { openBase } from '../platform/src/compose/base.ts';
import { type LedgerPart, openLedger } from '../platform/src/compose/ledger.ts';
import { parseConfiguration } from '../platform/src/config.ts';
import type { NewRecord } from '../platform/src/parties/record.ts';
import { percentile } from './report.ts';

const warmUp = 2_000;
const entries = 20_000;
const rounds = 3;
/** Events that wait for their durable write at once: devices that connect beside each other. */
const waiting = 500;
const proofs = 2_000;

/** A `session.open` as the gate writes it, its address concealed: the commonest record of all. */
function event(): NewRecord {
  const hex = (n: number): string => randomBytes(n).toString('hex');
  const now = Date.now();
  return {
    kind: 'session.open',
    outcome: 'opened',
    body: {
      device: `d_${randomBytes(12).toString('base64url')}`,
      conn: `${hex(4)}-${hex(2)}-7${hex(2).slice(1)}-8${hex(2).slice(1)}-${hex(6)}`,
      transport: 'mqtt',
      listener: 'mqtts',
      serial: hex(16),
      spki: hex(32),
      tls: 'TLSv1.3',
      suite: 'TLS_AES_256_GCM_SHA384',
      group: 'X25519',
      resumed: false,
      authenticated: true,
      notAfter: now + 86_400_000,
    },
    personal: { address: '192.0.2.17' },
  };
}

/** Entries per second, from the first event to the signed checkpoint that covers the last. */
async function append(ledger: LedgerPart, count: number): Promise<number> {
  const events = Array.from({ length: count }, event);
  const started = performance.now();
  const source = async (): Promise<void> => {
    for (let next = events.pop(); next; next = events.pop()) await ledger.recorder.record([next]);
  };
  await Promise.all(Array.from({ length: waiting }, source));
  await ledger.publish();
  return count / ((performance.now() - started) / 1_000);
}

async function proofTimes({ reader, platformLog }: LedgerPart): Promise<readonly number[]> {
  const { size } = await reader.checkpoint(platformLog);
  const times: number[] = [];
  for (let i = 0; i < proofs; i++) {
    const started = performance.now();
    await reader.proof(platformLog, randomInt(size));
    times.push(performance.now() - started);
  }
  return times;
}

const [, , directory = ''] = process.argv;
const base = await openBase(parseConfiguration({ log: { level: 'warn' } }), directory);
const ledger = await openLedger(base);
await append(ledger, warmUp);
const rates: number[] = [];
for (let round = 0; round < rounds; round++) rates.push(await append(ledger, entries));
const p99s: number[] = [];
for (let round = 0; round < rounds; round++) p99s.push(percentile(await proofTimes(ledger), 0.99));
await ledger.close();
await base.store.close();
base.dir.release();
const size = warmUp + rounds * entries;
process.stdout.write(`${JSON.stringify({ rates, p99s, size, waiting })}\n`);
process.exit(0);
