import { fastChecks, testFiles } from './check.ts';
import { demandDebianPackages } from './debian.ts';
import { plantedFaults } from './planted.ts';
import { type Counted, check, tests } from './steps.ts';

/** Everything: what `npm test` and CI run. Under ten minutes on two cores. */
const tally: Counted = { passed: 0, failed: 0 };
demandDebianPackages();
await fastChecks(tally);
await check('unused files, exports and dependencies', tally, ['knip', '--no-progress']);
await plantedFaults(tally);
await check('build of the console', tally, ['vite', 'build', 'console', '--logLevel', 'error']);
await tests('live tests', tally, {
  args: ['--test-concurrency=2', '--test-timeout=600000', ...testFiles('**/*.live.test.ts')],
  atLeast: 50,
  minutes: 20,
});
console.log(`${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 ? 0 : 1;
