import type { ProblemCode } from '@pactgate/protocol';
import type { Instant } from '../kernel/time.ts';
import type { Transact } from '../kernel/transact.ts';
import type { NewRecord } from '../parties/record.ts';
import type { RefusalRow, SessionStore } from './ports.ts';
import type { Recorder } from './recorder.ts';

/** A refusal of a known device. */
export interface Refused {
  readonly agreement: string;
  readonly device: string;
  readonly code: ProblemCode;
  readonly action: string;
  readonly resource: string;
  readonly policies: readonly string[];
  readonly at: Instant;
  /** Its record; `n` is set here when equal refusals are summed up. */
  readonly record: NewRecord;
}

export interface RefusalParts<Tx> {
  readonly store: Pick<SessionStore<Tx>, 'refuse'>;
  readonly recorder: Recorder<Tx>;
  readonly transact: Transact<Tx>;
  readonly failed: (error: unknown) => void;
}

interface Pending {
  readonly first: Refused;
  last: Instant;
  count: number;
}

/**
 * Refusals on their way to the device's page and to the ledger. Each is one record while they are few; equal ones of
 * one flush beyond {@link singly} are one record with a count, so that a device that floods cannot flood the ledger.
 */
export interface Refusals {
  add(refused: Refused): void;
  /** Writes what waits; resolves when everything added before the call is durable. One transaction at a time. */
  flush(): Promise<void>;
  readonly waiting: number;
}

/** Equal refusals of one flush that get a record each. */
export const singly = 20;
/** Different refusals that wait for a flush; beyond it the oldest kind is written under the code of its device alone. */
const most = 10_000;

export function makeRefusals<Tx>(parts: RefusalParts<Tx>): Refusals {
  let pending = new Map<string, Pending>();
  let tail: Promise<void> = Promise.resolve();
  const flushOnce = async (): Promise<void> => {
    const batch = [...pending.values()];
    pending = new Map();
    if (batch.length === 0) return;
    await parts.transact(async (tx) => {
      await parts.store.refuse(tx, batch.map(toRow));
      await parts.recorder.recordIn(tx, batch.flatMap(toRecords));
    });
  };
  return {
    add: (refused) => {
      const resource = pending.size < most ? refused.resource : '*';
      const key = `${refused.agreement} ${refused.device} ${refused.code} ${resource}`;
      const known = pending.get(key);
      if (known) {
        known.count++;
        known.last = refused.at;
      } else pending.set(key, { first: { ...refused, resource }, last: refused.at, count: 1 });
    },
    flush: () => {
      const done = tail.then(flushOnce);
      tail = done.catch(parts.failed);
      return done;
    },
    get waiting() {
      return pending.size;
    },
  };
}

const toRow = ({ first, last, count }: Pending): RefusalRow => ({
  agreement: first.agreement,
  device: first.device,
  code: first.code,
  action: first.action,
  resource: first.resource,
  policies: first.policies,
  first: first.at,
  last,
  count,
});

function toRecords({ first, count }: Pending): readonly NewRecord[] {
  const alone = Array.from({ length: Math.min(count, singly) }, () => first.record);
  return count > singly ? [...alone, { ...first.record, n: count - singly }] : alone;
}
