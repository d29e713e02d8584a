import { Tooltip } from 'antd';
import { type ReactElement, useEffect, useState } from 'react';
import { useWords } from '../app/i18n.ts';
import { showAge, showTime } from '../app/locale.ts';

/** The clock of the page, ticking slowly: ages stay true without a render each second. */
export function useNow(everyMs = 10_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** A moment in the reader's zone; machine-readable for assistive tools. */
export function Moment({ at, age = false }: { readonly at: number | undefined; readonly age?: boolean }): ReactElement {
  const { locale } = useWords();
  const now = useNow();
  if (at === undefined) return <span>—</span>;
  const exact = showTime(at, locale);
  const iso = new Date(at).toISOString();
  if (!age) return <time dateTime={iso}>{exact}</time>;
  return (
    <Tooltip title={exact}>
      <time dateTime={iso}>{showAge(at, now, locale)}</time>
    </Tooltip>
  );
}
