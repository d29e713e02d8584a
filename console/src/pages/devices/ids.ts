/** Most devices of one registration: what the route takes. */
export const mostDevices = 1_000;

export type IdList =
  | { readonly ids: readonly string[] }
  | { readonly fault: 'empty' | 'many' }
  | { readonly fault: 'id' | 'twice'; readonly line: number; readonly text: string };

/** Device ids that somebody typed or pasted: one a line, or separated by commas or blanks; the first fault is told. */
export function readIds(text: string): IdList {
  const found = new Set<string>();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    for (const word of line.split(/[\s,;]+/).filter((part) => part !== '')) {
      if (!/^[A-Za-z0-9_-]{1,64}$/.test(word)) return { fault: 'id', line: i + 1, text: word.slice(0, 64) };
      if (found.has(word)) return { fault: 'twice', line: i + 1, text: word };
      found.add(word);
      if (found.size > mostDevices) return { fault: 'many' };
    }
  }
  return found.size === 0 ? { fault: 'empty' } : { ids: [...found] };
}
