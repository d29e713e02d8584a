import { ensureConsole } from './live/platform.ts';

/** `npm start [-- OPTIONS]`: the platform for real use in this process, its console built where it is missing or old. */
console.error('Checking the console ...');
const fault = await ensureConsole();
if (fault !== undefined) {
  console.error(fault);
  process.exit(70);
}
process.argv.splice(2, 0, 'start');
await import('../platform/src/main.ts');
