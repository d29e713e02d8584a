import { type ReactElement, useEffect, useRef, useState } from 'react';
import { useWords } from '../app/i18n.ts';
import type { ChartOption, ChartView } from './echarts.ts';

interface ChartProps {
  readonly option: ChartOption;
  readonly height: number;
  /** What the chart shows, in words: a screen reader hears this instead. Put the numbers in a table beside it. */
  readonly label: string;
}

/** A chart; the library that draws it is loaded when the first one is shown. */
export function Chart({ option, height, label }: ChartProps): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<ChartView>();
  const [failed, setFailed] = useState(false);
  const { locale, w } = useWords();

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    let gone = false;
    let made: ChartView | undefined;
    const observer = new ResizeObserver(() => made?.resize());
    const open = async (): Promise<void> => {
      try {
        const { openChart } = await import('./echarts.ts');
        if (gone) return;
        made = openChart(element, locale);
        observer.observe(element);
        setView(made);
      } catch {
        setFailed(true); // the numbers are in the table beside it
      }
    };
    void open();
    return () => {
      gone = true;
      observer.disconnect();
      made?.dispose();
      setView(undefined);
    };
  }, [locale]);

  useEffect(() => {
    view?.show(option);
  }, [view, option]);

  return (
    <div className="chart" role="img" aria-label={label}>
      <div ref={box} style={{ height }} />
      {failed && <p className="quiet">{w('common.chartFailed')}</p>}
    </div>
  );
}
