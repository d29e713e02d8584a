/** A compare-and-swap found its row. */
export const changedOne = (result: { readonly numUpdatedRows: bigint } | undefined): boolean =>
  result?.numUpdatedRows === 1n;
