import { closeReasonWords, outcomeWords, problems, recordWords, type Texts } from '@pactgate/protocol';
import type { ReactElement } from 'react';
import { useWords } from '../app/i18n.ts';

/** Own members alone: codes come from bodies, and `constructor` is none. */
const wordOf = <T,>(table: Readonly<Record<string, T>>, code: string): T | undefined =>
  Object.hasOwn(table, code) ? table[code] : undefined;

interface CodeProps {
  readonly code: string;
}

/** A public code with what it means; alone where it has no word. */
function Said({ code, texts }: CodeProps & { readonly texts: Texts | undefined }): ReactElement {
  const { say } = useWords();
  if (texts === undefined) return <code>{code}</code>;
  return (
    <span className="said">
      {say(texts)} <code className="quiet">{code}</code>
    </span>
  );
}

/** The kind of a ledger record. */
export const KindName = ({ code }: CodeProps): ReactElement => <Said code={code} texts={wordOf(recordWords, code)} />;

/** The outcome of a ledger record. */
export const OutcomeName = ({ code }: CodeProps): ReactElement => (
  <Said code={code} texts={wordOf(outcomeWords, code)} />
);

const causeWords = (code: string): Texts | undefined => wordOf(problems, code)?.title ?? wordOf(closeReasonWords, code);
/** Whether a member of a body names a problem or a reason to close; reasons that people wrote are none. */
export const isCause = (value: unknown): value is string =>
  typeof value === 'string' && causeWords(value) !== undefined;

/** Why something was refused or ended: the title of the problem, else the reason why a session closed. */
export const CauseName = ({ code }: CodeProps): ReactElement => <Said code={code} texts={causeWords(code)} />;
