/** Something with a deadline, linked into a slot of the wheel; at most one deadline at a time. */
export abstract class Timed {
  /** Tick at which {@link due} is called; -1 when not scheduled. */
  tick = -1;
  before: Timed | undefined = undefined;
  after: Timed | undefined = undefined;

  /** The deadline passed; the item is out of the wheel and may be scheduled again. */
  abstract due(now: number): void;
}

const slots = 2_048;

/**
 * One timer for all connections: slots of one tick, deadlines rounded up to the next tick. Scheduling, moving and
 * removing are constant time; an item more than a turn away is passed over once a turn.
 */
export class TimerWheel {
  readonly tickMs: number;
  private readonly heads: (Timed | undefined)[] = Array.from({ length: slots }, () => undefined);
  private current: number;

  constructor(tickMs: number, now: number) {
    this.tickMs = tickMs;
    this.current = Math.floor(now / tickMs);
  }

  /** Calls `item.due` at the first tick not before `at` (milliseconds), at the earliest the next. */
  schedule(item: Timed, at: number): void {
    this.cancel(item);
    item.tick = Math.max(this.current + 1, Math.ceil(at / this.tickMs));
    const slot = item.tick % slots;
    const head = this.heads[slot];
    item.after = head;
    if (head) head.before = item;
    this.heads[slot] = item;
  }

  cancel(item: Timed): void {
    if (item.tick === -1) return;
    if (item.before) item.before.after = item.after;
    else this.heads[item.tick % slots] = item.after;
    if (item.after) item.after.before = item.before;
    item.tick = -1;
    item.before = undefined;
    item.after = undefined;
  }

  /** Runs everything due up to `now`. A clock that jumps ahead costs one turn at most; one that runs back costs nothing. */
  advance(now: number): void {
    const target = Math.floor(now / this.tickMs);
    if (target <= this.current) return;
    const turn = Math.min(target - this.current, slots);
    const from = target - turn;
    this.current = target;
    for (let tick = from + 1; tick <= target; tick++) this.run(tick % slots, target, now);
  }

  private run(slot: number, target: number, now: number): void {
    const ready: Timed[] = [];
    for (let item = this.heads[slot]; item; item = item.after) if (item.tick <= target) ready.push(item);
    for (const item of ready) {
      if (item.tick === -1 || item.tick > target) continue; // an earlier one cancelled or moved it
      this.cancel(item);
      item.due(now);
    }
  }
}
