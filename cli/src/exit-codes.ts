/** Exit codes of every command; 2 and 3 are for `verify` alone (ledger-and-evidence section 6), 64 to 70 are sysexits. */
export const exitCodes = {
  ok: 0,
  /** Refused by the platform, or found invalid here. */
  refused: 1,
  usage: 64,
  /** The platform, a file or a program that is needed cannot be reached. */
  unavailable: 69,
  /** A bug, here or there. */
  internal: 70,
} as const;
