import { mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../failure.ts';
import { both } from '../language.ts';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    // EPERM: it lives and belongs to somebody else.
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
  }
}

/**
 * Only one witness works with a directory: two with one key and two memories could sign a fork between them.
 *
 * @returns releases the lock
 */
export async function lock(directory: string): Promise<() => Promise<void>> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = path.join(directory, 'lock');
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const handle = await open(file, 'wx', 0o600);
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => rm(file, { force: true });
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause;
      const pid = Number((await readFile(file, 'utf8').catch(() => '')).trim());
      if (Number.isSafeInteger(pid) && pid > 0 && isAlive(pid))
        throw new Failure(
          'refused',
          both(`见证程序已在运行（进程 ${pid}）`, `a witness runs already (process ${pid})`),
        );
      await rm(file, { force: true });
    }
  }
  throw new Failure('unavailable', both(`无法锁定 ${directory}`, `cannot lock ${directory}`));
}
