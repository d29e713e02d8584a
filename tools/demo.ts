import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { offerDebianPackages } from './debian.ts';
import { Progress } from './demo/progress.ts';
import { type DemoReport, summaryOf } from './demo/report.ts';
import { tellStory } from './demo/story.ts';
import { Cleanup } from './demo/world.ts';
import { signInLink } from './live/platform.ts';

const usage = `Usage: npm run demo [-- --once] [--json] [--keep]

  --once   tells the story once and ends; exit 0 only if everything held
  --json   prints one JSON object last on standard output
  --keep   leaves the scratch directory when it ends`;

interface Wishes {
  readonly once: boolean;
  readonly json: boolean;
  readonly keep: boolean;
  readonly help: boolean;
}

const flag = { type: 'boolean', default: false } as const;

function readArguments(): Wishes | undefined {
  try {
    return parseArgs({ options: { once: flag, json: flag, keep: flag, help: flag } }).values;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

const say = (line: string): void => console.error(line);

/** A report of a story that broke off. */
const broken = (progress: Progress, why: string): DemoReport => ({
  ok: false,
  durationMs: progress.elapsedMs,
  agreements: [],
  devices: { enrolled: 0, connectedPeak: 0 },
  messages: { accepted: 0, storedDurably: 0, refused: 0 },
  fieldsDropped: 0,
  attacks: [],
  isolation: { sessionCutMs: -1, deviceSawMs: -1 },
  ledgers: [],
  tamperDetected: false,
  clauses: [],
  checks: { ...progress.summary, failed: [...progress.summary.failed, why] },
});

const wishes = readArguments();
if (wishes === undefined || wishes.help) {
  console.error(usage);
  process.exit(wishes === undefined ? 64 : 0);
}
const { once, json, keep } = wishes;
offerDebianPackages(['curl', 'openssl', 'mosquitto-clients'], 'The part of standard tools is left out.');
const scratch = await mkdtemp(path.join(tmpdir(), 'pactgate-demo-'));
const cleanup = new Cleanup();
const interrupted = Promise.withResolvers<'signal'>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.resolve('signal'));
if (!keep) cleanup.add('scratch directory', () => rm(scratch, { recursive: true, force: true }));
const progress = new Progress(say);

async function run(): Promise<DemoReport> {
  try {
    const { report, world } = await tellStory(scratch, progress, cleanup);
    say(summaryOf(report));
    if (!once) {
      say(`\nConsole: ${world.server.url} (SHA-256 of its root ${world.platform.rootSha256})`);
      say(`Sign in with this link, which works once: ${await signInLink(world.platform)}`);
      say('The fleet keeps working. Ctrl-C stops everything.');
    }
    return report;
  } catch (error) {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return broken(progress, error instanceof Error ? error.message : String(error));
  }
}

const outcome = await Promise.race([run(), interrupted.promise]);
if (outcome === 'signal') process.exitCode = 130;
else {
  if (json) console.log(JSON.stringify(outcome));
  process.exitCode = outcome.ok ? 0 : 1;
  if (!once && outcome.agreements.length > 0) await interrupted.promise;
}
await cleanup.run(say);
if (keep) say(`Kept: ${scratch}`);
process.exit();
