import type { Locale } from '@pactgate/protocol';
import { BarChart, type BarSeriesOption, LineChart, type LineSeriesOption } from 'echarts/charts';
import {
  DataZoomComponent,
  type DataZoomComponentOption,
  GridComponent,
  type GridComponentOption,
  LegendComponent,
  type LegendComponentOption,
  TooltipComponent,
  type TooltipComponentOption,
} from 'echarts/components';
import { type ComposeOption, init, use as useParts } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

useParts([BarChart, LineChart, DataZoomComponent, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

/** What our charts are made of; nothing else of the library is bundled. */
export type ChartOption = ComposeOption<
  | BarSeriesOption
  | LineSeriesOption
  | DataZoomComponentOption
  | GridComponentOption
  | LegendComponentOption
  | TooltipComponentOption
>;
export interface ChartView {
  show(option: ChartOption): void;
  resize(): void;
  dispose(): void;
}

/** Opens a chart in an element that has its height already. */
export function openChart(element: HTMLElement, locale: Locale): ChartView {
  const chart = init(element, undefined, { renderer: 'canvas', locale: locale === 'zh' ? 'ZH' : 'EN' });
  return {
    show: (option) => chart.setOption(option, { notMerge: true, lazyUpdate: true }),
    resize: () => chart.resize(),
    dispose: () => chart.dispose(),
  };
}
