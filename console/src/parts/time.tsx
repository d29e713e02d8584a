import { Tooltip } from 'antd';
import { type ReactElement, useSyncExternalStore } from 'react';
import { nothing, showAge, showExact, showTime } from '../app/format.ts';
import { useWords } from '../app/i18n.ts';

const tickMs = 5_000;
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for the page: a hundred ages in a list are one timer. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) now = Date.now();
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, tickMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The clock of the page, ticking slowly: ages stay true without a render each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

interface MomentProps {
  readonly at: number | undefined;
  /** Say how long ago instead of when. */
  readonly age?: boolean;
}

/** A moment in the reader's zone; machine-readable for assistive tools, exact to the millisecond in the tooltip. */
export function Moment({ at, age = false }: MomentProps): ReactElement {
  if (at === undefined) return <span className="quiet">{nothing}</span>;
  return age ? <Age at={at} /> : <Exact at={at} text={undefined} />;
}

function Age({ at }: { readonly at: number }): ReactElement {
  const { locale } = useWords();
  return <Exact at={at} text={showAge(at, useNow(), locale)} />;
}

function Exact({ at, text }: { readonly at: number; readonly text: string | undefined }): ReactElement {
  const { locale } = useWords();
  return (
    <Tooltip title={showExact(at, locale)}>
      <time className="moment" dateTime={new Date(at).toISOString()}>
        {text ?? showTime(at, locale)}
      </time>
    </Tooltip>
  );
}
