export { duty } from './duty.ts';
export { isKnownVersion, type KnownVersions, knownVersionsOf, versionRecord } from './version.ts';
