/** Where exceptions go that nobody was given to: seen, never swallowed. */
export function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
