import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { uuidv7 } from '../../kernel/ids.ts';
import { instant } from '../../kernel/time.ts';
import { openDataDir } from '../datadir.ts';
import { openStore } from '../open.ts';

/** Child of `kill.live.test.ts`: writes until it is killed, and writes down what was acknowledged. */
const [, , dir = '', from = '0'] = process.argv;
const start = instant('2026-11-22T00:00:00Z');
await openDataDir(dir);
const store = await openStore({ kind: 'sqlite', dir, now: start });
const { ledger, telemetry } = store;

const [known] = await ledger.logs();
const log = known?.id ?? uuidv7(start, randomBytes);
if (!known)
  await ledger.addLog({ id: log, origin: 'log.example/logs/x/1', kind: 'platform', vkey: 'v', created: start });

/** In one write each: a line that is cut was not acknowledged. */
const acknowledge = (kind: string, number: number): void => {
  writeSync(1, `${kind} ${number}\n`);
};
const row = (source: string) => ({
  id: uuidv7(start, randomBytes),
  log,
  source,
  kind: 'session.open',
  duties: ['B2.3.1'],
  outcome: 'ok',
  n: 1,
  time: start,
  flags: [],
  salt: randomBytes(32),
  body: '{}',
});

let number = Number(from);
async function appendTelemetry(): Promise<void> {
  for (;;) {
    const samples = Array.from({ length: 7 }, () => {
      number++;
      return {
        device: 1,
        channel: 1,
        at: instant(start + number),
        received: instant(start + number),
        body: randomBytes(40),
        fields: [1],
        values: [number],
      };
    });
    await telemetry.append(samples);
    acknowledge('telemetry', (samples.at(-1)?.at ?? start) - start);
  }
}
async function enqueueInTransactions(): Promise<void> {
  for (;;) {
    const seqs = await store.transaction((tx) => ledger.enqueue(tx, [row('transaction'), row('transaction')]));
    acknowledge('transaction', seqs.at(-1) ?? 0);
  }
}
async function enqueueAlone(): Promise<void> {
  for (;;) {
    const seqs = await ledger.enqueueAlone([row('alone')]);
    acknowledge('alone', seqs.at(-1) ?? 0);
  }
}
await Promise.all([appendTelemetry(), enqueueInTransactions(), enqueueAlone()]);
