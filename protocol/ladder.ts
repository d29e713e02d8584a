/**
 * The isolation ladder: its one table. Monotone, each level's rights are a subset of those one level below
 * (clauses 3.1, 3.6; identity-and-access: isolation).
 */
export const isolationLevels = [
  { level: 0, name: 'normal', en: 'normal', zh: '正常' },
  { level: 1, name: 'watch', en: 'watched', zh: '观察' },
  { level: 2, name: 'restrict', en: 'restricted', zh: '受限' },
  { level: 3, name: 'update-only', en: 'update only', zh: '仅限更新' },
  { level: 4, name: 'block', en: 'blocked', zh: '阻断' },
  { level: 5, name: 'revoke', en: 'revoked', zh: '吊销' },
] as const;
export type IsolationLevel = (typeof isolationLevels)[number]['level'];
export type IsolationName = (typeof isolationLevels)[number]['name'];

/** What an operation needs of the ladder: the highest level at which it is still permitted. */
export const highestLevelOf = {
  /** Publishing telemetry, state, logs and command answers; receiving commands. */
  ordinary: 2,
  /** The lifeline: re-enrolment, version, events, attestation, evidence, updates, notices, policy, time. */
  lifeline: 3,
} as const;
export type LadderKind = keyof typeof highestLevelOf;

export const isPermittedAt = (kind: LadderKind, level: IsolationLevel): boolean => level <= highestLevelOf[kind];
