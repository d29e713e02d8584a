export { documentTypes } from './documents.ts';
export {
  highestLevelOf,
  type IsolationLevel,
  type IsolationName,
  isolationLevels,
  isPermittedAt,
  type LadderKind,
} from './ladder.ts';
export {
  type Consumer,
  consumers,
  type DataClass,
  DataManifest,
  dataClasses,
  durationMs,
  type FieldType,
  fieldTypes,
  type Grade,
  gradeIndex,
  gradeOf,
  grades,
  isSealed,
  ManifestChannel,
  ManifestField,
  maxFields,
  sealedFrom,
  Transform,
} from './manifest.ts';
export {
  CommandMessage,
  CommandResult,
  EmptyMessage,
  isMessage,
  maxControlOctets,
  NoticeMessage,
  OverflowDetail,
  PortsMessage,
  type ReportType,
  reportTypes,
  SecurityReport,
  SelftestMessage,
  StateMessage,
  VersionMessage,
} from './messages.ts';
export {
  ModelFile,
  ModelFirmware,
  ModelInterface,
  ModelThreat,
  type TamperClass,
  tamperClasses,
} from './model-file.ts';
export type { ProblemRow } from './problems/row.ts';
export {
  isProblemCode,
  Problem,
  type ProblemCode,
  type ProblemDocument,
  problemDocument,
  problemRow,
  problems,
} from './problems.ts';
export {
  authnProbeCases,
  type EvidenceRecord,
  isRecordBody,
  isRecordKind,
  type RecordBody,
  type RecordKind,
  recordBodies,
} from './records.ts';
export { isPlatformRole, isRole, type Role, roleNames, roles } from './roles.ts';
export { type Locale, locales, type Texts } from './texts.ts';
export {
  type DownlinkKind,
  downlinks,
  isOwnDownlinkFilter,
  parseUplinkTopic,
  type Severity,
  severities,
  topicPrefix,
  type UplinkKind,
  type UplinkRow,
  type UplinkTopic,
  uplinks,
} from './topics.ts';
export { incidentStepWords, incidentWords } from './words/incidents.ts';
export { closeReasonWords, outcomeWords, recordWords } from './words/records.ts';
