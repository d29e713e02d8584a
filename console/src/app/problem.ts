import { type Locale, Problem, problemRow } from '@pactgate/protocol';

export interface ShownProblem {
  readonly title: string;
  /** The public code, to quote to an operator; absent where the platform did not answer. */
  readonly code?: string;
  readonly detail: string;
  readonly next: string;
}

/** What a person is told of an error: the platform's own words, or that the platform cannot be reached. */
export function showProblem(error: unknown, locale: Locale): ShownProblem {
  if (error instanceof Problem) {
    const { title, next } = problemRow(error.code);
    return { title: title[locale], code: error.code, detail: error.detail, next: next[locale] };
  }
  const zh = locale === 'zh';
  return {
    title: zh ? '无法连接平台' : 'The platform cannot be reached',
    detail: error instanceof Error ? error.message : '',
    next: zh ? '请检查网络后重试。' : 'Check the network and try again.',
  };
}

const isCode = (error: unknown, code: string): boolean => error instanceof Problem && error.code === code;
export const isSignedOut = (error: unknown): boolean => isCode(error, 'auth/required');
/** The session ended or owes its second factor: ask anew who is signed in. */
export const isAboutMe = (error: unknown): boolean => isSignedOut(error) || isCode(error, 'auth/second-factor');
