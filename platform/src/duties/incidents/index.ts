export { duty } from './duty.ts';
export {
  type Actor,
  closeIncident,
  confirmIncident,
  containIncident,
  type Incident,
  type IncidentState,
  type IncidentStep,
  joinIncident,
  openIncident,
} from './incident.ts';
export {
  decideOrder,
  isPastGuard,
  levelOf,
  type Order,
  type Orderer,
  type OrderRequest,
  type Reach,
  type Refusal,
} from './isolation.ts';
export {
  type ConnectFacts,
  opensIncident,
  overflowOf,
  parseReport,
  type ReportTimes,
  receiptOf,
  reportRecord,
  timesOf,
} from './report.ts';
export {
  contiguousOf,
  type Earlier,
  judgeSequence,
  type Numbered,
  noReports,
  type Sequence,
  type SequenceVerdict,
} from './sequence.ts';
