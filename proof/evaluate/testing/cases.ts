import type { Overrides, SubDutyId } from '@pactgate/agreement';
import type { AgreementFacts, Status } from '../types.ts';
import { explain } from '../why.ts';
import { openScenario, type Scenario } from './scenario.ts';
import { good } from './story.ts';

/** One boundary of one row: all was good, something happens, and this is the judgement. */
export interface Case {
  readonly row: SubDutyId;
  readonly name: string;
  readonly after: (s: Scenario) => void;
  readonly want: Status;
  /** A subject that has the status wanted. */
  readonly subject?: string;
  /** Breach code of the worst subject, and who owes it. */
  readonly code?: string;
  readonly owner?: 'A' | 'B';
  /** What the worst subject's reason says in English. */
  readonly says?: RegExp;
  readonly params?: Overrides;
  readonly facts?: Partial<AgreementFacts>;
}

/** What came of a case, in the shape of its expectations: the caller compares the two. */
export function play(one: Case): { readonly got: object; readonly want: object; readonly words: string } {
  const s = good(openScenario(one.params, one.facts));
  one.after(s);
  const judgement = s.judge(one.row);
  const [worst] = judgement.subjects;
  const { want, subject, code, owner } = one;
  const all = {
    want: judgement.status,
    subject: subject !== undefined && s.of(one.row, subject).status === want ? subject : '',
    code: worst?.code,
    owner: worst?.owner ?? 'A',
  };
  const expected = Object.entries({ want, subject, code, owner }).filter(([, value]) => value !== undefined);
  return {
    got: Object.fromEntries(expected.map(([name]) => [name, all[name as keyof typeof all]])),
    want: Object.fromEntries(expected),
    words: worst === undefined ? '' : explain(worst.why).en,
  };
}
