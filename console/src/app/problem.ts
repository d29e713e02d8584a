import { type Locale, Problem, problemRow } from '@pactgate/protocol';

export interface ShownProblem {
  readonly title: string;
  /** The public code, to quote to an operator; absent where the platform did not answer. */
  readonly code?: string;
  /** Technical, in English: where the title in the reader's language does not say it all. */
  readonly detail?: string;
  readonly next: string;
}

/** Codes whose detail says to an operator what the title says to everybody. */
const saidByTitle = /^auth\/(?:failed|forbidden|link-invalid|password-[a-z]+|required|second-factor)$|\/not-found$/;
const detailOf = (text: string): Pick<ShownProblem, 'detail'> => (text === '' ? {} : { detail: text });

/** What a person is told of an error: the platform's own words, or that the platform cannot be reached. */
export function showProblem(error: unknown, locale: Locale): ShownProblem {
  if (error instanceof Problem) {
    const { code, detail } = error;
    const { title, next } = problemRow(code);
    return {
      title: title[locale],
      code,
      ...detailOf(saidByTitle.test(code) ? '' : detail),
      next: next[locale],
    };
  }
  const zh = locale === 'zh';
  return {
    title: zh ? '无法连接平台' : 'The platform cannot be reached',
    ...detailOf(error instanceof Error ? error.message : ''),
    next: zh ? '请检查网络后重试。' : 'Check the network and try again.',
  };
}

const isCode = (error: unknown, code: string): boolean => error instanceof Problem && error.code === code;
export const isSignedOut = (error: unknown): boolean => isCode(error, 'auth/required');
/** The session ended or owes its second factor: ask anew who is signed in. */
export const isAboutMe = (error: unknown): boolean => isSignedOut(error) || isCode(error, 'auth/second-factor');
