import {
  maxBody,
  maxBuckets,
  maxRange,
  type RollupQuery,
  type Sample,
  type SampleQuery,
} from '../../duties/data/index.ts';
import { stepSeconds } from './stats.ts';

const maxRef = 0xffff_ffff;
const maxPairs = 255;
const maxText = 256;

/** Throws `RangeError` for a sample the store cannot hold: before anything is taken. */
export function checkSample(sample: Sample): void {
  const { device, channel, at, received, body, sealed } = sample;
  if (!isRef(device) || !isRef(channel)) throw new RangeError('device and channel are references from ref()');
  if (!Number.isSafeInteger(at) || !Number.isSafeInteger(received)) throw new RangeError('times are safe integers');
  if (received < 0 || received > maxReceived) throw new RangeError('received is not a time of this platform');
  if (body.length > maxBody || (sealed !== undefined && sealed.length > maxBody))
    throw new RangeError(`over ${maxBody} bytes`);
  checkNumbers(sample);
}

function checkNumbers({ fields = [], values = [] }: Sample): void {
  if (fields.length !== values.length || fields.length > maxPairs)
    throw new RangeError('fields and values do not match');
  for (const field of fields) if (!isRef(field)) throw new RangeError('fields are references from ref()');
  for (const value of values) if (!Number.isFinite(value)) throw new RangeError('values are finite');
}

/** End of year 9999: a day is always ten characters. */
const maxReceived = 253_402_300_799_999;
const isRef = (n: number): boolean => Number.isInteger(n) && n > 0 && n <= maxRef;

export function checkQuery({ device, channel, from, to, limit }: SampleQuery): void {
  if (!isRef(device) || !isRef(channel)) throw new RangeError('device and channel are references from ref()');
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) throw new RangeError('times are safe integers');
  if (!Number.isInteger(limit) || limit < 1 || limit > maxRange) throw new RangeError(`limit is 1 to ${maxRange}`);
}

export function checkRollupQuery({ device, channel, field, step, from, to }: RollupQuery): void {
  if (![device, channel, field].every(isRef)) throw new RangeError('device, channel, field are references from ref()');
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) throw new RangeError('times are safe integers');
  if ((to - from) / (stepSeconds[step] * 1_000) > maxBuckets) throw new RangeError(`over ${maxBuckets} steps`);
}

export function checkRef(scope: string, name: string): void {
  for (const text of [scope, name])
    if (text.length === 0 || text.length > maxText)
      throw new RangeError(`scope and name have 1 to ${maxText} characters`);
}
