import { createRequire } from 'node:module';
import type * as Cedar from '@cedar-policy/cedar-wasm/nodejs';

export type CedarModule = typeof Cedar;

const require = createRequire(import.meta.url);
const file = require.resolve('@cedar-policy/cedar-wasm/nodejs');

/**
 * A Cedar of its own: memory, prepared sets and all (10 ms). A policy nested some hundred levels deep overflows the
 * stack inside wasm; from then on every call into that instance fails ("memory access out of bounds"), so one bad text
 * would turn every device away for ever. An instance that failed once is thrown away, and the package, which makes
 * its instance when it is loaded, is loaded again.
 */
export function newCedar(): CedarModule {
  delete require.cache[file];
  return require(file) as CedarModule; // the package named on the line above
}
