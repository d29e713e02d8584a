import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { exitCodes } from './exit-codes.ts';
import { Failure } from './failure.ts';
import { both } from './language.ts';

/** The platform's own program: the command line never loads a line of it (layout section 1). */
const program = path.resolve(import.meta.dirname, '../../platform/src/main.ts');

/**
 * Runs a subcommand of the platform with the same words, on our standard streams, and answers its exit code. SIGINT and
 * SIGTERM are passed on; the platform drains and decides when to end.
 */
export function runPlatform(
  subcommand: readonly string[],
  args: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  if (!existsSync(program))
    throw new Failure(
      'unavailable',
      both(`此处没有平台程序（${program}）`, `the platform's program is not here (${program})`),
      both('请在平台的安装目录中运行此命令。', 'Run this where the platform is installed.'),
    );
  return new Promise((resolve, reject) => {
    const words = ['--disable-warning=ExperimentalWarning', program, ...subcommand, ...args];
    const child = spawn(process.execPath, words, { stdio: 'inherit' });
    // From the terminal the child has the signal already; twice is harmless.
    const pass = (): void => void child.kill(signal.reason === 'SIGINT' ? 'SIGINT' : 'SIGTERM');
    signal.addEventListener('abort', pass);
    child.on('error', (cause) => {
      const why = cause.message;
      reject(
        new Failure('unavailable', both(`无法启动平台：${why}`, `the platform cannot be started: ${why}`), undefined, {
          cause,
        }),
      );
    });
    child.on('close', (code) => {
      signal.removeEventListener('abort', pass);
      resolve(code ?? exitCodes.internal);
    });
  });
}
