import { isDue, type JobState, neverRan, type Provides, rhythmOf } from '../flow/collect.ts';
import { type Duration, hours, minutes, seconds } from '../kernel/time.ts';
import { type Collectors, fsckAges, openCollectors } from './assurance-collect.ts';
import { openProbeIdentity } from './assurance-identity.ts';
import { type AssuranceParts, agreedOf, Outgoing, type Work } from './assurance-parts.ts';
import { makeProbes, type Probes } from './assurance-probes.ts';
import type { Base } from './base.ts';

export type { AssuranceParts } from './assurance-parts.ts';

/** Producers of evidence about A, and of the periodic evidence about B (clauses 3.1-3.6). */
export interface Assurance {
  /** Runs one job now, or all of them in turn, and waits; rejects with what a job threw. Unknown names throw. */
  runNow(name?: string): Promise<void>;
  /**
   * Stops jobs and probes and records what was counted. Call it when the platform begins to stop, and once more when
   * the last session is closed: then it records what came in between.
   */
  close(): Promise<void>;
}

interface Job {
  readonly name: string;
  readonly every: () => Duration;
  /** Runs without any agreement in force too. */
  readonly always: boolean;
  /** Speaks of every agreement: due at once when one comes into force. */
  readonly about: boolean;
  /** Of one lane only one runs at a time. */
  readonly lane: string;
  /** `asked`: for everything, not only for what is due. */
  readonly run: (asked: boolean) => Promise<unknown>;
}

const tickMs = 200;
const settleEvery: Duration = seconds(1);
const often: Duration = seconds(5);
/** Jobs under way when the platform stops get this long. */
const patience = 5_000;

/** Jobs that keep house: their rhythm is ours, they make no evidence by themselves. */
function housekeeping({ base, parts }: Work, collect: Collectors): readonly Job[] {
  const { identity, devices, isolation } = parts;
  const job = (name: string, every: Duration, run: () => Promise<unknown>): Job => ({
    name,
    every: () => every,
    always: true,
    about: false,
    lane: name,
    run,
  });
  return [
    job('ledger.settle', settleEvery, collect.settle),
    job('master', seconds(base.config.ledger.masterSeconds), collect.growth),
    job('heard', often, collect.heard),
    job('commands', often, () => devices.commands.expire()),
    job('release', often, () => isolation.releaseOverdue()),
    job('sweep', minutes(1), () => identity.certificates.sweep()),
    job('keys', hours(1), () => devices.runtimes.prepareKeys()),
    job('trim', hours(1), collect.trim),
  ];
}

/** Jobs that make evidence, in the rhythm that the agreements in force ask for. */
function evidence({ base, parts }: Work, collect: Collectors, probes: Probes): readonly Job[] {
  const { collectSeconds, probeSeconds } = base.config.evaluation;
  const make = (longest: Duration, lane: (name: string) => string, about: boolean) => {
    return (name: string, provides: Provides, run: Job['run']): Job => ({
      name,
      every: () => rhythmOf(agreedOf(parts), provides, longest),
      always: false,
      about,
      lane: lane(name),
      run,
    });
  };
  const counted = make(seconds(collectSeconds), (name) => name, true);
  const slow = make(seconds(probeSeconds), (name) => name, true);
  // Probes one after the other: together they would take the devices' turn.
  const probe = make(seconds(probeSeconds), () => 'probe', false);
  const window = [['A3.4.1', 'window']] as const;
  return [
    counted('ledger.reconcile', { kinds: ['ledger.reconcile', 'authz.decide'], params: window }, collect.reconcile),
    counted('outbox.lag', { kinds: ['outbox.lag', 'ledger.checkpoint'], params: window }, collect.pace),
    counted('clock.check', { kinds: ['clock.check'] }, collect.clock),
    counted('monitor.heartbeat', { kinds: ['monitor.heartbeat'] }, collect.heartbeat),
    counted('msg.validate', { kinds: ['msg.validate'] }, collect.validate),
    {
      ...make(minutes(1), (name) => name, true)('crl.publish', { kinds: ['crl.publish'] }, collect.revocations),
      always: true,
    },
    slow('device.id.scan', { kinds: ['device.id.scan'] }, collect.scan),
    slow('ledger.fsck.tail', fsckAges.tail, (asked) => collect.fsck('tail', asked)),
    make(hours(24), (name) => name, true)('ledger.fsck.full', fsckAges.full, (asked) => collect.fsck('full', asked)),
    probe('probe.authn.neg', { kinds: ['probe.authn.neg'] }, probes.authn),
    probe('probe.tls', { kinds: ['probe.tls'] }, probes.tls),
    probe('probe.isolation', { kinds: ['probe.isolation'] }, probes.isolation),
    probe('probe.authz.replay', { kinds: ['probe.authz.replay'] }, probes.replay),
    // In a lane of its own: the API may tell it to wait.
    slow('ledger.proof.selftest', { kinds: ['ledger.proof.selftest'] }, probes.selfTest),
  ];
}

/** Runs jobs when they are due: none beside itself, of a lane one at a time, each again after an error. */
class Schedule {
  readonly #work: Work;
  readonly #jobs: readonly Job[];
  readonly #states = new Map<string, JobState>();
  readonly #lanes = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(work: Work, jobs: readonly Job[]) {
    this.#work = work;
    this.#jobs = jobs;
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  #tick(): void {
    const agreements = agreedOf(this.#work.parts).map(({ id }) => id);
    for (const job of this.#jobs) {
      if ((!job.always && agreements.length === 0) || this.#lanes.has(job.lane)) continue;
      const state = this.#states.get(job.name) ?? neverRan;
      const due = { now: performance.now(), every: job.every(), agreements: job.about ? agreements : [] };
      if (isDue(state, due)) this.run(job).catch((err: unknown) => this.#failed(job, err));
    }
  }

  #failed({ name }: Job, err: unknown): void {
    if (!this.#work.stopping.aborted) this.#work.base.log.error({ err, job: name }, 'evidence was not made');
  }

  /** Runs a job after whatever its lane is doing. */
  run(job: Job, asked = false): Promise<void> {
    const before = this.#lanes.get(job.lane) ?? Promise.resolve();
    const done = before.then(() => this.#once(job, asked));
    const settled = done.catch(() => undefined); // the caller has the error; the lane goes on
    this.#lanes.set(job.lane, settled);
    void settled.then(() => {
      if (this.#lanes.get(job.lane) === settled) this.#lanes.delete(job.lane);
    });
    return done;
  }

  async #once(job: Job, asked: boolean): Promise<void> {
    const covered = new Set(agreedOf(this.#work.parts).map(({ id }) => id));
    const startedAt = performance.now();
    this.#states.set(job.name, { startedAt, failed: true, covered });
    await job.run(asked);
    this.#states.set(job.name, { startedAt, failed: false, covered });
  }

  find(name: string): Job {
    const job = this.#jobs.find((one) => one.name === name);
    if (!job) throw new RangeError(`no job ${name}`);
    return job;
  }
  all(): readonly Job[] {
    return this.#jobs;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, patience);
    await Promise.race([promise, Promise.all(this.#lanes.values())]);
    clearTimeout(timer);
  }
}

/**
 * Starts the producers of evidence: it follows the ledger from now on and opens the internal tenant of the probes; jobs
 * that speak of agreements begin when one is in force. Call it once everything listens.
 */
export async function startAssurance(base: Base, parts: AssuranceParts): Promise<Assurance> {
  const stop = new AbortController();
  const outgoing = new Outgoing((records) => parts.ledger.recorder.record(records));
  const work: Work = { base, parts, outgoing, stopping: stop.signal };
  const collect = await openCollectors(work);
  const probes = makeProbes(work, await openProbeIdentity(work));
  const schedule = new Schedule(work, [...housekeeping(work, collect), ...evidence(work, collect, probes)]);
  schedule.start();
  return {
    runNow: async (name) => {
      for (const job of name === undefined ? schedule.all() : [schedule.find(name)]) await schedule.run(job, true);
    },
    close: async () => {
      stop.abort();
      await schedule.stop();
      await collect.reconcile();
      await collect.validate();
      await collect.settle();
    },
  };
}
