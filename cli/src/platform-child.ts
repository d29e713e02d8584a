import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { exitCodes } from './exit-codes.ts';
import { Failure } from './failure.ts';
import { both } from './language.ts';

/** The platform's own program: the command line never loads a line of it (layout section 1). */
const program = path.resolve(import.meta.dirname, '../../platform/src/main.ts');

type Child = ReturnType<typeof spawn>;

/** Starts a subcommand of the platform; its standard error and input are ours. */
function startPlatform(subcommand: string, args: readonly string[], stdout: 'inherit' | 'pipe'): Child {
  if (!existsSync(program))
    throw new Failure(
      'unavailable',
      both(`此处没有平台程序（${program}）`, `the platform's program is not here (${program})`),
      both('请在平台的安装目录中运行此命令。', 'Run this where the platform is installed.'),
    );
  const words = ['--disable-warning=ExperimentalWarning', program, subcommand, ...args];
  return spawn(process.execPath, words, { stdio: ['inherit', stdout, 'inherit'] });
}

/** Exit code of the child. SIGINT and SIGTERM are passed on; the platform drains and decides when to end. */
function endOf(child: Child, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
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

/** Runs a subcommand of the platform on our standard streams and answers its exit code. */
export const runPlatform = async (subcommand: string, args: readonly string[], signal: AbortSignal): Promise<number> =>
  endOf(startPlatform(subcommand, args, 'inherit'), signal);

/** Runs a subcommand of the platform that ends by itself and answers what it printed. */
export async function askPlatform(
  subcommand: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly exitCode: number; readonly text: string }> {
  const child = startPlatform(subcommand, args, 'pipe');
  const parts: string[] = [];
  child.stdout?.setEncoding('utf8').on('data', (part: string) => parts.push(part));
  const exitCode = await endOf(child, signal);
  return { exitCode, text: parts.join('') };
}
