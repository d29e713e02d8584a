export {
  type Bucket,
  type Day,
  maxBody,
  maxBuckets,
  maxRange,
  type RefKind,
  type RollupQuery,
  type RollupStep,
  type Sample,
  type SampleQuery,
  type StoredSample,
  type TelemetryStore,
} from './ports.ts';
