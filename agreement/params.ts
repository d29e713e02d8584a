import { type CatalogueRow, catalogue, type Param, type ParamValue, type Unit } from './catalogue.ts';
import { type Fault, isRecord, maxFaults, pointer } from './schema.ts';

export type Locale = 'zh-CN' | 'en';
export const locales = ['zh-CN', 'en'] as const satisfies readonly Locale[];

/** Agreed values that differ from a row's defaults: row id, then parameter name. Absent: the default holds. */
export type Overrides = Readonly<Record<string, Readonly<Record<string, ParamValue>>>>;
/** Every parameter of one row with its agreed value. */
export type Values = Readonly<Record<string, ParamValue>>;

/** Seconds of one unit of time. A year is a calendar year; 31,556,952 is its mean in the Gregorian calendar. */
const secondsOf: Partial<Record<Unit, number>> = {
  milliseconds: 0.001,
  seconds: 1,
  minutes: 60,
  hours: 3_600,
  days: 86_400,
  years: 31_556_952,
};

const suffixes: Readonly<Record<Locale, Partial<Record<Unit, string>>>> = {
  en: {
    milliseconds: ' ms',
    seconds: ' s',
    minutes: ' min',
    hours: ' h',
    days: ' d',
    years: ' y',
    ratio: '%',
    perHour: '/h',
  },
  'zh-CN': {
    milliseconds: '毫秒',
    seconds: '秒',
    minutes: '分钟',
    hours: '小时',
    days: '天',
    years: '年',
    ratio: '%',
    perHour: '次/小时',
  },
};

/** A ratio as per cent in plain decimals: 0.3333 is 33.33, and 0.07 is 7, not 7.000000000000001. */
function toPercent(ratio: number): string {
  const percent = Number((ratio * 100).toPrecision(12));
  return percent.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 20 });
}

/** A parameter's value as people read it: `24 h` or `24小时`, `99.9%`, `10/h` or `10次/小时`, texts as they are. */
export function renderValue(param: Pick<Param, 'unit'>, value: ParamValue, locale: Locale): string {
  const text = param.unit === 'ratio' && typeof value === 'number' ? toPercent(value) : String(value);
  return text + (suffixes[locale][param.unit] ?? '');
}

/** A time in seconds in the largest unit that leaves a whole number: 86,400 is `1 d`, 5,400 is `90 min`. */
export function renderSeconds(seconds: number, locale: Locale): string {
  const unit = (['days', 'hours', 'minutes'] as const).find((name) => seconds % (secondsOf[name] ?? 1) === 0);
  const found: Unit = seconds === 0 ? 'seconds' : (unit ?? 'seconds');
  return renderValue({ unit: found }, seconds / (secondsOf[found] ?? 1), locale);
}

/** Names in braces of a template, each once, in order. */
export function placeholdersOf(template: string): readonly string[] {
  return [...new Set([...template.matchAll(/\{([a-z][A-Za-z0-9]*)\}/g)].map(([, name = '']) => name))];
}

/**
 * A criterion or deadline with its numbers filled in.
 *
 * @throws RangeError for a placeholder without parameter or value: checked editions have none
 */
export function renderTemplate(
  template: string,
  row: Pick<CatalogueRow, 'id' | 'params'>,
  values: Values,
  locale: Locale,
): string {
  return template.replaceAll(/\{([a-z][A-Za-z0-9]*)\}/g, (_all, name: string) => {
    const param = row.params.find((candidate) => candidate.name === name);
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (param === undefined || value === undefined) throw new RangeError(`${row.id} has no parameter ${name}`);
    return renderValue(param, value, locale);
  });
}

/** Seconds of a time parameter (fractions for milliseconds, the mean for years); undefined for other units. */
export function paramSeconds(param: Pick<Param, 'unit'>, value: ParamValue): number | undefined {
  const factor = secondsOf[param.unit];
  if (factor === undefined || typeof value !== 'number') return undefined;
  return param.unit === 'milliseconds' ? value / 1_000 : value * factor;
}

/** The values in force for one row: defaults with the agreed ones laid over them. */
export function valuesOf(row: Pick<CatalogueRow, 'id' | 'params'>, overrides: Overrides): Values {
  const agreed = Object.hasOwn(overrides, row.id) ? (overrides[row.id] ?? {}) : {};
  return Object.fromEntries(
    row.params.map(({ name, default: standard }) => [
      name,
      Object.hasOwn(agreed, name) ? (agreed[name] ?? standard) : standard,
    ]),
  );
}

/** Rows whose time to cure is a parameter of another name than `cure`. */
const cureParams: Readonly<Record<string, string>> = { 'B2.3.3': 'applyWithin' };

/**
 * Seconds from a breach opened to cured, by the agreed values.
 *
 * @returns null when the row's `sla` has the deadline instead
 */
export function cureSecondsOf(
  row: Pick<CatalogueRow, 'id' | 'params' | 'cureSeconds'>,
  overrides: Overrides,
): number | null {
  const name = cureParams[row.id] ?? 'cure';
  const param = row.params.find((candidate) => candidate.name === name);
  const value = valuesOf(row, overrides)[name];
  if (row.cureSeconds === null || param === undefined || value === undefined) return row.cureSeconds;
  return paramSeconds(param, value) ?? row.cureSeconds;
}

function faultOfPorts(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > 400 || !/^[1-9]\d{0,4}(,[1-9]\d{0,4})*$/.test(value)) {
    return 'must be port numbers joined by commas, without spaces or leading zeros';
  }
  const ports = value.split(',').map(Number);
  if (ports.some((port) => port > 65_535)) return 'names a port above 65535';
  return new Set(ports).size === ports.length ? undefined : 'names a port twice';
}

type Judge = (value: unknown) => string | undefined;
const orElse =
  (isFine: (value: unknown) => boolean, fault: string): Judge =>
  (value) =>
    isFine(value) ? undefined : fault;

/** The greatest number is ten years for an age or a deadline, a hundred for an archive. */
const whole = (unit: string, most: number): Judge =>
  orElse(
    (value) => typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most,
    `must be a whole number of ${unit}, 1 to ${most}`,
  );

const judges: Readonly<Record<Unit, Judge>> = {
  milliseconds: whole('milliseconds', 315_360_000_000),
  seconds: whole('seconds', 315_360_000),
  minutes: whole('minutes', 5_256_000),
  hours: whole('hours', 87_600),
  days: whole('days', 3_650),
  years: whole('years', 100),
  count: whole('things counted', 1_000_000_000),
  perHour: whole('times an hour', 1_000_000),
  ratio: orElse((value) => typeof value === 'number' && value > 0 && value <= 1, 'must be above 0 and at most 1'),
  tlsVersion: orElse((value) => value === '1.2' || value === '1.3', 'must be "1.2" or "1.3"'),
  grade: orElse((value) => typeof value === 'string' && /^S[0-3]$/.test(value), 'must be "S0", "S1", "S2" or "S3"'),
  ports: faultOfPorts,
};

/** What is wrong with a value of a unit, as a plain clause; undefined when it may be agreed. */
export function faultOfValue(unit: Unit, value: unknown): string | undefined {
  return judges[unit](value);
}

/**
 * Agreed rhythms beside the named parameters, both in seconds: `evidence.<kind>` is the greatest age of that evidence,
 * `evaluateEvery` the longest time between two judgements of the row.
 */
const isRhythm = (row: Pick<CatalogueRow, 'evidence'>, name: string): boolean =>
  name === 'evaluateEvery' || row.evidence.some(({ kind }) => name === `evidence.${kind}`);

function faultOfAgreed(row: Row, name: string, value: unknown): string | undefined {
  const param = row.params.find((candidate) => candidate.name === name);
  if (param) return faultOfValue(param.unit, value);
  return isRhythm(row, name) ? faultOfValue('seconds', value) : `${row.id} has no such parameter`;
}

type Row = Pick<CatalogueRow, 'id' | 'params' | 'evidence'>;

function faultsOfRow(row: Row, agreed: unknown): readonly Fault[] {
  const path = pointer('', row.id);
  if (!isRecord(agreed)) return [{ path, fault: 'must be an object of parameter names and values' }];
  return Object.entries(agreed)
    .slice(0, maxFaults)
    .flatMap(([name, value]) => {
      const fault = faultOfAgreed(row, name, value);
      return fault === undefined ? [] : [{ path: pointer(path, name.slice(0, 100)), fault }];
    });
}

/**
 * Every fault of agreed values from outside: unknown rows and parameters, wrong types, values out of range.
 *
 * @param rows the rows of the edition; the standard ones when left out
 * @returns at most {@link maxFaults} faults with JSON Pointers; empty when the value is an {@link Overrides}
 */
export function checkParams(overrides: unknown, rows: readonly Row[] = catalogue.rows): readonly Fault[] {
  if (!isRecord(overrides)) return [{ path: '', fault: 'must be an object of row ids' }];
  const faults = Object.entries(overrides)
    .slice(0, rows.length + maxFaults)
    .flatMap(([id, agreed]) => {
      const row = rows.find((candidate) => candidate.id === id);
      if (row === undefined)
        return [{ path: pointer('', id.slice(0, 100)), fault: 'no row of the edition has this id' }];
      return faultsOfRow(row, agreed);
    });
  return faults.slice(0, maxFaults);
}
