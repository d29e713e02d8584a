import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whatIsSeen } from './browser.ts';

let broken: string | undefined;
const longest = 90_000;

/** One step of a story; after one that failed the others cannot tell anything, and say so at once. */
export function step(name: string, work: () => Promise<void>): void {
  test(name, { timeout: longest }, async () => {
    if (broken !== undefined) assert.fail(`the story broke off at: ${broken}`);
    broken = name;
    try {
      await work();
    } catch (cause) {
      throw new Error(`${cause instanceof Error ? cause.message : String(cause)}\n${await whatIsSeen()}`, { cause });
    }
    broken = undefined;
  });
}
