export { CborError, type CborMap, type CborValue, decodeCbor } from './cbor.ts';
export { type CompiledChannel, type CompiledField, type CompiledManifest, compileManifest } from './compile.ts';
export { MessageCounters, ModelCounter, type ValidateRecord } from './counters.ts';
export { duty } from './duty.ts';
export { csvHeader, csvRow, type ExportRow, exportColumns, jsonRow } from './export.ts';
export { Keyring } from './keys.ts';
export {
  checkManifest,
  type ManifestCheck,
  type ManifestContext,
  type ManifestFault,
  untaggedFields,
} from './manifest.ts';
export {
  bodyVersion,
  type ChannelView,
  isClearFor,
  type ShownValue,
  type StoredRow,
  type ViewColumn,
  viewFor,
} from './mask.ts';
export { MessageWriter } from './message-writer.ts';
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
export { type DataKey, openSealed, type SealPlace, samplePlace, seal, sealOverhead } from './seal.ts';
export type { KeyScope, KeyVault, SealCrypto, WrappedKey } from './seal-port.ts';
export { countForeign, minimise, missingField, type UplinkRefusal } from './uplink.ts';
