import { globSync } from 'node:fs';
import { type Counted, check, root, tests } from './steps.ts';

const never = /(^|\/)(node_modules|dist)\//;
export const testFiles = (pattern: string, without?: RegExp): string[] =>
  globSync(pattern, { cwd: root })
    .filter((file) => !never.test(file) && !without?.test(file))
    .toSorted();

/** Format, lint, types, architecture and pure tests: under a minute. */
export async function fastChecks(tally: Counted): Promise<void> {
  await check('format', tally, ['biome', 'check', '.']);
  await check('lint', tally, ['oxlint', '--type-aware', '--report-unused-disable-directives-severity=error']);
  await check('types', tally, ['tsc', '-p', 'tsconfig.json']);
  await check('types of portable packages', tally, ['tsc', '-p', 'tsconfig.portable.json']);
  await check('types of the console', tally, ['tsc', '-p', 'console/tsconfig.json']);
  const pure = testFiles('**/*.test.ts', /\.live\.test\.ts$/);
  await tests('pure tests', tally, { args: ['--test-isolation=none', ...pure], atLeast: 1_000 });
}

if (import.meta.main) {
  const tally = { passed: 0, failed: 0 };
  await fastChecks(tally);
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  process.exitCode = tally.failed === 0 ? 0 : 1;
}
