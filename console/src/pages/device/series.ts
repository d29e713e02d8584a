import type { Answer, Ask } from '../../app/api.ts';
import type { ChartOption } from '../../parts/echarts.ts';

export type Points = Answer<'series'>['points'];
type Step = NonNullable<NonNullable<Ask<'series'>['query']>['step']>;

export const ranges = ['1h', '24h', '7d', '30d'] as const;
export type RangeName = (typeof ranges)[number];
const hour = 3_600_000;
const lengths: Readonly<Record<RangeName, number>> = {
  '1h': hour,
  '24h': 24 * hour,
  '7d': 168 * hour,
  '30d': 720 * hour,
};
/** Coarse enough that no chart has more than about two thousand points. */
const steps: Readonly<Record<RangeName, Step>> = { '1h': 'raw', '24h': '5m', '7d': '5m', '30d': '1h' };

export interface Window {
  readonly from: number;
  readonly step: Step;
}
/** Where a range begins, on a whole minute so that the next refresh asks the same question. */
export const windowOf = (range: RangeName, now: number): Window => ({
  from: Math.floor((now - lengths[range]) / 60_000) * 60_000,
  step: steps[range],
});

export interface Extremes {
  readonly min: number;
  readonly max: number;
}
export function extremes(points: Points): Extremes | undefined {
  if (points.length === 0) return undefined;
  return points.reduce<Extremes>(
    ({ min, max }, point) => ({ min: Math.min(min, point.min), max: Math.max(max, point.max) }),
    { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY },
  );
}

/** A length without points this many times the usual distance is a gap: a line over it would be an invention. */
const gapFactor = 6;
/** Distances looked at to know the usual one. */
const sampled = 200;

/** Points with an empty one wherever the device was silent. */
export function withGaps(points: Points): readonly (Points[number] | { readonly at: number })[] {
  const distances = points
    .slice(1, sampled)
    .map(({ at }, i) => at - (points[i]?.at ?? at))
    .toSorted((a, b) => a - b);
  const usual = distances[Math.floor(distances.length / 2)] ?? 0;
  return points.flatMap((point, i) => {
    const before = points[i - 1];
    if (before === undefined || usual === 0 || point.at - before.at <= usual * gapFactor) return [point];
    return [{ at: before.at + usual }, point];
  });
}

export interface SeriesWords {
  readonly mean: string;
  readonly band: string;
  readonly unit: string | undefined;
}

const slider = {
  type: 'slider',
  height: 18,
  bottom: 8,
  borderColor: '#e1e8e5',
  fillerColor: 'rgba(11, 92, 74, 0.10)',
  dataBackground: { lineStyle: { color: '#9cc7b7' }, areaStyle: { color: '#e3f0eb' } },
  selectedDataBackground: { lineStyle: { color: '#5fa48e' }, areaStyle: { color: '#cfe5dc' } },
  handleStyle: { color: '#ffffff', borderColor: '#7fa99a' },
  moveHandleSize: 0,
} as const;

/** A line of means; where a point stands for several values, a band from the smallest to the largest behind it. */
export function chartOf(points: Points, words: SeriesWords): ChartOption {
  const gapped = withGaps(points);
  const banded = points.some(({ count }) => count > 1);
  const line = gapped.map((point) => [point.at, 'mean' in point ? point.mean : null]);
  const low = gapped.map((point) => [point.at, 'min' in point ? point.min : null]);
  const height = gapped.map((point) => [point.at, 'min' in point ? point.max - point.min : null]);
  const quiet = { type: 'line', stack: 'band', symbol: 'none', silent: true, lineStyle: { opacity: 0 } } as const;
  return {
    animation: false,
    grid: { left: 8, right: 16, top: 30, bottom: 44, containLabel: true },
    tooltip: { trigger: 'axis' },
    xAxis: { type: 'time', axisLine: { lineStyle: { color: '#c9d3cf' } } },
    yAxis: {
      type: 'value',
      scale: true,
      splitLine: { lineStyle: { color: '#eef2f0' } },
      ...(words.unit === undefined ? {} : { name: words.unit, nameTextStyle: { align: 'left' } }),
    },
    dataZoom: [{ type: 'inside' }, slider],
    series: [
      // The library stacks the height on the low line, which makes the band.
      ...(banded
        ? [
            { ...quiet, name: 'low', data: low, tooltip: { show: false }, stackStrategy: 'all' as const },
            {
              ...quiet,
              name: words.band,
              data: height,
              tooltip: { show: false },
              stackStrategy: 'all' as const,
              areaStyle: { color: '#0b5c4a', opacity: 0.13 },
            },
          ]
        : []),
      {
        type: 'line',
        name: words.mean,
        data: line,
        showSymbol: points.length < 80,
        symbolSize: 4,
        lineStyle: { width: 1.6 },
        itemStyle: { color: '#0b5c4a' },
        connectNulls: false,
        ...(banded ? {} : { areaStyle: { color: '#0b5c4a', opacity: 0.08 } }),
      },
    ],
  };
}
