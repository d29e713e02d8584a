import type { IsolationLevel, ProblemCode, Role } from '@pactgate/protocol';
import { err, ok, type Result } from '../../kernel/result.ts';
import { type Duration, days, hours, type Instant, iso, later } from '../../kernel/time.ts';

/** Why the platform isolates by itself: a risk band, or the verdict on a clone. */
type Reason = 'risk' | 'clone-suspected' | 'clone-confirmed';

export type Orderer =
  | { readonly kind: 'person'; readonly id: string; readonly role: Role }
  | { readonly kind: 'rule'; readonly id: string; readonly reason: Reason };

/** What an order asks for, and what it would reach. */
export interface OrderRequest {
  /** 0 releases. */
  readonly level: IsolationLevel;
  readonly by: Orderer;
  /** A second person who agrees; needed past the guard. */
  readonly second?: { readonly id: string; readonly role: Role };
  /** Absent: the longest time of its level; release and revocation have no end. */
  readonly until?: Instant;
}
export interface Reach {
  /** Level in force of the device, the highest where there are several. */
  readonly current: IsolationLevel;
  /** Devices that the order reaches, and the active devices of their party. */
  readonly devices: number;
  readonly active: number;
}

export interface Order {
  readonly level: IsolationLevel;
  readonly by: string;
  readonly second?: string;
  readonly until?: Instant;
}
/** Why an order is refused: the code, and for the log what stands against it. */
export interface Refusal {
  readonly code: ProblemCode;
  readonly why: string;
}

/** Blast guard (identity-and-access 11): more than these, and one person or rule alone does not decide. */
const guard = { share: 0.05, devices: 10, most: 1_000 } as const;

/** Whether an order reaches more devices than one person may cut off. */
export const isPastGuard = ({ devices, active }: Pick<Reach, 'devices' | 'active'>): boolean =>
  devices > guard.most || (devices > guard.devices && devices > guard.share * active);

/** Highest level each role may order, and may lower from. Auditors and engineers watch. */
const highestOf: Readonly<Record<Role, IsolationLevel>> = {
  'a.admin': 5,
  'a.security': 5,
  'a.operator': 3,
  'a.auditor': 0,
  'b.admin': 4,
  'b.engineer': 0,
};
/** A suspicion only watches; a risk restricts to updates at most; only a confirmed clone is blocked by a rule. */
const highestBy: Readonly<Record<Reason, IsolationLevel>> = { 'clone-suspected': 1, risk: 3, 'clone-confirmed': 4 };

/** Longest time of an order by its level: an order is always timed, but for the revocation, which a key ends. */
const longest: Readonly<Record<IsolationLevel, Duration | undefined>> = {
  0: undefined,
  1: days(30),
  2: days(30),
  3: days(90),
  4: days(90),
  5: undefined,
};
/** A rule's order lasts until somebody has had time to look at it. */
const longestByRule: Duration = hours(24);

function refusalOf({ level, by }: OrderRequest, { current }: Reach): Refusal | undefined {
  if (level === 0 && current === 0) return { code: 'request/conflict', why: 'the device is not isolated' };
  if (by.kind === 'rule') {
    if (level < current) return { code: 'request/conflict', why: 'a rule does not lower a level' };
    const most = highestBy[by.reason];
    return level > most
      ? { code: 'isolate/guard', why: `a rule goes to level ${most} at most for ${by.reason}` }
      : undefined;
  }
  const most = highestOf[by.role];
  // Lowering undoes somebody's order: it takes the right to have given it.
  const needed = Math.max(level, level < current ? current : 0);
  return needed > most ? { code: 'auth/forbidden', why: `${by.role} orders up to level ${most}` } : undefined;
}

/** Whether the second person counts: another one, who might have given the order alone were it smaller. */
const isSecond = ({ by, second, level }: OrderRequest): boolean =>
  second !== undefined && second.id !== by.id && highestOf[second.role] >= level;

/** End of an order: as asked, within the longest time of its level; undefined: none. */
function endOf({ level, by, until }: OrderRequest, at: Instant): Result<Instant | undefined, Refusal> {
  const most = by.kind === 'rule' ? longestByRule : longest[level];
  const end = most === undefined ? undefined : later(at, most);
  if (until === undefined) return ok(end);
  if (level === 0 || until <= at) return err({ code: 'request/invalid', why: 'an order ends in the future' });
  if (end === undefined || until <= end) return ok(until);
  return err({ code: 'request/invalid', why: `an order of level ${level} ends by ${iso(end)}` });
}

/**
 * Decides an isolation order (A3.6.2). Levels are those of `protocol/ladder.ts`, each with less rights than the one
 * below. Past the guard a person needs a second one; a rule stops and asks.
 */
export function decideOrder(request: OrderRequest, reach: Reach, at: Instant): Result<Order, Refusal> {
  const { level, by, second } = request;
  const refusal = refusalOf(request, reach);
  if (refusal !== undefined) return err(refusal);
  const guarded = level > 0 && isPastGuard(reach);
  if (guarded && (by.kind === 'rule' || !isSecond(request))) {
    const why = `${reach.devices} of ${reach.active} active devices are more than one decides on`;
    return err({ code: 'isolate/guard', why });
  }
  const end = endOf(request, at);
  if (!end.ok) return end;
  const timed = end.value === undefined ? {} : { until: end.value };
  return ok({ level, by: by.id, ...(guarded && second !== undefined ? { second: second.id } : {}), ...timed });
}

/** Level that open orders together put in force: the highest; one past its time counts no more. */
export function levelOf(
  orders: readonly { readonly level: IsolationLevel; readonly until?: Instant; readonly endedAt?: Instant }[],
  at: Instant,
): IsolationLevel {
  let level: IsolationLevel = 0;
  for (const order of orders) {
    const open = order.endedAt === undefined && (order.until === undefined || at < order.until);
    if (open && order.level > level) level = order.level;
  }
  return level;
}
