import type { Line } from './script.ts';
import type { Stage } from './stage/stage.ts';
import { acts } from './verbs/acts.ts';
import { duties } from './verbs/duties.ts';
import { expectations } from './verbs/expectations.ts';
import { givens } from './verbs/givens.ts';
import type { Verb } from './verbs/verb.ts';

/** Every sentence a script may use. What is not here fails, it is never passed over. */
export const verbs: readonly Verb[] = [...givens, ...acts, ...expectations, ...duties];

/** Carries one line out. Throws when no verb fits, more than one fits, or what it demands does not hold. */
export async function play(stage: Stage, { text }: Line): Promise<void> {
  const fitting = verbs.flatMap((verb) => {
    const match = verb.pattern.exec(text);
    return match === null ? [] : [{ verb, words: match.groups ?? {} }];
  });
  const [only, ...more] = fitting;
  if (only === undefined) throw new Error(`no verb says: ${text}`);
  if (more.length > 0) throw new Error(`more than one verb says: ${text}`);
  await only.verb.run(stage, (name) => only.words[name] ?? '');
}
