import path from 'node:path';
import { node, type Running, root, run, start } from './process.ts';

const program = path.join(root, 'cli/src/main.ts');
const base = ['--disable-warning=ExperimentalWarning', program];

export interface CliAnswer {
  readonly code: number;
  /** The JSON object the command printed. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly stderr: string;
}

/** The command line of one person or party: a profile directory of its own. */
export interface Cli {
  readonly profiles: string;
  /** Runs a command with `--json`; throws when it exits otherwise than `expect` (default 0; 'any': never). */
  call(
    args: readonly string[],
    options?: { readonly expect?: number | 'any'; readonly input?: string },
  ): Promise<CliAnswer>;
  /** Starts a command that stays, such as `witness`. */
  start(args: readonly string[]): Running;
}

function lastObject(stdout: string): Readonly<Record<string, unknown>> {
  const line = stdout.trim().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return {}; // it printed none; the caller sees stderr and the exit code
  }
}

/** Opens the command line with profiles in a directory; nothing of the user's own configuration is read. */
export function openCli(profiles: string): Cli {
  const env = { PACTGATE_PROFILE_DIR: profiles, PACTGATE_LANG: 'en', LANG: 'C.UTF-8' };
  return {
    profiles,
    call: async (args, { expect = 0, input } = {}) => {
      const options = { env, timeout: 120_000, ...(input === undefined ? {} : { input }) };
      const { code, stdout, stderr } = await run(node, [...base, ...args, '--json'], options);
      const json = lastObject(stdout);
      if (expect !== 'any' && code !== expect)
        throw new Error(`pactgate ${args.join(' ')}: exit ${code}, expected ${expect}\n${stdout}${stderr}`);
      return { code, json, stderr };
    },
    start: (args) => start(node, [...base, ...args], { env }),
  };
}
