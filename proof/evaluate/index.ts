export {
  type BreachContext,
  type Breaches,
  type BreachKind,
  type BreachRecord,
  cureMsOf,
  evidenceOverdue,
  foldBreach,
  maxOpened,
  type OpenBreach,
  openBreaches,
  stepBreaches,
} from './breach.ts';
export { isActive } from './devices.ts';
export { makeEvaluator } from './evaluator.ts';
export { factsOf } from './facts.ts';
export { collectorOf, gradeOfKind } from './grade.ts';
export { judge, maxEvidence, ownerOf, rollUp } from './judge.ts';
export { logNameOf } from './ledger.ts';
export { openRecompute, type Recomputation, recompute } from './recompute.ts';
export { maxListed, toEvalResult, upToOf } from './result.ts';
export { probedLevels } from './rows/a3-6-2.ts';
export { evaluatorId, implemented, isImplemented, kindsReadBy, notImplemented } from './rows.ts';
export { departureOf, type Evaluation, editionRow, feed, openEvaluation } from './state.ts';
export { ageOf, evidenceParam, type Terms, termsOf } from './terms.ts';
export { type AgreementFacts, type Finding, type Judgement, type Ref, type Status, statuses } from './types.ts';
export { explain, type Why, type WhyArg, type WhyCode } from './why.ts';
