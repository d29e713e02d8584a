import { ProofError } from '@pactgate/proof';
import { type Locale, Problem, type ProblemCode, problemRow, type Texts } from '@pactgate/protocol';
import { exitCodes } from './exit-codes.ts';
import { both } from './language.ts';

/** Why the program itself says no; what the platform refuses is a `Problem`. */
export type FailureKind = 'usage' | 'refused' | 'unavailable';

export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  readonly what: Texts;
  readonly next: Texts | undefined;

  /**
   * @param what the cause, in words
   * @param next what to do about it
   */
  constructor(kind: FailureKind, what: Texts, next?: Texts, options?: ErrorOptions) {
    super(what.en, options);
    this.kind = kind;
    this.what = what;
    this.next = next;
  }
}

/** An error as a person and a program read it. */
export interface Explained {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly next: string;
  readonly exitCode: number;
}

const titles: Readonly<Record<FailureKind, Texts>> = {
  usage: both('用法错误', 'Wrong usage'),
  refused: both('检查未通过，未执行', 'A check failed, nothing was done'),
  unavailable: both('所需的服务或文件不可用', 'Something needed is not available'),
};
const usageNext = both('请用 --help 查看用法。', 'See --help.');
const bug = {
  title: both('程序内部错误', 'Something went wrong in this program'),
  next: both(
    '请带上此信息报告问题；设置 PACTGATE_TRACE=1 可显示调用栈。',
    'Please report this; PACTGATE_TRACE=1 shows the stack.',
  ),
};
const proof = {
  title: both('证明或签名不成立', 'A proof or signature does not hold'),
  next: both('请勿信任该内容；保存它并联系对方。', 'Do not believe this content; keep it and ask the other party.'),
};

const exitOfKind: Readonly<Record<FailureKind, number>> = {
  usage: exitCodes.usage,
  refused: exitCodes.refused,
  unavailable: exitCodes.unavailable,
};
const exitOfProblem: ReadonlyMap<ProblemCode, number> = new Map<ProblemCode, number>([
  ['internal', exitCodes.internal],
  ['gate/busy', exitCodes.unavailable],
  ['request/unavailable', exitCodes.unavailable],
  ['request/timeout', exitCodes.unavailable],
  ['store/full', exitCodes.unavailable],
]);

/** What any thrown value means, in one language, with its exit code. */
export function explain(error: unknown, locale: Locale): Explained {
  if (error instanceof Problem) {
    const { title, next } = problemRow(error.code);
    const exitCode = exitOfProblem.get(error.code) ?? exitCodes.refused;
    return { code: error.code, title: title[locale], detail: error.detail, next: next[locale], exitCode };
  }
  if (error instanceof Failure) {
    const next = error.next ?? (error.kind === 'usage' ? usageNext : both('', ''));
    const exitCode = exitOfKind[error.kind];
    const code = `cli/${error.kind}`;
    return { code, title: titles[error.kind][locale], detail: error.what[locale], next: next[locale], exitCode };
  }
  if (error instanceof ProofError) {
    const code = `proof/${error.code}`;
    return {
      code,
      title: proof.title[locale],
      detail: error.detail,
      next: proof.next[locale],
      exitCode: exitCodes.refused,
    };
  }
  const detail = error instanceof Error ? error.message : String(error);
  return {
    code: 'cli/internal',
    title: bug.title[locale],
    detail,
    next: bug.next[locale],
    exitCode: exitCodes.internal,
  };
}
