import { Button, Segmented, Select } from 'antd';
import { type ReactElement, useMemo, useState } from 'react';
import { liveMs } from '../../app/bounds.ts';
import { showValue } from '../../app/format.ts';
import { useWords } from '../../app/i18n.ts';
import { useAsk } from '../../app/query.ts';
import { Chart } from '../../parts/chart.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Panel } from '../../parts/page.tsx';
import { Load, Nothing } from '../../parts/states.tsx';
import { useNow } from '../../parts/time.tsx';
import { DataRows } from './data-rows.tsx';
import type { Device, DeviceKey, TabProps } from './device-page.tsx';
import { DroppedNote } from './dropped-note.tsx';
import { chartOf, extremes, type Points, type RangeName, ranges, windowOf } from './series.ts';

export type Channel = Device['channels'][number];
const isNumber = (type: string): boolean => type === 'number' || type === 'integer';

/** What the device sends: curves of the numbers the role may see, and the newest messages. */
export function DataTab({ at, device }: TabProps): ReactElement {
  const { w } = useWords();
  const [chosen, setChosen] = useState<string>();
  const channel = device.channels.find((each) => each.channel === chosen) ?? device.channels[0];
  const [range, setRange] = useState<RangeName>('1h');
  if (channel === undefined)
    return (
      <Panel>
        <Nothing text={w('data.noChannels')} />
      </Panel>
    );
  return (
    <>
      <div className="filters">
        {device.channels.length > 1 && (
          <Select
            style={{ minWidth: 160 }}
            aria-label={w('data.channel')}
            value={channel.channel}
            onChange={setChosen}
            options={device.channels.map((each) => ({ value: each.channel, label: each.channel }))}
          />
        )}
        <Segmented
          aria-label={w('data.range')}
          value={range}
          onChange={setRange}
          options={ranges.map((each) => ({ value: each, label: w(`data.range.${each}`) }))}
        />
        <Exports at={at} channel={channel.channel} range={range} />
      </div>
      <DroppedNote model={device.summary.model} />
      <Curves key={channel.channel} at={at} channel={channel} range={range} />
      <DataRows key={`rows ${channel.channel}`} at={at} channel={channel} range={range} />
    </>
  );
}

interface PartProps {
  readonly at: DeviceKey;
  readonly channel: Channel;
  readonly range: RangeName;
}

function Exports({ at, channel, range }: Omit<PartProps, 'channel'> & { readonly channel: string }): ReactElement {
  const { w } = useWords();
  const { from } = windowOf(range, useNow());
  const address = (format: string): string =>
    `/api/v1/agreements/${at.agreement}/devices/${at.device}/telemetry/export?${new URLSearchParams({ channel, format, from: String(from) })}`;
  const icon = <Icon name="download" />;
  return (
    <span className="row end">
      <Button href={address('csv')} download icon={icon}>
        {w('data.export')}
      </Button>
      <Button href={address('json')} download icon={icon}>
        {w('data.exportJson')}
      </Button>
    </span>
  );
}

function Curves({ at, channel, range }: PartProps): ReactElement {
  const { w } = useWords();
  const fields = channel.fields.filter(({ type, visible }) => visible && isNumber(type));
  const [chosen, setChosen] = useState<string>();
  const field = fields.find(({ path }) => path === chosen) ?? fields[0];
  if (field === undefined)
    return (
      <Panel title={w('data.chart')}>
        <Nothing text={w('data.noNumbers')} />
      </Panel>
    );
  return (
    <Panel
      title={w('data.chart')}
      extra={
        <Select
          size="small"
          style={{ minWidth: 180 }}
          aria-label={w('data.field')}
          value={field.path}
          onChange={setChosen}
          options={fields.map(({ path, unit }) => ({ value: path, label: unit ? `${path} (${unit})` : path }))}
        />
      }
    >
      <Curve at={at} channel={channel.channel} field={field.path} range={range} />
    </Panel>
  );
}

interface CurveProps {
  readonly at: DeviceKey;
  readonly channel: string;
  readonly field: string;
  readonly range: RangeName;
}

function Curve({ at, channel, field, range }: CurveProps): ReactElement {
  const { w } = useWords();
  const { from, step } = windowOf(range, useNow());
  const series = useAsk(
    'series',
    { params: { ...at }, query: { channel, field, from, step } },
    { every: liveMs, keep: true },
  );
  return (
    <Load query={series} empty={({ points }) => points.length === 0} emptyText={w('data.noPoints')}>
      {({ points, unit }) => <Drawn points={points} unit={unit} field={field} />}
    </Load>
  );
}

interface DrawnProps {
  readonly points: Points;
  readonly unit: string | undefined;
  readonly field: string;
}

function Drawn({ points, unit, field }: DrawnProps): ReactElement {
  const { w, locale } = useWords();
  const option = useMemo(
    () => chartOf(points, { mean: w('data.mean'), band: w('data.band'), unit }),
    [points, unit, locale],
  );
  const ends = extremes(points);
  const values = { min: showValue(ends?.min, locale), max: showValue(ends?.max, locale) };
  return (
    <>
      <Chart option={option} height={280} label={w('data.chartLabel', { field, n: points.length, ...values })} />
      <p className="quiet">{w('data.chartLabel', { field, n: points.length, ...values })}</p>
    </>
  );
}
