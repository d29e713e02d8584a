import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Kills the process that holds a data directory, by the id it wrote down; nothing when none does. */
export async function killHolder(data: string): Promise<void> {
  const note = readFileSync(path.join(data, 'lock.json'), 'utf8');
  const pid = Number(/"pid":(\d+)/.exec(note)?.[1] ?? 0);
  if (pid <= 1 || !isPlatform(pid, data)) return;
  process.kill(pid, 'SIGKILL');
}

/** The id may be of the process before, and long another's: only one that was started on this directory is killed. */
function isPlatform(pid: number, data: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data);
  } catch {
    return false; // it has ended
  }
}
