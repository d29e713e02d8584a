import type { Texts } from '../texts.ts';

/** What a code means: HTTP status, sub-duty it serves, and in both languages what it is and what to do next. */
export interface ProblemRow {
  readonly status: number;
  readonly duty?: string;
  readonly title: Texts;
  readonly next: Texts;
}
