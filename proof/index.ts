export { type AgreedKeys, agreedPolicy, partyWitness } from './agreed-policy.ts';
export { type Anchors, formatAnchors, parseAnchors } from './anchors.ts';
export {
  type Bundle,
  type BundleLog,
  buildBundle,
  maxBundleLogs,
  parseBundle,
  tilesFromMap,
} from './bundle/bundle.ts';
export { gatherLog } from './bundle/gather.ts';
export { parseRecord, type RecordOpening, recordToJson } from './bundle/record.ts';
export {
  concatBytes,
  decodeBase64,
  decodeBase64Url,
  decodeHex,
  decodeUtf8,
  encodeBase64,
  encodeBase64Url,
  encodeHex,
  encodeUtf8,
  equalBytes,
} from './bytes.ts';
export {
  type Checkpoint,
  type Cosignature,
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  type VerifiedCheckpoint,
  verifyCheckpoint,
} from './checkpoint.ts';
export {
  type Concealed,
  commit,
  commitCanonical,
  concealMembers,
  disclosureDigest,
  type Revealed,
  recordSaltSize,
  revealMembers,
} from './commitment.ts';
export { cosignText, type NoteSigner, type SignBytes, signText, type UnixSeconds } from './cosign.ts';
export { type ProofCrypto, type PublicJwk, parsePublicJwk, webProofCrypto } from './crypto.ts';
export { ProofError, type ProofErrorCode } from './error.ts';
export {
  type AgreementFacts,
  ageOf,
  type BreachContext,
  type Breaches,
  type BreachKind,
  type BreachRecord,
  collectorOf,
  cureMsOf,
  departureOf,
  type Evaluation,
  editionRow,
  evaluatorId,
  evidenceOverdue,
  evidenceParam,
  explain,
  type Finding,
  factsOf,
  feed,
  foldBreach,
  gradeOfKind,
  implemented,
  isActive,
  isImplemented,
  type Judgement,
  judge,
  kindsReadBy,
  logNameOf,
  makeEvaluator,
  maxEvidence,
  maxListed,
  maxOpened,
  notImplemented,
  type OpenBreach,
  openBreaches,
  openEvaluation,
  openRecompute,
  ownerOf,
  probedLevels,
  type Recomputation,
  type Ref,
  recompute,
  rollUp,
  type Status,
  statuses,
  stepBreaches,
  type Terms,
  termsOf,
  toEvalResult,
  upToOf,
  type Why,
  type WhyArg,
  type WhyCode,
} from './evaluate/index.ts';
export { canonicalBytes, canonicalText, parseCanonical } from './jcs.ts';
export { isJsonObject, type JsonObject, type JsonValue, parseJsonOnce } from './json.ts';
export {
  claimedSigners,
  decodeJws,
  encodeJws,
  formatJws,
  type GeneralJws,
  type JwsSignature,
  jwkThumbprint,
  jwsPayload,
  parseJws,
  signJws,
  verifyJws,
} from './jws.ts';
export { encodeLeaf, type Leaf, leafTime, maxLeafSize, parseBound, parseLeaf, parseSource } from './leaf.ts';
export { appendLeaf, demandEdge, type Edge, edgeRoot, emptyEdge, type OnComplete, pushLeaf } from './merkle/edge.ts';
export { type TreeHasher, treeHasher } from './merkle/hasher.ts';
export type { NodeId } from './merkle/range.ts';
export { type HashReader, proveConsistency, proveInclusion, rootAt, rootOfLeaves } from './merkle/tree.ts';
export {
  type ConsistencyClaim,
  type InclusionClaim,
  verifyConsistency,
  verifyInclusion,
} from './merkle/verify.ts';
export { formatVkey, isKeyName, type KeyType, keyTypes, type NoteKey, noteKey, parseVkey } from './note/key.ts';
export {
  addSignatures,
  formatNote,
  formatSignatureLine,
  maxNoteSize,
  type Note,
  type NoteSignature,
  parseNote,
  parseSignatureLine,
} from './note/note.ts';
export { type VerifiedSignature, verifyNote, verifySignature } from './note/verify.ts';
export {
  evaluateQuorum,
  formatPolicy,
  type Policy,
  type PolicyGroup,
  type PolicyLog,
  type PolicyWitness,
  parsePolicy,
} from './policy.ts';
export { sha256 } from './sha256.ts';
export { decodeEntries, encodeEntries } from './tiles/entries.ts';
export {
  demandLogTree,
  emptyLogTree,
  growTree,
  type LogTree,
  partialTilesOf,
  type TileBytes,
} from './tiles/grow.ts';
export {
  entryTileOf,
  entryTilesOf,
  type LevelLayout,
  nodeInTile,
  partialTiles,
  tileAt,
  tileLayout,
} from './tiles/layout.ts';
export {
  type EntryTile,
  entriesPath,
  formatTileIndex,
  type LogPath,
  parseLogPath,
  parseTileIndex,
  type Tile,
  tilePath,
  tileWidth,
} from './tiles/path.ts';
export { type TileReader, type TreeHead, VerifiedLog } from './tiles/reader.ts';
export { formatTlogProof, parseTlogProof, type TlogProof, verifyTlogProof } from './tlog-proof.ts';
export type { SignedDocument } from './verify/agreement.ts';
export { type LiveOptions, type LivePort, type LiveVerdict, verifyLive } from './verify/live.ts';
export {
  type BundleOptions,
  type Evaluator,
  type Evidence,
  evaluationKind,
  type LogState,
  type RecomputeOutcome,
  type VerifiedRecord,
  type VerifyOptions,
} from './verify/options.ts';
export {
  type ExitCode,
  exitCodeOf,
  type Severity,
  type Step,
  steps,
  type VerifyFinding,
} from './verify/report.ts';
export { sourceStartKind } from './verify/sequences.ts';
export { type BundleVerdict, type LogSummary, verifyBundle } from './verify/verifier.ts';
export {
  type WitnessConflict,
  type WitnessInput,
  type WitnessResult,
  type WitnessState,
  witnessCheckpoint,
} from './witness.ts';
export { defaultZipLimits, readZip, writeZip, type ZipLimits } from './zip.ts';
