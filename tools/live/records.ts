import type { Client } from '@pactgate/protocol/api';

/** A record of the ledger with its body, as the API shows it. */
export interface Found {
  readonly origin: string;
  readonly index: number;
  readonly kind: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly outcome: string;
  /** Events covered. */
  readonly n: number;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Raw {
  readonly origin: string;
  readonly index: number;
  readonly leaf: Readonly<Record<string, unknown>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** `k`, `o`, `t`, `n` are the names of a leaf (proof: leaf). */
function toFound({ origin, index, leaf, body = {} }: Raw): Found {
  const { k, o, t, n } = leaf;
  return {
    origin,
    index,
    kind: String(k),
    at: Date.parse(String(t)),
    outcome: String(o),
    n: typeof n === 'number' ? n : 1,
    body,
  };
}

const pageSize = 500;
const maxPages = 200;

/** Records of a log, newest first, back to index `from`; of some kinds or of all. Read page by page, all of them. */
export async function recordsOf(
  client: Client,
  log: string,
  { kinds, from = 0 }: { readonly kinds?: readonly string[]; readonly from?: number } = {},
): Promise<readonly Found[]> {
  const found: Found[] = [];
  let before: number | undefined;
  for (let pages = 0; pages < maxPages; pages++) {
    const query = { limit: pageSize, ...(before === undefined ? {} : { before }) };
    const { items } = await client.call('records', { params: { log }, query });
    const page = items.map(toFound);
    found.push(...page.filter(({ index, kind }) => index >= from && (kinds === undefined || kinds.includes(kind))));
    const last = page.at(-1)?.index ?? 0;
    if (last <= from) break;
    before = last;
  }
  return found;
}

/** Events that records of a kind stand for. */
export const eventsOf = (records: readonly Found[]): number => records.reduce((sum, { n }) => sum + n, 0);
