import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

/** Where the numbers come from. */
export interface Machine {
  readonly model: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
  readonly mosquitto: string;
  /** Cores of the server under test and of everything else; equal where there is only one. */
  readonly serverCore: number;
  readonly loadCore: number;
}

const firstLine = (command: string, args: readonly string[]): string => {
  const { stdout } = spawnSync(command, args, { encoding: 'utf8', timeout: 5_000 });
  return (stdout ?? '').split('\n', 1)[0] ?? '';
};

export function machine(): Machine {
  const cores = availableParallelism();
  return {
    model: cpus()[0]?.model ?? 'unknown',
    cores,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.versions.node,
    mosquitto: firstLine('mosquitto', ['-h']).replace('mosquitto version ', ''),
    serverCore: 0,
    loadCore: cores > 1 ? 1 : 0,
  };
}

/** Load average of the last minute: what else ran beside the measurement. */
export const loadNow = (): number => Math.round((loadavg()[0] ?? 0) * 100) / 100;
