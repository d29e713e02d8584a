import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Fleet, type FleetDevice, openFleet } from '@pactgate/sim';
import { http } from '../live/api.ts';
import { ensureConsole, startPlatform } from '../live/platform.ts';
import { agree, invitePeople, setUp } from './agreements.ts';
import { countAll } from './counts.ts';
import { declareModels, enrolTools, enrolWithTools, missingPackages, registerDevices, toolDevice } from './devices.ts';
import {
  attackedBoard,
  clausesOf,
  honestBoard,
  type LedgerLine,
  ledgersOf,
  startWitness,
  unsettled,
  verifyAndTamper,
  verifyLivePlatform,
} from './evidence.ts';
import { type AttackOutcome, checkDropped, sufferAttacks } from './hostile.ts';
import { parties as plans } from './plan.ts';
import type { Progress } from './progress.ts';
import type { DemoReport } from './report.ts';
import { backUp, tryOldCopy } from './restore.ts';
import {
  breachAndCure,
  command,
  connectFleet,
  countDevices,
  type Isolated,
  isolate,
  lookAtData,
  reportIncident,
  speakWithTools,
} from './traffic.ts';
import type { Cleanup, Party, World } from './world.ts';

/** Milliseconds between two messages of a device. */
const rhythm = 2_500;

async function openWorld(scratch: string, progress: Progress, cleanup: Cleanup): Promise<World> {
  const fault = await progress.step('Console: built for the browser', ensureConsole);
  progress.held('the console is built', fault === undefined, fault ?? '');
  const platform = await progress.step('Platform: first start in a scratch data directory', () =>
    startPlatform({ data: path.join(scratch, 'data') }),
  );
  cleanup.add('platform', () => platform.process.stop());
  return progress.step('People: first administrator, password and TOTP', () => setUp(scratch, platform, progress));
}

async function agreeAll(world: World): Promise<readonly Party[]> {
  const names = plans.map(({ name }) => name).join(' and ');
  const parties = await world.progress.step(`Agreements with ${names}: drafted, signed by B, countersigned`, () =>
    Promise.all(plans.map((plan) => agree(world, plan))),
  );
  await world.progress.step('Roles: invited by link, each sees only what is theirs', () =>
    invitePeople(world, parties),
  );
  return parties;
}

async function openDevices(
  world: World,
  parties: readonly Party[],
  cleanup: Cleanup,
): Promise<{ readonly fleet: Fleet; readonly devices: readonly FleetDevice[] }> {
  const { progress, platform } = world;
  await progress.step('Models: signed by B, countersigned by A', () =>
    Promise.all(parties.map((party) => declareModels(world, party))),
  );
  const devices: FleetDevice[] = [];
  await progress.step('Devices: registered with one-time codes', async () => {
    const all = await Promise.all(parties.map((party) => registerDevices(world, party)));
    devices.push(...all.flat());
  });
  // Where curl and openssl are not installed the SDK drives this device like all the others.
  const missing = missingPackages(enrolTools);
  const byTools = missing.length === 0 ? devices.filter(({ id }) => id === toolDevice) : [];
  const fleet = openFleet({
    place: {
      host: '127.0.0.1',
      mqttPort: platform.mqttPort,
      estPort: platform.devicePort,
      tripwirePort: platform.tripwirePort,
      rootSha256: platform.rootSha256,
    },
    devices: devices.filter((device) => !byTools.includes(device)),
    interval: rhythm,
    onProblem: (device, cause) => {
      if (device.startsWith('rogue-')) return;
      progress.note(`${device}: ${cause instanceof Error ? cause.message : String(cause)}`);
    },
  });
  cleanup.add('fleet', () => fleet.close());
  await progress.step(`Enrolment: ${devices.length} devices over EST`, async () => {
    await fleet.enrol();
    const { active } = await countDevices(parties);
    progress.held('every device of the SDK enrolled', active === devices.length - byTools.length, `${active}`);
  });
  const [first] = parties;
  await progress.step('Standard tools: curl, openssl, mosquitto', async () => {
    if (missing.length > 0)
      progress.note(`NOT INSTALLED: ${missing.join(' ')}. This part is left out; apt-get install it to see it.`);
    for (const plan of byTools) if (first) await speakWithTools(world, first, await enrolWithTools(world, plan));
  });
  return { fleet, devices };
}

/** The console and the public addresses answer as they should. */
async function lookAtConsole({ server, progress }: World): Promise<void> {
  const page = await http(server, { method: 'GET', path: '/', headers: { accept: 'text/html' } });
  progress.held('the console is served', page.status === 200 && page.body.includes('<div id='), `HTTP ${page.status}`);
  for (const address of ['/healthz', '/readyz', '/api/v1/openapi.json']) {
    const reply = await http(server, { method: 'GET', path: address });
    progress.held(`${address} answers`, reply.status === 200, `HTTP ${reply.status}`);
  }
}

/** What the platform was seen to do while the story went on. */
interface Seen {
  readonly connectedPeak: number;
  readonly isolation: Isolated;
  readonly attacks: readonly AttackOutcome[];
}

/** Devices at work, and what happens to them. */
async function work(world: World, parties: readonly [Party, Party], fleet: Fleet): Promise<Seen> {
  const { progress } = world;
  const [first, second] = parties;
  let connectedPeak = 0;
  const count = async (): Promise<void> => {
    connectedPeak = Math.max(connectedPeak, (await countDevices(parties)).online);
  };
  await progress.step('Access: the fleet connects over mutual TLS and works', async () => {
    connectedPeak = await connectFleet(world, fleet, parties);
    progress.held('all of it is let in', connectedPeak >= fleet.counts.enrolled, `${connectedPeak} online`);
  });
  await progress.step('Data: minimised, sealed, masked by role', () => lookAtData(world, first));
  await progress.step('Events and versions: a report opens an incident', () => reportIncident(world, fleet, first));
  await progress.step('Control: a command', () => command(world, first));
  const isolation = await progress.step('Control: isolation', () => isolate(world, fleet, first));
  await count();
  await progress.step('Evidence: a breach opens and is cured', () => breachAndCure(world, fleet, second));
  const attacks = await progress.step('Attacks', () => sufferAttacks(world, fleet, first));
  await progress.step('Minimisation: what was not declared is nowhere', () => checkDropped(world, first));
  await count();
  return { connectedPeak, isolation, attacks };
}

async function openLedgers({ progress }: World, parties: readonly Party[]): Promise<readonly LedgerLine[]> {
  const lines = (await Promise.all(parties.map(ledgersOf))).flat();
  const known = new Map(lines.map((line) => [line.origin, line]));
  // The platform and master logs are witnessed by both parties: each must have looked.
  const sound = lines.every(({ checkpointVerified, cosigned }) => checkpointVerified && cosigned);
  progress.held('checkpoints verify and B cosigned them', known.size === parties.length + 2 && sound);
  return [...known.values()];
}

/** What anybody can see of it afterwards. */
async function judge(
  world: World,
  [first, second]: readonly [Party, Party],
): Promise<{ readonly ledgers: readonly LedgerLine[]; readonly tamperDetected: boolean }> {
  const { progress } = world;
  await progress.step('Board of the honest party', () => honestBoard(world, second));
  await progress.step('Board of the attacked party', () => attackedBoard(world, first));
  const ledgers = await progress.step('Ledgers: opened with the proof package and the anchors of B', () =>
    openLedgers(world, [first, second]),
  );
  const tamperDetected = await progress.step('Verification: bundle, and bundle with a byte changed', () =>
    verifyAndTamper(world, first),
  );
  await progress.step('Verification: the running platform', () => verifyLivePlatform(world, second));
  await progress.step('Console', () => lookAtConsole(world));
  return { ledgers, tamperDetected };
}

/** The whole story. Throws where it cannot go on; everything that did not hold is in `progress`. */
export async function tellStory(
  scratch: string,
  progress: Progress,
  cleanup: Cleanup,
): Promise<{ readonly report: DemoReport; readonly world: World }> {
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const world = await openWorld(scratch, progress, cleanup);
  const [first, second] = await agreeAll(world);
  if (!first || !second) throw new Error('the demo has two parties');
  const parties = [first, second] as const;
  for (const party of parties) {
    const witness = startWitness(party);
    cleanup.add(`witness of ${party.plan.id}`, () => witness.stop());
  }
  const { fleet, devices } = await openDevices(world, parties, cleanup);
  const backup = await progress.step('Backup of the running platform', () => backUp(world));
  const { connectedPeak, isolation, attacks } = await work(world, parties, fleet);
  const { ledgers, tamperDetected } = await judge(world, parties);
  const { fieldsDropped, ...messages } = await progress.step('Counts from store and ledgers', async () => {
    const counts = await countAll(world, parties, devices);
    progress.held('everything acknowledged is stored', counts.storedDurably >= counts.accepted, JSON.stringify(counts));
    return counts;
  });
  await progress.step('Restore: an old copy of the database', () => tryOldCopy(world, backup, cleanup));
  const { items: agreements } = await world.operator.client.call('agreements', {});
  const { active } = await countDevices(parties);
  for (const line of await unsettled(parties)) progress.note(line);
  const clauses = await clausesOf(parties);
  const report: DemoReport = {
    ok: progress.ok && tamperDetected,
    durationMs: progress.elapsedMs,
    agreements: agreements.map(({ party, state }) => ({ party, state })),
    devices: { enrolled: active, connectedPeak },
    messages,
    fieldsDropped,
    attacks,
    isolation,
    ledgers,
    tamperDetected,
    clauses,
    checks: progress.summary,
  };
  return { report, world };
}
