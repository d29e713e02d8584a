import type { Client } from '@pactgate/protocol/api';

type Page = Awaited<ReturnType<Client['call']>>;
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

type Raw = Extract<Page, { readonly items: readonly { readonly leaf: unknown }[] }>['items'][number];

function toFound({ origin, index, leaf, body }: Raw): Found {
  const text = (name: string): string => (typeof leaf[name] === 'string' ? leaf[name] : '');
  const { n, t } = leaf;
  return {
    origin,
    index,
    kind: text('kind') || text('e'),
    at: typeof t === 'number' ? t : Date.parse(text('time') || text('t')),
    outcome: text('outcome') || text('o'),
    n: typeof n === 'number' ? n : 1,
    body: body ?? {},
  };
}

const pageSize = 500;
const maxPages = 200;

/** Records of a log, newest first; of one kind or of all, from index `from` on. */
export async function recordsOf(
  client: Client,
  log: string,
  { kind, from = 0 }: { readonly kind?: string; readonly from?: number } = {},
): Promise<readonly Found[]> {
  const found: Found[] = [];
  let before: number | undefined;
  for (let pages = 0; pages < maxPages; pages++) {
    const query = {
      limit: pageSize,
      ...(kind === undefined ? {} : { kind }),
      ...(before === undefined ? {} : { before }),
    };
    const { items } = await client.call('records', { params: { log }, query });
    found.push(...items.map(toFound).filter(({ index }) => index >= from));
    const last = items.at(-1)?.index ?? 0;
    if (items.length < pageSize || last <= from) break;
    before = last;
  }
  return found;
}

/** Events that records of a kind stand for. */
export const eventsOf = (records: readonly Found[]): number => records.reduce((sum, { n }) => sum + n, 0);
