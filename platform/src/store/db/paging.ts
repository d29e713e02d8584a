import type { Page, PageRequest } from '../../flow/ports.ts';

/** The numeric cursor of a page request; a cursor we did not make reads as the first page. */
export function cursorOf(page: PageRequest): number | undefined {
  if (page.after === undefined || !/^\d{1,15}$/.test(page.after)) return undefined;
  return Number(page.after);
}

/** Cuts rows fetched with `limit + 1` to a page; `cursor` names where the next one begins. */
export function toPage<R, T>(
  rows: readonly R[],
  page: PageRequest,
  by: { readonly item: (row: R) => T; readonly cursor: (row: R) => number },
): Page<T> {
  const items = rows.slice(0, page.limit);
  const last = items.at(-1);
  const more = rows.length > page.limit && last !== undefined;
  return { items: items.map((row) => by.item(row)), ...(more ? { next: String(by.cursor(last)) } : {}) };
}
