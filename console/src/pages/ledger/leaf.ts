/** A leaf for reading: what is missing is left empty. The verification below reads the leaf itself, strictly. */
export interface ShownLeaf {
  readonly at: number | undefined;
  readonly kind: string;
  readonly outcome: string;
  readonly duties: readonly string[];
  readonly source: string;
  readonly count: number;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export function looseLeaf(leaf: Readonly<Record<string, unknown>>): ShownLeaf {
  const { t, k, o, d, s, n } = leaf;
  const at = Date.parse(text(t));
  return {
    at: Number.isNaN(at) ? undefined : at,
    kind: text(k),
    outcome: text(o),
    duties: Array.isArray(d) ? d.filter((duty) => typeof duty === 'string') : [],
    source: text(s),
    count: typeof n === 'number' ? n : 1,
  };
}
