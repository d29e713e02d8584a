export { acceptCosignature } from './cosignatures.ts';
export { type FsckResult, fsck } from './fsck.ts';
export { storedHashes } from './hashes.ts';
export type { Bound } from './leaves.ts';
export type {
  HighWater,
  HighWaterFile,
  LedgerRecord,
  LedgerStore,
  LogEntry,
  LogKind,
  OutboxRow,
  StoredCheckpoint,
} from './ports.ts';
export { maxBatch } from './ports.ts';
export { adoptServed, checkAtStart, type Refusal } from './recovery.ts';
export { openSequencer, type Sequenced, type Sequencer } from './sequencer.ts';
export { publish } from './signer.ts';
