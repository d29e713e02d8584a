import type { Stage } from '../stage/stage.ts';

/** A sentence: its form with named parts, and what it does. It throws when what it says is not so. */
export interface Verb {
  /** As it is written, with its parts in angle brackets. */
  readonly form: string;
  readonly pattern: RegExp;
  /** @param word the named part of the sentence; empty where it is absent */
  run(stage: Stage, word: (name: string) => string): Promise<void>;
}

/** A verb from words and parts: `<name>` is one word, `<name...>` the rest of the line; `[...]` is optional. */
export function verb(form: string, run: Verb['run']): Verb {
  const source = form
    .replaceAll('.', (dot, at: number) => (form.slice(at - 1, at + 2).includes('..') ? dot : '\\.'))
    .replaceAll('[', '(?:')
    .replaceAll(']', ')?')
    .replaceAll(/<([a-z]+)(\.\.\.)?>/g, (_, name: string, rest?: string) => `(?<${name}>${rest ? '.+' : '\\S+'})`);
  return { form, pattern: new RegExp(`^${source}$`), run };
}

/** `a=1 b=two` as pairs. */
export function pairsOf(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(' ').filter((pair) => pair !== '');
  return new Map(
    pairs.map((pair): [string, string] => {
      const at = pair.indexOf('=');
      if (at < 1) throw new Error(`not name=value: ${pair}`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
