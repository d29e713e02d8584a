import type { Core } from './platform.ts';

const judgeMs = 500;
const flushMs = 100;

/** A job that never overlaps itself; an error is logged and the next run tries again. */
export function every(
  ms: number,
  failed: (error: unknown) => void,
  job: () => Promise<unknown>,
): { stop(): Promise<void> } {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= Promise.resolve()
      .then(job)
      .then(() => undefined, failed)
      .finally(() => {
        running = undefined;
      });
  }, ms);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

/** Judgements and refusals, in their rhythm. */
export function startJobs({ base, compliance, devices }: Core): { close(): Promise<void> } {
  const jobs = [
    every(judgeMs, base.failed, () => compliance.tick()),
    every(flushMs, base.failed, () => (devices.refusals.waiting > 0 ? devices.refusals.flush() : Promise.resolve())),
  ];
  return { close: async () => void (await Promise.all(jobs.map((job) => job.stop()))) };
}
