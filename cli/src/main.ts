import { exitCodes } from './exit-codes.ts';
import { run } from './run.ts';
import { commands } from './table.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(signal));
// A reader that has enough (`| head`) is no error.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: Error & { code?: string }) =>
    process.exit(error.code === 'EPIPE' ? 0 : exitCodes.unavailable),
  );

process.exitCode = await run(commands, {
  argv: process.argv.slice(2),
  environment: process.env,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isTerminal: process.stdin.isTTY && process.stderr.isTTY,
  signal: stop.signal,
});
